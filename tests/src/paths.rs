//! Where things are in the project.

use std::path::{Path, PathBuf};

use bridge::contract::Component;

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the workspace")
}

/// Cargo's target folder, where everything that the tests make goes.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => workspace().join(folder),
        None => workspace().join("target"),
    }
}

/// What the template calls the function of a component: its resource, and the begin of its role's and its
/// output's name.
pub fn resource(component: Component) -> String {
    let words = component.function_name().split('-');
    words.map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..])).collect()
}

/// A folder or file inside `environment/lib/python3.*/site-packages`.
pub(crate) fn site_packages(environment: &Path, inside: &str) -> PathBuf {
    std::fs::read_dir(environment.join("lib"))
        .expect("a virtual environment has a lib folder")
        .filter_map(Result::ok)
        .map(|python| python.path().join("site-packages").join(inside))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{} has no {inside}", environment.display()))
}
