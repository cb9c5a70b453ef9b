//! The URLs that Talkdesk will call: from one base URL, or from the deployed stack's outputs.

use std::collections::BTreeMap;
use std::path::Path;

use bridge::contract::Component;
use bridge::manifest::Manifest;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::given;

/// What may stand in a path as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// One URL per component that is offered; that of actions ends in a slash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Endpoints(BTreeMap<Component, String>);

impl Endpoints {
    /// From the part that all URLs share.
    ///
    /// # Errors
    /// A URL that Talkdesk could not call.
    pub fn from_base(base: &str, manifest: &Manifest) -> Result<Self, String> {
        let base = checked(base).map_err(|why| format!("--base-url {base}: {why}"))?;
        let base = base.trim_end_matches('/');
        let url = |component: Component| format!("{base}{}", component.path().trim_end_matches("{name}"));
        Ok(Self(offered(manifest).map(|c| (c, url(c))).collect()))
    }

    /// From what `sam list stack-outputs --output json` or `aws cloudformation describe-stacks` wrote.
    ///
    /// # Errors
    /// A file that is neither, or outputs that are missing, all of them named.
    pub fn from_outputs(path: &Path, manifest: &Manifest) -> Result<Self, String> {
        let name = path.display();
        let outputs = outputs_in(path)?;
        let (mut urls, mut missing) = (BTreeMap::new(), Vec::new());
        for component in offered(manifest) {
            let key = output_key(component);
            match outputs.iter().find(|(known, _)| *known == key) {
                Some((_, url)) => {
                    let url = checked(url).map_err(|why| format!("{name}: {key} {url}: {why}"))?;
                    urls.insert(
                        component,
                        if component == Component::Actions { with_slash(url) } else { url },
                    );
                }
                None => missing.push(key),
            }
        }
        if missing.is_empty() {
            return Ok(Self(urls));
        }
        Err(format!(
            "{name}: these outputs are missing: {}. Is it another stack, or an older one?",
            missing.join(", ")
        ))
    }

    /// A component's URL; `None` when it is not offered.
    pub fn get(&self, component: Component) -> Option<&str> {
        self.0.get(&component).map(String::as_str)
    }

    /// An action's URL.
    pub fn action(&self, name: &str) -> String {
        let base = self.get(Component::Actions).unwrap_or_default();
        format!("{base}{}", utf8_percent_encode(name, KEPT))
    }
}

fn offered(manifest: &Manifest) -> impl Iterator<Item = Component> {
    Component::ALL.into_iter().filter(|component| manifest.offers(*component))
}

/// The stack's output is named after Talkdesk's field (template.yaml).
fn output_key(component: Component) -> String {
    let field = component.endpoint_field().unwrap_or("action_endpoint");
    field
        .split('_')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        })
        .collect()
}

/// Keys and values of a file in either form, with a byte order mark or without.
///
/// # Errors
/// What is not as AWS prints it; for a file that is not there, what writes it.
pub(crate) fn outputs_in(path: &Path) -> Result<Vec<(String, String)>, String> {
    let absent = "`make deploy` writes it, and for a stack that is deployed already \
                  `sam list stack-outputs --stack-name STACK --output json`";
    let json: Value = given::json(path, absent, "not JSON")?;
    outputs(&json).map_err(|why| format!("{}: {why}", path.display()))
}

fn outputs(json: &Value) -> Result<Vec<(String, String)>, String> {
    let list = match json {
        Value::Array(list) => list,
        Value::Object(_) => match json["Stacks"].as_array().map(Vec::as_slice) {
            Some([one]) => one["Outputs"].as_array().ok_or("the stack has no outputs (is it deployed?)")?,
            Some([]) => return Err("there is no stack".to_owned()),
            Some(_) => return Err("there are several stacks; name one with --stack-name".to_owned()),
            None => json["Outputs"].as_array().ok_or("there are neither Stacks nor Outputs")?,
        },
        _ => return Err("neither a list of outputs nor a description of stacks".to_owned()),
    };
    let pair = |output: &Value| {
        let text = |key: &str| output[key].as_str().map(str::to_owned);
        Some((text("OutputKey")?, text("OutputValue")?))
    };
    Ok(list.iter().filter_map(pair).collect())
}

/// A URL that Talkdesk can call.
fn checked(text: &str) -> Result<String, String> {
    let url = Url::parse(text.trim()).map_err(|_| "not a URL such as https://bridge.example.org")?;
    if url.scheme() != "https" {
        return Err("Talkdesk calls https only".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err("a URL without user, query and fragment is expected".to_owned());
    }
    Ok(text.trim().to_owned())
}

fn with_slash(mut url: String) -> String {
    if !url.ends_with('/') {
        url.push('/');
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_named_after_talkdesks_fields() {
        assert_eq!(output_key(Component::AuthValidation), "AuthValidationEndpoint");
        assert_eq!(output_key(Component::Contacts), "ContactSynchronizationEndpoint");
        assert_eq!(output_key(Component::Actions), "ActionEndpoint");
    }

    #[test]
    fn only_https_without_extras_is_a_base() {
        for url in
            ["http://a.example", "ftp://a.example", "a.example", "https://a.example?x", "https://u@a.example"]
        {
            assert!(checked(url).is_err(), "{url}");
        }
        assert!(checked("https://a.example/prod/").is_ok());
    }
}
