//! The logo and the icon: where Talkdesk loads them from, and whether they are small enough.

use std::path::{Path, PathBuf};

use bridge::manifest::Manifest;

/// One picture: what it is called, its URL, and at most how large.
const PICTURES: [(&str, usize, usize); 2] = [("logo", 192, 96), ("icon", 96, 96)];
const KINDS: [&str; 5] = ["png", "jpg", "jpeg", "gif", "webp"];

/// Files that the caller names; else those beside the manifest are looked at.
#[derive(Clone, Debug, Default)]
pub struct Images {
    /// A copy of the logo.
    pub logo: Option<PathBuf>,
    /// A copy of the icon.
    pub icon: Option<PathBuf>,
}

/// What is wrong with them, or could not be looked at; one line each.
pub fn findings(manifest: &Manifest, folder: &Path, given: &Images) -> Vec<String> {
    let section = &manifest.document().integration;
    let urls = [&section.logo_url, &section.icon_url];
    let files = [&given.logo, &given.icon];
    let mut findings = Vec::new();
    for (((name, width, height), url), file) in PICTURES.into_iter().zip(urls).zip(files) {
        if !url.starts_with("https://") {
            findings.push(format!("{name}_url {url}: Talkdesk loads pictures by https only."));
        }
        let Some(path) = file.clone().or_else(|| beside(folder, name)) else {
            findings.push(format!(
                "The {name} was not looked at (no file): it may have {width}×{height} pixels at most."
            ));
            continue;
        };
        let shown = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match imagesize::size(&path) {
            Ok(size) if size.width > width || size.height > height => findings.push(format!(
                "The {name} ({shown}) has {}×{} pixels; {width}×{height} are the most.",
                size.width, size.height
            )),
            Ok(_) => {}
            Err(error) => findings.push(format!("The {name} ({shown}) cannot be read: {error}")),
        }
    }
    findings
}

fn beside(folder: &Path, name: &str) -> Option<PathBuf> {
    KINDS.iter().map(|kind| folder.join(format!("{name}.{kind}"))).find(|path| path.is_file())
}
