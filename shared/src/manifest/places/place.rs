//! The variables of one place, and what is wrong with a name that it does not have.

use super::super::model::{Action, Document, Ordered, Step};
use super::super::problem::Problem;

/// The variables of one place.
#[derive(Clone)]
pub(super) struct Place<'a> {
    pub(super) document: &'a Document,
    pub(super) roots: Vec<String>,
    pub(super) secrets: bool,
    pub(super) inputs: Option<&'a Action>,
    pub(super) steps: Vec<String>,
    /// Whether `phone` is one of the contact's numbers, and not a name that a list of the manifest gives.
    pub(super) forms: bool,
    /// Whether the request is finished, so that all of it is known.
    pub(super) finished: bool,
    /// Whether text around a value may be another language, so that values need quoting.
    pub(super) quoting: bool,
    /// Whether the secret has been read, so that its public fields are known.
    pub(super) read: bool,
}

pub(super) const ANSWER: [&str; 3] = ["status", "headers", "body"];
const CONTACT: [&str; 7] = ["id", "list", "name", "emails", "phones", "phone_forms", "numbers"];
/// Before a request is finished only the first two are known.
const REQUEST: [&str; 8] = ["method", "path", "host", "query", "sorted_query", "body", "timestamp", "nonce"];
const PHONE: [&str; 6] = ["e164", "national", "digits", "last", "written", "groups"];

impl<'a> Place<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self {
            document,
            roots: vec!["auth".to_owned(), "const".to_owned()],
            secrets: false,
            inputs: None,
            steps: Vec::new(),
            forms: false,
            finished: false,
            quoting: false,
            read: true,
        }
    }

    pub(super) fn with<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut place = self.clone();
        place.roots.extend(names.into_iter().map(str::to_owned));
        place
    }

    pub(super) fn without(&self, name: &str) -> Self {
        let mut place = self.clone();
        place.roots.retain(|root| root != name);
        place
    }

    pub(super) fn secret(&self) -> Self {
        let mut place = self.with(["secret"]);
        place.secrets = true;
        place
    }

    /// Before the secret is read.
    pub(super) fn unread(&self) -> Self {
        Self { read: false, ..self.clone() }
    }

    /// With all parts of the request.
    pub(super) fn finished(&self) -> Self {
        Self { finished: true, ..self.clone() }
    }

    pub(super) fn quoted(&self) -> Self {
        Self { quoting: true, ..self.clone() }
    }

    /// With the values of these steps.
    pub(super) fn steps(&self, steps: impl IntoIterator<Item = &'a String>) -> Self {
        let mut place = self.clone();
        for name in steps {
            if place.steps.is_empty() && !place.roots.iter().any(|root| root == "steps") {
                place.roots.push("steps".to_owned());
            }
            place.steps.push(name.clone());
        }
        place
    }

    /// With the values of the steps that have run when the main call is made.
    pub(super) fn steps_before(&self, steps: &'a Ordered<Step>) -> Self {
        self.steps(steps.iter().filter(|(_, step)| step.comes_before()).map(|(name, _)| name))
    }
}

/// Why a place does not have this name; nothing when it does.
pub(super) fn unknown(name: &[String], place: &Place<'_>) -> Option<Problem> {
    let (root, rest) = name.split_first()?;
    let text = name.join(".");
    let public = place.document.credentials.as_ref().map(|c| c.public.as_slice()).unwrap_or_default();
    if root == "secret" && place.read && rest.first().is_some_and(|field| public.contains(field)) {
        return None;
    }
    if !place.roots.contains(root) {
        let hidden = root == "secret" || root == "token";
        let problem = Problem::new(if !place.read && hidden {
            format!(
                "`{text}` may stand only behind this: the secret's name is made before the secret is read"
            )
        } else if hidden {
            format!("`{text}` may stand only where the credentials of a request are built (connection)")
        } else {
            format!("the name `{text}` does not exist here")
        });
        return Some(problem.allowing(root, place.roots.iter().cloned()));
    }
    let document = place.document;
    let known: Vec<String> = match root.as_str() {
        "auth" => {
            let fields = &document.integration.authentication;
            let visible = fields.iter().filter(|(_, f)| place.secrets || !f.secret);
            let visible: Vec<String> = visible.map(|(n, _)| n.clone()).collect();
            if let Some(field) = rest.first()
                && fields.get(field).is_some_and(|f| f.secret && !place.secrets)
            {
                let problem = Problem::new(format!(
                    "`{text}` is declared secret: it may stand only where the credentials of a request are built"
                ));
                return Some(problem.allowing(field, visible));
            }
            visible
        }
        "const" => document.r#const.keys().cloned().collect(),
        "secret" => match &document.credentials {
            Some(credentials) => credentials.fields.keys().cloned().collect(),
            None => Vec::new(),
        },
        "input" => place.inputs.map(|a| a.input.keys().cloned().collect()).unwrap_or_default(),
        "steps" => place.steps.clone(),
        "contact" => CONTACT.iter().map(|s| (*s).to_owned()).collect(),
        "phone" if place.forms => PHONE.iter().map(|s| (*s).to_owned()).collect(),
        "call" => call(place),
        "agent" => vec!["id".to_owned()],
        "request" => {
            let parts = if place.finished { REQUEST.as_slice() } else { &REQUEST[..2] };
            parts.iter().map(|s| (*s).to_owned()).collect()
        }
        _ => return None,
    };
    match rest.first() {
        Some(key) if known.contains(key) => None,
        Some(key) => Some(
            Problem::new(format!("the name `{text}` does not exist here"))
                .allowing(&format!("{root}.{key}"), known.iter().map(|k| format!("{root}.{k}"))),
        ),
        None => None,
    }
}

/// What is known of a call depends on what the action asks for.
fn call(place: &Place<'_>) -> Vec<String> {
    let asks = |name: &str| place.inputs.is_some_and(|action| action.input.contains_key(name));
    let of = |input: &str, names: &[&'static str]| if asks(input) { names.to_vec() } else { Vec::new() };
    let seconds = of("seconds", &["seconds", "started_at", "ended_at"]);
    let names =
        [seconds, of("direction", &["direction", "title"]), of("summary", &["text", "details"])].concat();
    names.into_iter().map(str::to_owned).collect()
}
