//! Embeds `manifests/*/manifest.yaml`: a new CRM is a folder, not a change of code.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manifests = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../manifests");
    println!("cargo::rerun-if-changed={}", manifests.display());
    let mut folders: Vec<_> = fs::read_dir(&manifests)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.join("manifest.yaml").is_file())
        .collect();
    folders.sort();
    let mut code = String::from("&[\n");
    for folder in folders {
        let file = folder.join("manifest.yaml").canonicalize()?;
        println!("cargo::rerun-if-changed={}", file.display());
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        writeln!(code, "    ({name:?}, include_str!({file:?})),")?;
    }
    code.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("manifests.rs"), code)?;
    Ok(())
}
