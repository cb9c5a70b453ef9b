//! `check --watch`: checks again whenever a file of the manifests changes.
//!
//! The files are looked at twice a second: editors replace files in many ways, some without a notice of the
//! system that reaches a container or a shared folder, and a folder of a manifest has some twenty files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bridge::manifest::Manifest;
use bridge::time::Moment;

use super::check;
use crate::fixture::folder_of;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_millis(500);

/// What a file looked like: when it was written, and its size.
type Seen = BTreeMap<PathBuf, (SystemTime, u64)>;

/// Checks, prints, and does it again after every change, until it is dropped.
pub async fn watch(paths: &[PathBuf], overlay: Option<&Path>, missing: bool, print: fn(&str)) {
    loop {
        let seen = files(paths, overlay);
        print(&check(paths, overlay, missing).await.text);
        print("\nwatching; Ctrl-C ends it.\n");
        let changed = changed(paths, overlay, seen).await;
        print(&format!("\n── {} changed: {}\n\n", Moment::now().iso_s(), changed.join(", ")));
    }
}

/// Waits for a change, and until nothing changes any more: an editor may write several files, or one in pieces.
async fn changed(paths: &[PathBuf], overlay: Option<&Path>, seen: Seen) -> Vec<String> {
    let mut before = seen.clone();
    loop {
        tokio::time::sleep(EVERY).await;
        let now = files(paths, overlay);
        if now == before && now != seen {
            return differences(&seen, &now);
        }
        before = now;
    }
}

/// The files that differ, that came and that went.
fn differences(before: &Seen, now: &Seen) -> Vec<String> {
    let all: BTreeSet<_> = before.keys().chain(now.keys()).collect();
    let differs = all.into_iter().filter(|path| before.get(*path) != now.get(*path));
    differs.map(|path| path.display().to_string()).collect()
}

/// Every file that a check reads: the manifests' folders, the manifests that they extend, the overlay.
fn files(paths: &[PathBuf], overlay: Option<&Path>) -> Seen {
    let mut seen = Seen::new();
    for path in paths {
        gather(folder_of(path), &mut seen);
        let read = Manifest::files(path).unwrap_or_default();
        read.iter().for_each(|file| note(Path::new(&file.name), &mut seen));
    }
    overlay.into_iter().for_each(|path| note(path, &mut seen));
    seen
}

fn gather(folder: &Path, seen: &mut Seen) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        // A link is not followed: it may lead into a circle.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => gather(&entry.path(), seen),
            _ => note(&entry.path(), seen),
        }
    }
}

fn note(path: &Path, seen: &mut Seen) {
    if let Ok(about) = std::fs::metadata(path).and_then(|about| Ok((about.modified()?, about.len()))) {
        seen.insert(path.to_owned(), about);
    }
}
