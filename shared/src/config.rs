//! Settings of a deployment, read once. The variables are documented here, where they are read.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `INTEGRATION` | which embedded manifest runs | – |
//! | `MANIFEST_PATH` | a manifest file or folder instead of an embedded one | – |
//! | `OVERLAY_PATH` | a file laid over the manifest: own fields, own phone columns | – |
//! | `CRM_BASE_URL` | replaces the CRM's scheme, host and port; this machine only, for local work | – |
//! | `SECRETS_BASE_URL` | replaces Secrets Manager's address; this machine only, for local work | AWS |
//! | `SECRET_PREFIX` | what stands before an account's secret's name; ends in a slash | `talkdesk-bridge/INTEGRATION/` |
//! | `PHONE_REGION` | region of phone numbers without a country code (`US`) | none |
//! | `TIME_ZONE` | zone of the account's people (`America/New_York`): whose day a date is | UTC |
//! | `SYNC_BUDGET_SECONDS` | longest validation, contact or agent request | 25 |
//! | `INTERACTIVE_BUDGET_SECONDS` | longest interaction or action request | 8 |
//! | `SECRET_TTL_SECONDS` | how long a secret is good without asking again; an older one is used only while Secrets Manager does not answer | 300 |
//! | `CALLER_ADDRESSES` | ranges of addresses that may call (`203.0.113.0/24,198.51.100.7`) | all |
//! | `STACK` | the stack's name, in metrics | `local` |
//! | `VERSION` | which build this is, in log lines | the package's version |

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::contract::Component;
use crate::phone::{PhoneNumbers, parse_region};
use crate::zone::Zone;

pub mod callers;
pub mod local;

pub use callers::Callers;
pub use local::loopback;

/// What a deployment sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The manifest.
    pub manifest: ManifestChoice,
    /// A file laid over it.
    pub overlay: Option<PathBuf>,
    /// The CRM's address on this machine.
    pub crm_base_url: Option<Url>,
    /// Secrets Manager's address on this machine; AWS's own when there is none.
    pub secrets_base_url: Option<Url>,
    /// What stands before what the manifest calls an account's secret; ends in a slash. Nothing means
    /// `talkdesk-bridge/INTEGRATION/`.
    pub secret_prefix: Option<String>,
    /// How phone numbers without a country code are read.
    pub phones: PhoneNumbers,
    /// Whose day a date is; UTC's without it.
    pub time_zone: Option<Zone>,
    /// Longest contact, agent or validation request.
    pub sync_budget: Duration,
    /// Longest interaction or action request.
    pub interactive_budget: Duration,
    /// How long a secret is good without asking again.
    pub secret_ttl: Duration,
    /// From which addresses requests may come.
    pub callers: Callers,
    /// The stack's name, which metrics are told apart by.
    pub stack: Option<String>,
    /// Which build this is.
    pub version: String,
}

/// Where the manifest comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManifestChoice {
    /// One that was embedded at build time.
    Embedded(String),
    /// A file or folder.
    Path(PathBuf),
}

impl Settings {
    /// Settings for a manifest, all else by default.
    pub fn new(manifest: ManifestChoice) -> Self {
        Self {
            manifest,
            overlay: None,
            crm_base_url: None,
            secrets_base_url: None,
            secret_prefix: None,
            phones: PhoneNumbers::default(),
            time_zone: None,
            sync_budget: Duration::from_secs(25),
            interactive_budget: Duration::from_secs(8),
            secret_ttl: Duration::from_secs(300),
            callers: Callers::default(),
            stack: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Reads settings through `variable`, so that tests need no environment.
    ///
    /// # Errors
    /// A sentence that names the variable, what is wrong, and what is allowed.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let variable = |name: &str| variable(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let manifest = match (variable("MANIFEST_PATH"), variable("INTEGRATION")) {
            (Some(path), _) => ManifestChoice::Path(path.into()),
            (None, Some(name)) => ManifestChoice::Embedded(name),
            (None, None) => {
                return Err(
                    "set INTEGRATION to the name of an embedded manifest, or MANIFEST_PATH to a file"
                        .to_owned(),
                );
            }
        };
        let mut settings = Self::new(manifest);
        settings.overlay = variable("OVERLAY_PATH").map(Into::into);
        settings.stack = variable("STACK");
        if let Some(version) = variable("VERSION") {
            settings.version = version;
        }
        let in_container = local::under_sam_local(variable);
        for (name, target) in [
            ("CRM_BASE_URL", &mut settings.crm_base_url),
            ("SECRETS_BASE_URL", &mut settings.secrets_base_url),
        ] {
            if let Some(text) = variable(name) {
                *target = Some(local::address(&text, in_container).map_err(|why| format!("{name}: {why}"))?);
            }
        }
        if let Some(text) = variable("SECRET_PREFIX") {
            if !text.ends_with('/') {
                return Err(format!("SECRET_PREFIX: `{text}` does not end in a slash"));
            }
            settings.secret_prefix = Some(text);
        }
        if let Some(text) = variable("PHONE_REGION") {
            let region = parse_region(&text).map_err(|why| format!("PHONE_REGION: {why}"))?;
            settings.phones = PhoneNumbers { default_region: Some(region) };
        }
        if let Some(text) = variable("TIME_ZONE") {
            settings.time_zone = Some(Zone::named(&text).map_err(|why| format!("TIME_ZONE: {why}"))?);
        }
        if let Some(text) = variable("CALLER_ADDRESSES") {
            settings.callers = Callers::parse(&text).map_err(|why| format!("CALLER_ADDRESSES: {why}"))?;
        }
        let seconds =
            |name: &str, range: std::ops::RangeInclusive<u64>| -> Result<Option<Duration>, String> {
                let Some(text) = variable(name) else { return Ok(None) };
                match text.parse::<u64>() {
                    Ok(n) if range.contains(&n) => Ok(Some(Duration::from_secs(n))),
                    _ => Err(format!(
                        "{name}: a whole number of seconds from {} to {} is expected",
                        range.start(),
                        range.end()
                    )),
                }
            };
        for (name, target, range) in [
            ("SYNC_BUDGET_SECONDS", &mut settings.sync_budget, 1..=900),
            ("INTERACTIVE_BUDGET_SECONDS", &mut settings.interactive_budget, 1..=900),
            ("SECRET_TTL_SECONDS", &mut settings.secret_ttl, 0..=86_400),
        ] {
            if let Some(value) = seconds(name, range)? {
                *target = value;
            }
        }
        Ok(settings)
    }

    /// The longest that a request of a component may take.
    pub fn budget(&self, component: Component) -> Duration {
        match component {
            Component::Interactions | Component::Actions => self.interactive_budget,
            _ => self.sync_budget,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let find = |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Settings::read(find)
    }

    #[test]
    fn a_manifest_must_be_chosen_and_a_path_wins() {
        assert!(read(&[]).unwrap_err().contains("INTEGRATION"));
        let settings = read(&[("INTEGRATION", "demo"), ("MANIFEST_PATH", "m.yaml")]).unwrap();
        assert_eq!(settings.manifest, ManifestChoice::Path("m.yaml".into()));
    }

    #[test]
    fn the_addresses_of_crm_and_secrets_are_this_machines_only() {
        for name in ["CRM_BASE_URL", "SECRETS_BASE_URL"] {
            let with = |url: &str, more: &[(&str, &str)]| {
                read(&[&[("INTEGRATION", "demo"), (name, url)], more].concat())
            };
            let sam = [("AWS_SAM_LOCAL", "true")];
            assert!(with("http://127.0.0.1:8000", &[]).is_ok());
            let docker = "http://host.docker.internal:8788";
            assert!(with(docker, &[]).unwrap_err().contains(name));
            assert!(with(docker, &sam).is_ok());
            let lambda = [sam[0], ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023")];
            assert!(with(docker, &lambda).unwrap_err().contains(name));
            assert!(with("https://crm.example.com", &sam).unwrap_err().contains(name));
        }
    }

    #[test]
    fn a_time_zone_is_one_of_the_database() {
        let zone = |name: &str| read(&[("INTEGRATION", "demo"), ("TIME_ZONE", name)]);
        assert_eq!(zone("europe/lisbon").unwrap().time_zone.unwrap().name(), "Europe/Lisbon");
        assert!(zone("PST8").unwrap_err().starts_with("TIME_ZONE: `PST8` is not a time zone"));
    }

    #[test]
    fn a_secrets_prefix_ends_in_a_slash() {
        let with = |prefix: &str| read(&[("INTEGRATION", "demo"), ("SECRET_PREFIX", prefix)]);
        assert_eq!(with("team/crm/").unwrap().secret_prefix.as_deref(), Some("team/crm/"));
        assert_eq!(with("").unwrap().secret_prefix, None);
        assert!(with("team/crm").unwrap_err().contains("SECRET_PREFIX"));
    }

    #[test]
    fn numbers_out_of_range_name_the_variable_and_the_range() {
        let error = read(&[("INTEGRATION", "demo"), ("SYNC_BUDGET_SECONDS", "0")]).unwrap_err();
        assert!(error.contains("SYNC_BUDGET_SECONDS") && error.contains("1 to 900"), "{error}");
    }
}
