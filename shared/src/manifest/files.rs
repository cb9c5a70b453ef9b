//! The files of a manifest: its own, the one that it extends, and what is laid over it.

use std::path::Path;

use super::{Manifest, Problem, assemble, nearest};

/// One file of a manifest: its name, for messages, and its text.
#[derive(Clone, Debug)]
pub struct File {
    /// How messages call it.
    pub name: String,
    /// The YAML.
    pub text: String,
}

impl File {
    /// Reads a file, which is called by its path.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(path: &Path) -> Result<Self, Vec<Problem>> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| vec![Problem::new(why_unread(path, &error)).in_file(&name)])?;
        Ok(Self { name, text })
    }
}

/// Why a file cannot be read or a folder not be made, in plain words, and what may be meant instead.
pub fn why_unread(path: &Path, error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => format!("is not there{}", meant(path)),
        ErrorKind::IsADirectory => "is a folder, and a file is expected".to_owned(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file stands where a folder is expected".to_owned()
        }
        ErrorKind::InvalidData => "is no text in UTF-8".to_owned(),
        ErrorKind::PermissionDenied => "the user of this program may not do that: see its rights".to_owned(),
        other => format!("cannot be used: {other}"),
    }
}

/// The name nearest to one that is not there; else from where it was looked for.
fn meant(path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match (nearest(&name, &names), std::env::current_dir()) {
        (Some(near), _) => format!("; did you mean `{}`?", path.with_file_name(near).display()),
        (None, Ok(here)) if path.is_relative() => format!(", seen from {}", here.display()),
        _ => String::new(),
    }
}

/// The manifest in the folder `other`, which stands beside the folder of `main`.
///
/// # Errors
/// Anything but a folder's name; a manifest that extends one itself.
fn beside(main: &Path, other: &str) -> Result<File, Vec<Problem>> {
    let refused = |why: String| Err(vec![Problem::new(why).in_file(&main.display().to_string())]);
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if other.is_empty() || !other.chars().all(plain) {
        return refused(format!(
            "extends: `{other}` is not the name of a folder beside this one (letters, digits, `-`, `_`)"
        ));
    }
    let folder = main.parent().unwrap_or(Path::new("."));
    let file = File::read(&folder.join("..").join(other).join("manifest.yaml"))?;
    match assemble::extended(&file.text) {
        Some(base) => refused(format!("extends: `{other}` extends `{base}` itself: extend that one")),
        None => Ok(file),
    }
}

impl Manifest {
    /// Reads a manifest from a file, or from `manifest.yaml` in a folder; the one that it
    /// `extends` from the folder beside it.
    ///
    /// # Errors
    /// A file that cannot be read, or what [`Manifest::load`] says.
    pub fn read(path: &Path, overlay: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let mut files = Self::files(path)?;
        if let Some(path) = overlay {
            files.push(File::read(path)?);
        }
        Self::load(&files)
    }

    /// An expression as one of these files could have it, with what `let` names written out.
    ///
    /// # Errors
    /// A name that `let` does not have, and what is wrong with the files' own `let`.
    pub fn written_out(files: &[File], expression: &str) -> Result<String, Problem> {
        let text = serde_json::Value::String(format!("{{{{ {expression} }}}}"));
        let asked = format!("const: {{written_out: {text}}}");
        let texts = files.iter().map(|file| (file.name.as_str(), file.text.as_str()));
        let tree = assemble::assemble(texts.chain([("the expression", asked.as_str())]), &|_| Ok(()))?;
        let written = tree.at_path(&["const", "written_out"]).and_then(|node| node.text());
        let inside = written.and_then(|text| text.strip_prefix("{{")?.strip_suffix("}}"));
        Ok(inside.map_or_else(|| expression.to_owned(), |text| text.trim().to_owned()))
    }

    /// The files of a manifest in the order in which they are laid over each other: its own last.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn files(path: &Path) -> Result<Vec<File>, Vec<Problem>> {
        let main = if path.is_dir() { path.join("manifest.yaml") } else { path.to_owned() };
        let own = File::read(&main)?;
        let other = assemble::extended(&own.text).map(|other| beside(&main, &other)).transpose()?;
        Ok(other.into_iter().chain([own]).collect())
    }
}
