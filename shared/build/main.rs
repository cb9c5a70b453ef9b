//! Embeds `manifests/*/manifest.yaml`: a new CRM is a folder, not a change of code.
//!
//! What a function reads at start-up is made here: the manifest without YAML, and of its components the
//! one that the function is. The texts go along for whoever lays an overlay over it.

#![expect(clippy::print_stdout, reason = "cargo reads it")]

// The files are the crate's own; the build needs a part of them.
#[allow(dead_code)]
#[path = "../src/manifest/assemble.rs"]
mod assemble;
#[allow(dead_code)]
#[path = "../src/digest.rs"]
mod digest;
#[allow(dead_code)]
#[path = "../src/manifest/graphql.rs"]
mod graphql;
mod machine;
#[allow(dead_code)]
#[path = "../src/manifest/named.rs"]
mod named;
mod plans;
#[allow(dead_code)]
#[path = "../src/manifest/problem.rs"]
mod problem;
#[allow(dead_code)]
#[path = "../src/manifest/source.rs"]
mod source;
#[allow(dead_code)]
#[path = "../src/manifest/standard.rs"]
mod standard;

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// The sections of the components, in the order of `Component::ALL`.
const SECTIONS: [&str; 5] = ["auth_validation", "contacts", "agents", "interactions", "actions"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manifests = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../manifests");
    let out = env::var("OUT_DIR")?;
    println!("cargo::rerun-if-changed={}", manifests.display());
    let mut folders: Vec<_> = fs::read_dir(&manifests)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.join("manifest.yaml").is_file())
        .collect();
    folders.sort();
    plans::write(Path::new(&out))?;
    let mut code = String::from("&[\n");
    for folder in folders {
        let file = folder.join("manifest.yaml").canonicalize()?;
        println!("cargo::rerun-if-changed={}", file.display());
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let shown = format!("manifests/{name}/manifest.yaml");
        let text = fs::read_to_string(&file)?;
        let mut files = vec![(shown, text)];
        if let Some(other) = assemble::extended(&files[0].1) {
            let text = fs::read_to_string(manifests.join(&other).join("manifest.yaml"))?;
            files.insert(0, (format!("manifests/{other}/manifest.yaml"), text));
        }
        let texts = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let tree = assemble::assemble(texts, &|_| Ok(())).map_err(|e| e.to_string())?;
        let tree = assemble::without_off(&tree, &[]).unwrap_or(tree);
        let mut json = tree.to_json();
        let integration = json["integration"]["name"].clone();
        assemble::complete(&mut json, || integration);
        writeln!(code, "Embedded {{ name: {name:?}, hash: {:?}, files: &{files:?},", assemble::hash(&json))?;
        code.push_str("components: [\n");
        for section in SECTIONS {
            let mut part = json.clone();
            if let Some(sections) = part.as_object_mut() {
                // The defaults stand in the sections by now.
                let other = |key: &str| SECTIONS.contains(&key) || key == "defaults";
                sections.retain(|key, _| key == section || !other(key));
            }
            if section != "contacts" {
                // Others know of a list only whose ids are its own.
                let lists = part.get_mut("contact_lists").and_then(serde_json::Value::as_object_mut);
                for list in lists.into_iter().flat_map(|lists| lists.values_mut()) {
                    list["contacts"] = serde_json::Value::Null;
                }
            }
            let path = Path::new(&out).join(format!("{name}.{section}.json"));
            fs::write(&path, part.to_string())?;
            writeln!(code, "    include_str!({path:?}),")?;
        }
        code.push_str("] },\n");
    }
    code.push_str("]\n");
    fs::write(Path::new(&out).join("manifests.rs"), code)?;
    Ok(())
}
