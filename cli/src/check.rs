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
    let (mut complaints, mut remarks) = (String::new(), String::new());
    let mut rows = Vec::new();
    for path in paths {
        let row = check_one(path, overlay, missing, &mut complaints, &mut remarks).await;
        rows.extend(row);
    }
    let mut text = String::new();
    if !rows.is_empty() {
        let _ = writeln!(
            text,
            "{:<12} {:<10} {:<46} {:>8}  notes",
            "integration", "contacts", "offers", "fixtures"
        );
        for row in &rows {
            let _ = writeln!(text, "{row}");
        }
    }
    text.push_str(&remarks);
    let good = complaints.is_empty();
    if !good {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&complaints);
    }
    Report { text, good }
}

/// There is no such folder: the nearest one that is there.
fn absent(path: &Path) -> String {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let there: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(name(&entry.ok()?.path())))
        .filter(|there| folder.join(there).join("manifest.yaml").is_file())
        .collect();
    let hint = nearest(&name(path), &there).map_or_else(String::new, |near| {
        format!("\n  hint: did you mean `{}`?", folder.join(near).display())
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

async fn check_one(
    path: &Path,
    overlay: Option<&Path>,
    missing: bool,
    complaints: &mut String,
    remarks: &mut String,
) -> Option<String> {
    if !path.exists() {
        let _ = writeln!(complaints, "{}", absent(path));
        return None;
    }
    let manifest = match Manifest::read(path, overlay) {
        Ok(manifest) => Arc::new(manifest),
        Err(problems) => {
            let _ = writeln!(complaints, "{}", lines(&problems));
            return None;
        }
    };
    let folder = folder_of(path);
    let fixtures = match read_all(folder) {
        Ok(fixtures) => fixtures,
        Err(problem) => {
            let _ = writeln!(complaints, "{problem}");
            return None;
        }
    };
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
        let _ = writeln!(complaints, "{name}: {}", fixture.title);
        for difference in differences {
            let _ = writeln!(complaints, "  {difference}");
        }
    }
    changes(&changed, remarks);
    if missing {
        for what in crate::missing::missing(&manifest, &fixtures) {
            let _ = writeln!(complaints, "{}: no fixture shows {what}", folder.display());
        }
    }
    let document = manifest.document();
    let mode =
        document.contacts.as_ref().and_then(|c| c.checkpoint.as_ref()).map_or("–", |c| c.mode.name());
    let offers: Vec<String> = Component::ALL
        .into_iter()
        .filter(|c| manifest.offers(*c))
        .map(|c| match c {
            Component::AuthValidation => "auth".to_owned(),
            Component::Interactions => {
                format!("interactions {}", document.interactions.as_ref().map_or(0, |i| i.types.len()))
            }
            Component::Actions => format!("actions {}", document.actions.len()),
            other => other.name().to_owned(),
        })
        .collect();
    let warnings = manifest.warnings();
    for warning in warnings {
        let _ = writeln!(remarks, "warning: {warning}");
    }
    Some(format!(
        "{:<12} {mode:<10} {:<46} {:>8}  {}",
        manifest.name(),
        offers.join(", "),
        format!("{passed}/{}", fixtures.len()),
        match warnings.len() {
            0 => String::new(),
            1 => "1 warning".to_owned(),
            more => format!("{more} warnings"),
        },
    ))
}
