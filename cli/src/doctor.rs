//! `doctor`: looks at a deployed bridge from outside, as Talkdesk will, and says for each failure what to fix
//! and where. It reads one page of each component and writes nothing.

mod advice;
mod examination;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bridge::gateway::lines;
use bridge::manifest::Manifest;
use bridge::time::Moment;
use serde_json::Map;
use url::Url;

use crate::document::endpoints::outputs_in;
use crate::given;
use player::Player;

pub use examination::{Examination, Finding};

/// Arguments of `doctor`.
#[derive(clap::Args, Debug)]
pub struct DoctorArguments {
    /// The manifest that the stack runs.
    #[arg(long)]
    manifest: PathBuf,
    /// The file that is laid over the manifest, if the stack has one.
    #[arg(long)]
    overlay: Option<PathBuf>,
    /// The bridge: the URL in front of `/auth_validation` and so on.
    #[arg(long, required_unless_present = "stack_outputs")]
    url: Option<String>,
    /// The stack's outputs as a file, as `make deploy` leaves them in target/outputs.
    #[arg(long, conflicts_with = "url")]
    stack_outputs: Option<PathBuf>,
    /// A field of `auth`, as name=value; repeat it.
    #[arg(long = "auth", value_name = "NAME=VALUE")]
    auth: Vec<String>,
    /// A JSON file with fields of `auth`, or a secret's file: its first caller key is used.
    #[arg(long)]
    auth_file: Option<PathBuf>,
}

impl DoctorArguments {
    /// Examines and prints as it goes; true when everything is right.
    ///
    /// # Errors
    /// Arguments that cannot be used.
    pub async fn run(self, mut print: impl FnMut(&str)) -> Result<bool, String> {
        let manifest =
            Manifest::read(&self.manifest, self.overlay.as_deref()).map_err(|problems| lines(&problems))?;
        let url = match (&self.url, &self.stack_outputs) {
            (Some(url), _) => url.clone(),
            (None, Some(file)) => base_url(file)?,
            (None, None) => return Err("--url or --stack-outputs is needed".to_owned()),
        };
        let url = Url::parse(url.trim()).map_err(|_| format!("{url}: not a URL"))?;
        let auth = auth(&manifest, &self.auth, self.auth_file.as_deref())?;
        let player = Player::new(url.as_str(), auth)?;
        let mut examination = Examination::new(&manifest, url, player, Moment::now);
        let (mut failed, mut count) = (0, 0);
        examination
            .run(&mut |finding: &Finding| {
                count += 1;
                failed += usize::from(!finding.good);
                print(&finding.text());
            })
            .await;
        print(&match failed {
            0 => format!("\n{count} of {count}: the bridge is ready for Talkdesk.\n"),
            _ => format!("\n{failed} of {count} failed.\n"),
        });
        Ok(failed == 0)
    }
}

/// The stack's output `BaseUrl`.
fn base_url(file: &Path) -> Result<String, String> {
    let base = outputs_in(file)?.into_iter().find(|(key, _)| key == "BaseUrl");
    base.map(|(_, url)| url).ok_or_else(|| format!("{}: there is no output BaseUrl", file.display()))
}

/// What Talkdesk would send as `auth`: pairs, a JSON file of fields, or the first caller key of a secret's file.
///
/// # Errors
/// A file that is none, a pair without `=`, a mandatory field that is missing.
pub fn auth(
    manifest: &Manifest,
    pairs: &[String],
    file: Option<&Path>,
) -> Result<Map<String, serde_json::Value>, String> {
    let document = manifest.document();
    let mut auth = Map::new();
    if let Some(file) = file {
        let absent = "`talkdesk-bridge secret` writes a secret's file; or give the fields with --auth";
        let json: Map<String, serde_json::Value> = given::json(file, absent, "a JSON object is expected")?;
        let key =
            json.get("caller_keys").map(|keys| if keys.is_array() { keys[0].clone() } else { keys.clone() });
        if let (Some(key), Some(credentials)) = (key, &document.credentials) {
            auth.insert(credentials.caller_key.clone(), key);
        } else {
            auth.extend(json);
        }
    }
    for pair in pairs {
        let (name, value) = given::pair("--auth", pair)?;
        auth.insert(name.to_owned(), value.into());
    }
    let fields = &document.integration.authentication;
    for (name, field) in fields.iter().filter(|(_, field)| field.mandatory) {
        if !auth.contains_key(name) {
            let known: Vec<&str> = fields.keys().map(String::as_str).collect();
            let other = auth.keys().find(|key| !known.contains(&key.as_str()));
            let other =
                other.map_or_else(String::new, |key| format!("; `{key}` is none of {}", known.join(", ")));
            return Err(format!("--auth {name}=… is missing: {}{other}", field.display));
        }
    }
    Ok(auth)
}

/// How far two clocks may be apart: signatures and tokens bear five minutes, a sync's `settle` less.
const CLOCKS: Duration = Duration::from_secs(60);
