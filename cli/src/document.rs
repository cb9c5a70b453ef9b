//! `document`: everything that Talkdesk asks a partner for, written from the manifest and the stack.
//!
//! The configuration JSON in both forms, one JSON per action, the filled API Manifest as Markdown,
//! HTML and (feature `pdf`) PDF, the e-mail with attachments, the ticket's text and a checklist.
//! The same input gives the same bytes; `--check` says what has changed since.

use bridge::contract::Component;
use bridge::manifest::Manifest;
use bridge::time::Moment;

mod arguments;
pub mod block;
mod checklist;
pub mod configuration;
pub mod details;
mod email;
pub mod endpoints;
pub mod example;
pub mod form;
pub mod html;
mod images;
pub mod markdown;
pub mod naming;
pub mod package;
pub mod pdf;
mod ticket;
mod verify;

pub use arguments::DocumentArguments;
use configuration::Configuration;
use details::Details;
use endpoints::Endpoints;
use example::Examples;

/// What a run found.
#[derive(Debug)]
pub struct Outcome {
    /// For people.
    pub text: String,
    /// Whether everything is right.
    pub good: bool,
}

/// Everything that a package is made of.
pub struct Submission<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// Its examples.
    pub examples: &'a Examples<'a>,
    /// What Talkdesk enters on its side.
    pub configuration: Configuration,
    /// Where the bridge is.
    pub endpoints: Endpoints,
    /// What the client said.
    pub details: Details,
    /// What was found about the logo and the icon.
    pub pictures: Vec<String>,
    /// The document's date.
    pub date: Date,
}

impl Submission<'_> {
    /// The integration's name for people.
    pub fn display_name(&self) -> &str {
        &self.manifest.document().integration.display_name
    }

    /// The components that the manifest has.
    pub fn offered(&self) -> impl Iterator<Item = Component> {
        Component::ALL.into_iter().filter(|component| self.manifest.offers(*component))
    }
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(Moment);

impl Date {
    /// Reads `2026-11-22`.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = Moment::parse(&format!("{text}T12:00:00Z"))?;
        (text.len() == 10).then_some(Self(moment))
    }

    /// `2026-11-22`
    pub fn short(self) -> String {
        self.0.calendar().format("%Y-%m-%d").to_string()
    }

    /// `22 November 2026`
    pub fn long(self) -> String {
        self.0.calendar().format("%-d %B %Y").to_string()
    }

    /// Noon in UTC, in seconds since 1970: the same day almost everywhere.
    pub fn noon(self) -> i64 {
        let day = 86_400;
        (self.0.micros() / 1_000_000).div_euclid(day) * day + day / 2
    }
}

/// A component's name on Talkdesk's form.
pub fn name_of(component: Component) -> &'static str {
    match component {
        Component::AuthValidation => "Authorization Validation",
        Component::Contacts => "Contact Retriever",
        Component::Agents => "Agent Retriever",
        Component::Interactions => "Interaction Retriever",
        Component::Actions => "Action Executor",
    }
}
