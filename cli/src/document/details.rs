//! What only the client knows: a small YAML file, and what is missing in it.

use std::path::Path;

use bridge::contract::Component;
use bridge::contract::integration::AuthenticationType;
use bridge::manifest::Manifest;
use serde::{Deserialize, Serialize};

/// The file as it is written by hand.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Details {
    /// Company that asks for the integration.
    pub client: String,
    /// The integration's name at Talkdesk; empty: `<manifest>-<client>`.
    pub integration_name: String,
    /// Whom Talkdesk can ask.
    pub technical_contacts: Vec<Contact>,
    /// `yourorg.mytalkdesk.com`
    pub talkdesk_domain: String,
    /// For handing over credentials.
    pub keybase_user_name: String,
    /// Whether Talkdesk tests in production.
    pub test_in_production: Option<YesNo>,
    /// What the integration is for.
    pub use_case: String,
    /// What the e-mail says about the integration and the system behind it.
    pub summary: String,
    /// What is to be reached with it.
    pub objectives: String,
    /// The CRM's API documentation, when the manifest does not say or another page is meant.
    pub api_documentation: Vec<String>,
}

/// A person at the client.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contact {
    /// Full name.
    pub name: String,
    /// Where Talkdesk writes to.
    pub email: String,
    /// What for.
    pub role: String,
    /// Anything else.
    pub notes: String,
}

/// YAML's `true` and `false`, or the form's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum YesNo {
    /// `true`, `false`
    Flag(bool),
    /// `yes`, `no`
    Word(Word),
}

/// The form's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// Yes.
    #[serde(alias = "Yes", alias = "YES")]
    Yes,
    /// No.
    #[serde(alias = "No", alias = "NO")]
    No,
}

impl YesNo {
    /// Whether it is a yes.
    pub fn is_yes(self) -> bool {
        matches!(self, YesNo::Flag(true) | YesNo::Word(Word::Yes))
    }
}

impl Details {
    /// Reads the file.
    ///
    /// # Errors
    /// A file that cannot be read, or that is not as `--init` writes it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let text = std::fs::read_to_string(path).map_err(|e| format!("{name}: {e}"))?;
        serde_saphyr::from_str(&text).map_err(|e| format!("{name}: {e}"))
    }

    /// The CRM's API documentation: the file's links first, then the manifest's.
    pub fn documentation(&self, manifest: &Manifest) -> Vec<String> {
        let own = self.api_documentation.iter().map(|link| link.trim().to_owned());
        let shipped = manifest.document().integration.api_documentation.clone();
        let mut links: Vec<String> = Vec::new();
        for link in own.chain(shipped).filter(|link| !link.is_empty()) {
            if !links.contains(&link) {
                links.push(link);
            }
        }
        links
    }

    /// Everything mandatory that is empty or cannot be right, each with what is expected.
    pub fn missing(&self, manifest: &Manifest) -> Vec<String> {
        let mut missing = Vec::new();
        let mut need = |there: bool, what: &str| {
            if !there {
                missing.push(what.to_owned());
            }
        };
        let filled = |text: &str| !text.trim().is_empty();
        need(filled(&self.client), "client: the company's name (or --client NAME)");
        need(!self.technical_contacts.is_empty(), "technical_contacts: at least one, with name and email");
        for (index, contact) in self.technical_contacts.iter().enumerate() {
            let number = index + 1;
            need(filled(&contact.name), &format!("technical_contacts, number {number}: name"));
            need(
                is_address(contact.email.trim()),
                &format!(
                    "technical_contacts, number {number}: email, such as name@example.com (an international domain \
                     as xn--…)"
                ),
            );
        }
        need(
            is_domain(self.talkdesk_domain.trim()),
            "talkdesk_domain: the account's domain, such as yourorg.mytalkdesk.com",
        );
        let secrets = manifest.document().integration.authentication_type != AuthenticationType::None;
        need(
            filled(&self.keybase_user_name) || !secrets,
            "keybase_user_name: credentials are handed over through Keybase",
        );
        need(self.test_in_production.is_some(), "test_in_production: yes or no");
        need(filled(&self.use_case), "use_case: a few sentences");
        need(filled(&self.summary), "summary: a few sentences on the integration and the system behind it");
        need(filled(&self.objectives), "objectives: what is to be reached");
        let links = self.documentation(manifest);
        need(
            links.first().is_some_and(|link| is_web(link)),
            "api_documentation: a link to the CRM's API documentation (the manifest has none either)",
        );
        missing
    }

    /// A commented file to fill in.
    pub fn template(manifest: &Manifest) -> String {
        let name = &manifest.document().integration.display_name;
        let parts: Vec<&str> =
            Component::ALL.into_iter().filter(|c| manifest.offers(*c)).map(purpose).collect();
        include_str!("details.yaml")
            .replace("{base}", manifest.name())
            .replace("{name}", &name.replace('\\', "\\\\").replace('"', "\\\""))
            .replace("{purposes}", &joined(&parts))
    }
}

fn purpose(component: Component) -> &'static str {
    match component {
        Component::AuthValidation => "a check of the credentials",
        Component::Contacts => "contact synchronization",
        Component::Agents => "agent synchronization",
        Component::Interactions => "a view of each contact's history",
        Component::Actions => "automation tasks",
    }
}

fn joined(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [many @ .., last] => format!("{} and {last}", many.join(", ")),
    }
}

/// An address that every mail server takes: ASCII, nothing that means something in a header.
fn is_address(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !r#"<>()[]\,;:""#.contains(c);
    text.chars().all(plain)
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && !host.contains('@')
                && host.split('.').count() > 1
                && host.split('.').all(|l| !l.is_empty())
        })
}

fn is_domain(text: &str) -> bool {
    text.contains('.') && !text.contains(['/', ':', '@']) && !has_space(text)
}

fn is_web(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn has_space(text: &str) -> bool {
    text.contains(|c: char| c.is_whitespace() || c.is_control())
}
