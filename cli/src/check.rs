//! `check`: loads manifests, replays their fixtures, prints one table.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bridge::contract::Component;
use bridge::gateway::lines;
use bridge::manifest::Manifest;
use bridge::manifest::nearest;

use crate::fixture::{folder_of, read_all};
use crate::replay::play;

mod watch;

pub use watch::watch;

/// What a check found.
pub struct Report {
    /// For people.
    pub text: String,
    /// Whether everything is right.
    pub good: bool,
}

/// Checks manifests: folders with `manifest.yaml`, or files.
///
/// With `missing`, what their fixtures do not show is a complaint too. Fixtures show the manifest without the
/// overlay: what plays otherwise only with it is a remark.
pub async fn check(paths: &[PathBuf], overlay: Option<&Path>, missing: bool) -> Report {
    let mut found = Found::default();
    for path in paths {
        if let Err(complaint) = one(path, overlay, missing, &mut found).await {
            let _ = writeln!(found.complaints, "{complaint}");
        }
    }
    let Found { rows, remarks, complaints } = found;
    let mut text = String::new();
    if !rows.is_empty() {
        text.push_str(&row("integration", "contacts", "offers", "fixtures", "notes"));
        text.extend(rows);
    }
    text.push_str(&remarks);
    let good = complaints.is_empty();
    if !good && !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&complaints);
    Report { text, good }
}

/// What was found, manifest by manifest.
#[derive(Default)]
struct Found {
    /// Lines of the table.
    rows: Vec<String>,
    remarks: String,
    complaints: String,
}

fn row(integration: &str, contacts: &str, offers: &str, fixtures: &str, notes: &str) -> String {
    format!("{integration:<12} {contacts:<10} {offers:<46} {fixtures:>8}  {notes}\n")
}

/// There is no such folder: the nearest one that is there, in its folder or among `manifests`.
fn absent(path: &Path) -> String {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let near = |folder: &Path| {
        let there: Vec<String> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(name(&entry.ok()?.path())))
            .filter(|there| folder.join(there).join("manifest.yaml").is_file())
            .collect();
        nearest(&name(path), &there).map(|near| folder.join(near))
    };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let hint = near(folder).or_else(|| near(&folder.join("manifests"))).map_or_else(String::new, |near| {
        format!("\n  hint: did you mean `{}`?", near.strip_prefix(".").unwrap_or(&near).display())
    });
    format!("{}: there is no such manifest{hint}", path.display())
}

/// Characters of a difference that the overlay makes; `eval` and `serve --trace` show all.
const SHOWN: usize = 160;

/// What an overlay changes in the fixtures, one line each.
fn changes(changed: &[String], remarks: &mut String) {
    if changed.is_empty() {
        return;
    }
    let _ = writeln!(
        remarks,
        "the overlay changes what {} fixtures show; is that what it is for?",
        changed.len()
    );
    for line in changed {
        let short: String = line.chars().take(SHOWN).collect();
        let _ = writeln!(remarks, "  {short}{}", if short.len() < line.len() { " …" } else { "" });
    }
}

/// Checks one manifest.
///
/// # Errors
/// It, or a fixture of it, cannot be read.
async fn one(path: &Path, overlay: Option<&Path>, missing: bool, found: &mut Found) -> Result<(), String> {
    if !path.exists() {
        return Err(absent(path));
    }
    let manifest = Arc::new(Manifest::read(path, overlay).map_err(|problems| lines(&problems))?);
    let folder = folder_of(path);
    let fixtures = read_all(folder)?;
    let bare = overlay.and_then(|_| Manifest::read(path, None).ok()).map(Arc::new);
    let (mut passed, mut changed) = (0, Vec::new());
    for (name, fixture) in &fixtures {
        let Err(differences) = play(&manifest, fixture).await else {
            passed += 1;
            continue;
        };
        if let Some(bare) = &bare
            && play(bare, fixture).await.is_ok()
        {
            changed.push(format!("{name}: {}", differences.first().map_or("", String::as_str)));
            continue;
        }
        let _ = writeln!(found.complaints, "{name}: {}", fixture.title);
        for difference in differences {
            let _ = writeln!(found.complaints, "  {difference}");
        }
    }
    changes(&changed, &mut found.remarks);
    if missing {
        for what in crate::missing::missing(&manifest, &fixtures) {
            let _ = writeln!(found.complaints, "{}: no fixture shows {what}", folder.display());
        }
    }
    let warnings = manifest.warnings();
    for warning in warnings {
        let _ = writeln!(found.remarks, "warning: {warning}");
    }
    let checkpoint = manifest.document().contacts.as_ref().and_then(|contacts| contacts.checkpoint.as_ref());
    let notes = match warnings.len() {
        0 => String::new(),
        1 => "1 warning".to_owned(),
        more => format!("{more} warnings"),
    };
    let mode = checkpoint.map_or("–", |checkpoint| checkpoint.mode.name());
    let played = format!("{passed}/{}", fixtures.len());
    found.rows.push(row(manifest.name(), mode, &offers(&manifest), &played, &notes));
    Ok(())
}

/// The components that a manifest offers.
fn offers(manifest: &Manifest) -> String {
    let document = manifest.document();
    let offered = Component::ALL.into_iter().filter(|component| manifest.offers(*component));
    let names = offered.map(|component| match component {
        Component::AuthValidation => "auth".to_owned(),
        Component::Interactions => {
            format!("interactions {}", document.interactions.as_ref().map_or(0, |i| i.types.len()))
        }
        Component::Actions => format!("actions {}", document.actions.len()),
        other => other.name().to_owned(),
    });
    names.collect::<Vec<_>>().join(", ")
}
