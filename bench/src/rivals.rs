//! What somebody would write instead, in Python or Node.js: `bench/rivals/`, in environments that
//! `bench/rivals/setup.sh` makes under target/. Where one is missing, so are its rows.

use std::path::PathBuf;

use crate::programs::{Kind, Variant, root, target};

/// Where the scripts are.
pub fn folder() -> PathBuf {
    root().join("bench/rivals")
}

/// The Python with boto3, requests and Airbyte's CDK.
pub fn python() -> Option<PathBuf> {
    Some(target().join("rivals-env/bin/python")).filter(|path| path.is_file())
}

/// The folder of the bundles for Node.js.
fn bundles() -> Option<PathBuf> {
    Some(target().join("rivals-node/bundles")).filter(|path| path.is_dir())
}

/// What is missing, in a line for each.
pub fn missing() -> Vec<String> {
    let python = python().is_none().then_some("Python");
    let node = bundles().is_none().then_some("Node.js");
    let line = |language: &str| format!("No rows for {language}: `bench/rivals/setup.sh` said why.");
    python.into_iter().chain(node).map(line).collect()
}

/// A task's scripts for both languages. With a `token` Talkdesk sends what opens the CRM.
pub fn of(script: &str, token: bool) -> Vec<Variant> {
    let variant = |name: String, program: PathBuf, arguments: Vec<String>| {
        let variant = Variant { arguments, ..Variant::new(Kind::Rival, name, program) };
        if token { variant.with("CREDENTIALS", "talkdesk") } else { variant }
    };
    let in_python = python().map(|python| {
        let arguments = ["-m", "awslambdaric"].map(str::to_owned).into_iter();
        let handler = format!("{script}.handler");
        let python = variant(format!("Python: `{script}.py`"), python, arguments.chain([handler]).collect());
        python.with("PYTHONPATH", folder().display().to_string())
    });
    let in_node = bundles().map(|bundles| {
        let bundle = bundles.join(format!("{script}.mjs")).display().to_string();
        variant(format!("Node.js: `{script}.mjs`"), "node".into(), vec![bundle])
    });
    in_python.into_iter().chain(in_node).collect()
}
