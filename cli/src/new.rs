//! `new`: a folder for a CRM that passes `check` from the first minute, with the choices in comments.

mod openapi;
mod people;
mod spec;
mod swagger;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bridge::gateway::lines;
use bridge::manifest::{Manifest, why_unread};

use crate::given;

const SKELETON: &str = include_str!("new/skeleton.yaml");
/// The schema for editors of manifests outside of the repository.
const BESIDE: &str = "manifest.schema.json";
const SCHEMA: &str = include_str!("../../docs/manifest.schema.json");

/// Arguments of `new`.
#[derive(clap::Args, Debug)]
pub struct NewArguments {
    /// The integration's name: lower-case letters, digits and hyphens.
    name: String,
    /// A manifest to begin with, instead of the commented skeleton: the nearest in CONTRIBUTING's table.
    #[arg(long, value_name = "MANIFEST")]
    like: Option<PathBuf>,
    /// The vendor's OpenAPI document, JSON or YAML: address, credentials, lists and fields are looked up in it.
    #[arg(long, value_name = "FILE", conflicts_with = "like")]
    openapi: Option<PathBuf>,
    /// The folder in which the CRM's folder is made.
    #[arg(long, default_value = "manifests")]
    into: PathBuf,
}

impl NewArguments {
    /// Writes the folder; it must not be there yet.
    ///
    /// # Errors
    /// A name that is none, a folder that is there, a file that cannot be read or written.
    pub fn run(self, print: fn(&str)) -> Result<bool, String> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let word = ["null", "true", "false", "yes", "no", "on", "off"].contains(&self.name.as_str());
        if word
            || !self.name.starts_with(|c: char| c.is_ascii_lowercase())
            || self.name.len() > 40
            || !self.name.chars().all(fits)
        {
            return Err(format!(
                "`{}` is no name for an integration: lower-case letters, digits and hyphens, a letter first, 40 at most, and no word of YAML",
                self.name
            ));
        }
        let folder = self.into.join(&self.name);
        if folder.exists() {
            return Err(format!("{}: is there already", folder.display()));
        }
        let mut said = String::new();
        let text = match (&self.like, &self.openapi) {
            (Some(like), _) => copied(like, &self.name, &schema(&self.into))?,
            (None, openapi) => {
                let mut values = BTreeMap::from(usual(&self.name));
                values.insert("schema", schema(&self.into));
                if let Some(path) = openapi {
                    let text = given::text(path)?;
                    let found = openapi::read(&text).map_err(|e| format!("{}: {e}", path.display()))?;
                    said.push_str(&found.report());
                    values.extend(found.values);
                }
                filled(SKELETON, &values)
            }
        };
        std::fs::create_dir_all(folder.join("fixtures"))
            .map_err(|error| format!("{}: {}", folder.display(), why_unread(&folder, &error)))?;
        write(&folder.join("manifest.yaml"), &text)?;
        if schema(&self.into) == BESIDE {
            write(&folder.join("manifest.schema.json"), SCHEMA)?;
        }
        Manifest::read(&folder, None).map_err(|problems| {
            format!("{}: was written, but is not right yet\n{}", folder.display(), lines(&problems))
        })?;
        print(&(said + &next(&folder)));
        Ok(true)
    }
}

/// What comes next.
fn next(folder: &Path) -> String {
    let path = folder.display();
    let mut text = format!("written: {path}/manifest.yaml\n\nNext, with CONTRIBUTING.md beside you:\n");
    for (command, what) in [
        (format!("talkdesk-bridge check {path}"), "after every change"),
        (format!("talkdesk-bridge secret --manifest {path}"), "the account's secret, as a file"),
        (format!("talkdesk-bridge serve --manifest {path} --secret-file FILE --trace"), "see what is sent"),
        (format!("talkdesk-bridge check {path} --live --secret-file FILE"), "hold it against the CRM"),
        (format!("… serve --record {path}/fixtures --source \"a sandbox of …\""), "keep exchanges as tests"),
        (format!("talkdesk-bridge check {path} --missing"), "what is not shown yet"),
    ] {
        let _ = writeln!(text, "  {command:<78} {what}");
    }
    text
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {}", path.display(), why_unread(path, &error)))
}

/// Another manifest under a new name; its comments and everything else stay.
fn copied(like: &Path, name: &str, schema: &str) -> Result<String, String> {
    let own = Manifest::files(like).map_err(|problems| lines(&problems))?.pop().ok_or("there is no file")?;
    let (path, text) = (own.name, own.text);
    if let Some(base) = text.lines().find_map(|line| line.strip_prefix("extends: ")) {
        return Err(format!(
            "{path}: extends `{base}`: begin with that one, or write `extends: {base}` yourself"
        ));
    }
    let old = text.lines().find_map(|line| line.strip_prefix("  name: "));
    let old = old.ok_or_else(|| format!("{path}: has no integration.name"))?;
    let named = text.replacen(&format!("\n  name: {old}\n"), &format!("\n  name: {name}\n"), 1);
    let named = named.replace("$schema=../../docs/manifest.schema.json", &format!("$schema={schema}"));
    Ok(named.replace(&format!("talkdesk-bridge/{old}/"), &format!("talkdesk-bridge/{name}/")))
}

/// Where the schema is, seen from a manifest.
fn schema(into: &Path) -> String {
    let inside = into == Path::new("manifests") && Path::new("docs/manifest.schema.json").is_file();
    if inside { "../../docs/manifest.schema.json" } else { BESIDE }.to_owned()
}

/// What stands in the skeleton when nothing better is known.
fn usual(name: &str) -> [(&'static str, String); 20] {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_uppercase())
    });
    [
        ("name", name.to_owned()),
        ("display", words.collect::<Vec<_>>().join(" ")),
        ("documentation", "https://www.example.com/api".to_owned()),
        ("base_url", format!("https://api.{name}.example.com/v1")),
        ("hosts", format!("api\\\\.{name}\\\\.example\\\\.com")),
        ("auth", "{Authorization: \"Bearer {{ secret.token }}\"}".to_owned()),
        ("me", "/me".to_owned()),
        ("contacts", "/contacts".to_owned()),
        ("since", "updated_since".to_owned()),
        ("sort", "sort".to_owned()),
        ("sort_by", "updated_at".to_owned()),
        ("size", "limit".to_owned()),
        ("records", "body.contacts".to_owned()),
        ("changed", "updated_at".to_owned()),
        ("row_name", "[row.first_name, row.last_name] | join(' ')".to_owned()),
        ("email", "email".to_owned()),
        ("phone", "phone".to_owned()),
        ("users", "/users".to_owned()),
        ("user_records", "body.users".to_owned()),
        ("schema", String::new()),
    ]
}

/// The skeleton with its holes filled.
fn filled(skeleton: &str, values: &BTreeMap<&'static str, String>) -> String {
    values.iter().fold(skeleton.to_owned(), |text, (hole, value)| text.replace(&format!("{{{hole}}}"), value))
}
