//! Folders that servers write to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::paths;

/// A copy of a server's template, for one test, removed when dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Copies a template with everything in it: a database asks for its owner and its permissions.
    pub(crate) fn copy_of(template: &Path, name: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let all = paths::target().join("e2e");
        let folder = all.join(format!("{name}-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&all).expect("target is writable");
        let copied = Command::new("cp").arg("-a").args([template, &folder]).status();
        assert!(copied.is_ok_and(|status| status.success()), "{} cannot be copied", template.display());
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// What the set-up wrote into a file, without the end of its line.
    pub(crate) fn written(&self, file: &str) -> String {
        let text = fs::read_to_string(self.0.join(file)).expect("setup.sh wrote it");
        text.trim().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
