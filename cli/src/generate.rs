//! `generate`: writes what can be listed into the documents, so that it stays true; `--check` says
//! what would change.
//!
//! Generated parts stand between `<!-- generated: NAME -->` and `<!-- end -->`, in YAML between
//! `# generated: NAME` and `# end`. Everything around them is written by hand and kept.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bridge::contract::Component;
use bridge::gateway::account::{secret_name, secret_prefix};
use bridge::gateway::lines;
use bridge::manifest::Manifest;
use bridge::manifest::expression::{FILTERS, FUNCTIONS, FilterDoc};
use bridge::manifest::model::{Checkpoint, ContactMap, MAIN_LIST, Read};

use crate::fixture::read_all;
use crate::reference;

const NOTES: &str = "<!-- Below this line everything is written by hand. -->";

/// What a run found or did.
pub struct Outcome {
    /// Files that differ (with `--check`) or were written.
    pub files: Vec<PathBuf>,
}

/// Writes or checks every generated part below `root`.
///
/// # Errors
/// A file that cannot be read or written, or a manifest that does not load.
pub fn generate(root: &Path, check: bool) -> Result<Outcome, String> {
    let manifests = manifests(root)?;
    let mut wanted = vec![
        part(root.join("README.md"), "catalogue", &catalogue(&manifests))?,
        part(root.join("CONTRIBUTING.md"), "filters", &filters())?,
        part(root.join("template.yaml"), "integrations", &integrations(&manifests))?,
        (root.join("docs/manifest.md"), reference::page()?),
        (root.join("docs/fixture.md"), reference::fixtures()),
        (root.join("docs/manifest.schema.json"), pretty(&reference::manifest_schema())),
        (root.join("docs/overlay.schema.json"), pretty(&reference::overlay_schema())),
        (root.join("docs/fixture.schema.json"), pretty(&reference::fixture_schema())),
    ];
    for (folder, manifest) in &manifests {
        wanted.push(folder_readme(folder, manifest)?);
    }
    let mut files = Vec::new();
    for (path, text) in wanted {
        if std::fs::read_to_string(&path).ok().as_ref() == Some(&text) {
            continue;
        }
        if !check {
            std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        }
        files.push(path);
    }
    Ok(Outcome { files })
}

fn manifests(root: &Path) -> Result<Vec<(PathBuf, Manifest)>, String> {
    let folder = root.join("manifests");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut folders: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(|p| p.join("manifest.yaml").is_file())
        .collect();
    folders.sort();
    folders
        .into_iter()
        .map(|folder| {
            let manifest = Manifest::read(&folder, None).map_err(|problems| lines(&problems))?;
            Ok((folder, manifest))
        })
        .collect()
}

/// The template's mapping: which integrations have a secret per account.
fn integrations(manifests: &[(PathBuf, Manifest)]) -> String {
    let mut text = String::new();
    for (folder, manifest) in manifests {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let secret = if manifest.document().credentials.is_some() { "yes" } else { "no" };
        let _ = writeln!(text, "    {name}: {{Secret: \"{secret}\"}}");
    }
    text
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// A document with one generated part replaced.
fn part(path: PathBuf, name: &str, content: &str) -> Result<(PathBuf, String), String> {
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let yaml = path.extension().is_some_and(|extension| extension == "yaml");
    let (begin, end) = if yaml {
        (format!("# generated: {name}"), "    # end")
    } else {
        (format!("<!-- generated: {name} -->"), "<!-- end -->")
    };
    let (before, rest) =
        text.split_once(&begin).ok_or_else(|| format!("{}: there is no `{begin}`", path.display()))?;
    let (_, after) = rest
        .split_once(end)
        .ok_or_else(|| format!("{}: `{begin}` has no `{}`", path.display(), end.trim()))?;
    let whole = format!("{before}{begin}\n{}\n{end}{after}", content.trim_end());
    Ok((path, whole))
}

fn catalogue(manifests: &[(PathBuf, Manifest)]) -> String {
    let mut text = String::from(
        "| CRM | manifest | validation | contacts | agents | interactions | actions |\n|---|---|---|---|---|---|---|\n",
    );
    for (folder, manifest) in manifests {
        let document = manifest.document();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let yes = |component| if manifest.offers(component) { "yes" } else { "–" };
        let types: Vec<_> = document.interactions.iter().flat_map(|i| i.types.keys().cloned()).collect();
        let _ = writeln!(
            text,
            "| {} | [`{name}`](manifests/{name}/README.md) | {} | {} | {} | {} | {} |",
            document.integration.display_name,
            yes(Component::AuthValidation),
            mode(manifest),
            yes(Component::Agents),
            or_dash(&types.join(", ")),
            or_dash(&document.actions.keys().cloned().collect::<Vec<_>>().join(", ")),
        );
    }
    text
}

/// How contacts are read, and the lists that come with them.
fn mode(manifest: &Manifest) -> String {
    let document = manifest.document();
    let mode =
        document.contacts.as_ref().and_then(|c| c.checkpoint.as_ref()).map_or("–", |c| c.mode.name());
    let further = document.contact_lists.keys().map(String::as_str);
    std::iter::once(mode).chain(further).collect::<Vec<_>>().join(", ")
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

fn filters() -> String {
    let mut text = String::from("| name | what it does | example | gives |\n|---|---|---|---|\n");
    let mut row = |doc: &FilterDoc| {
        let code = |t: &str| format!("`{}`", t.replace('|', "\\|"));
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            doc.name,
            doc.summary.replace('|', "\\|"),
            code(doc.example),
            code(doc.result)
        );
    };
    FILTERS.iter().chain(FUNCTIONS).for_each(&mut row);
    text
}

/// `manifests/<crm>/README.md`: generated above the marker, by hand below it.
fn folder_readme(folder: &Path, manifest: &Manifest) -> Result<(PathBuf, String), String> {
    let path = folder.join("README.md");
    let by_hand = std::fs::read_to_string(&path)
        .ok()
        .and_then(|text| text.split_once(NOTES).map(|(_, notes)| notes.to_owned()))
        .unwrap_or_else(|| "\n\n## Notes\n\nNone yet.\n".to_owned());
    let document = manifest.document();
    let integration = &document.integration;
    let mut text = format!("# {}\n\n{}\n\n", integration.display_name, integration.description);
    let _ = writeln!(
        text,
        "This page is made by `talkdesk-bridge generate` from `manifest.yaml` and the fixtures.\n"
    );
    credentials(&mut text, manifest);
    components(&mut text, manifest);
    let fixtures = read_all(folder)?;
    if !fixtures.is_empty() {
        let _ = writeln!(text, "## Fixtures\n\n| fixture | component | source |\n|---|---|---|");
        for (name, fixture) in &fixtures {
            let file = Path::new(name).file_name().unwrap_or_default().to_string_lossy().into_owned();
            let _ = writeln!(
                text,
                "| [{}](fixtures/{file}) | {} | {} |",
                cell(&fixture.title),
                fixture.component,
                cell(&fixture.source)
            );
        }
        text.push('\n');
    }
    Ok((path, format!("{text}{NOTES}{by_hand}")))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn credentials(text: &mut String, manifest: &Manifest) {
    let document = manifest.document();
    let integration = &document.integration;
    let kind = integration.authentication_type;
    let _ = writeln!(text, "## Credentials\n\nAuthentication type `{kind}`. Talkdesk sends:\n");
    let _ = writeln!(text, "| field of `auth` | what it is | from |\n|---|---|---|");
    for (name, field) in &integration.authentication {
        let help = field.help.as_ref().map(|h| format!(": {h}")).unwrap_or_default();
        let _ = writeln!(text, "| `{name}` | {}{} | {} |", cell(&field.display), cell(&help), field.source);
    }
    if let Some(credentials) = &document.credentials {
        let name = &integration.name;
        let prefix = secret_prefix(name, "<environment>");
        let _ = writeln!(
            text,
            "\nThe account's secret is `{}` in Secrets Manager, a JSON object:\n\n| key | what it is |\n|---|---|\n\
             | `caller_keys` | the accepted values of `{}`; several while they rotate, at least 16 characters |",
            secret_name(Some(&prefix), name, credentials.secret.source()),
            credentials.caller_key
        );
        for (name, what) in &credentials.fields {
            let optional = if credentials.optional.contains(name) { " (optional)" } else { "" };
            let _ = writeln!(text, "| `{name}`{optional} | {} |", cell(what));
        }
    }
    text.push('\n');
}

/// How one list of contacts is read.
fn list(text: &mut String, title: &str, contacts: &Read<ContactMap, Checkpoint>) {
    let Some(rules) = &contacts.checkpoint else { return };
    let _ = writeln!(
        text,
        "- {title}: mode `{}`, rows settle for {} s{}.",
        rules.mode.name(),
        rules.settle.0.as_secs(),
        if contacts.r#where.is_some() { ", some rows are filtered out" } else { "" }
    );
    if let Some(every) = rules.full_every {
        let days = every.0.as_secs() as f64 / 86_400.0;
        let _ = writeln!(
            text,
            "  Everything is read again at the latest after {days} days: nothing else shows a contact that became \
             visible without being changed (see [docs/sync.md](../../docs/sync.md))."
        );
    }
    if let Some(reason) = &rules.accept_loss {
        let _ = writeln!(text, "  **A contact can be missed**: {}", cell(reason));
    }
}

fn components(text: &mut String, manifest: &Manifest) {
    let document = manifest.document();
    let _ = writeln!(text, "## What is supported\n");
    for one in document.lists() {
        match one.name {
            MAIN_LIST => list(text, "**Contacts**", one.spec),
            name => {
                list(text, &format!("**Contacts of the list `{name}`**, ids `{}…`", one.prefix), one.spec)
            }
        }
    }
    for component in [Component::AuthValidation, Component::Agents] {
        if manifest.offers(component) {
            let name = if component == Component::Agents { "Agents" } else { "Validation of credentials" };
            let _ = writeln!(text, "- **{name}**");
        }
    }
    if let Some(interactions) = &document.interactions {
        let types: Vec<_> = interactions.types.keys().map(|t| format!("`{t}`")).collect();
        let _ = writeln!(text, "- **Interactions**: {}", types.join(", "));
    }
    for (name, action) in &document.actions {
        let inputs: Vec<_> = action
            .input
            .iter()
            .map(|(key, input)| if input.mandatory { format!("**{key}**") } else { key.clone() })
            .collect();
        let _ = writeln!(text, "- **Action `{name}`**: {} ({})", action.description, inputs.join(", "));
    }
    text.push('\n');
}
