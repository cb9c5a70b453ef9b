//! The programs that are measured, and where they are.

use std::path::{Path, PathBuf};

/// Why a program is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The least that somebody would write by hand, with the same libraries.
    Floor,
    /// A function of the bridge.
    Ours,
    /// What somebody would write instead, in another language.
    Rival,
}

/// One program.
pub struct Variant {
    /// Why it is measured.
    pub kind: Kind,
    /// How the table calls it.
    pub name: String,
    /// The executable.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its environment, besides Lambda's.
    pub env: Vec<(String, String)>,
    /// What Secrets Manager holds.
    pub secret: Option<String>,
}

impl Variant {
    /// A program without arguments, secret and environment of its own.
    pub fn new(kind: Kind, name: impl Into<String>, program: PathBuf) -> Self {
        Self { kind, name: name.into(), program, arguments: Vec::new(), env: Vec::new(), secret: None }
    }

    /// The same with a variable of the environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Cargo's folder.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A release build.
pub fn release(name: &str) -> PathBuf {
    target().join("release").join(name)
}
