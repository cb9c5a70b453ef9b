//! The account of a recorded fixture: that of the manifest's other fixtures, else a made-up one that its
//! patterns take.

use std::path::Path;

use bridge::manifest::Manifest;
use bridge::pasted::address;
use serde_json::{Map, Value};

use crate::fixture::read_all;
use crate::watch::mask::{HOST, Mask, SECRET};

/// Values for a field of `auth`; the first that has its form is taken.
const CANDIDATES: [&str; 6] =
    [SECRET, "acme", "acme.example.com", "https://acme.example.com", "12345", "AB12"];

/// `auth` and the secret's fields.
pub type Account = (Map<String, Value>, Map<String, Value>);

/// `auth` and secret for fixtures of this manifest; `secret` is the real one's text.
///
/// # Errors
/// A field whose form no made-up value has, or a host that none may stand for.
pub fn account(folder: &Path, manifest: &Manifest, secret: Option<&str>) -> Result<Account, String> {
    if let Some((_, fixture)) = read_all(folder)?.into_iter().next() {
        return Ok((fixture.auth, fixture.secret));
    }
    let document = manifest.document();
    let key = document.credentials.as_ref().map(|credentials| credentials.caller_key.as_str());
    let mut auth = Map::new();
    let fields = document.integration.authentication.iter();
    for (name, field) in fields.filter(|(name, _)| Some(name.as_str()) != key) {
        let value = CANDIDATES.into_iter().find(|value| manifest.auth_value_fits(name, value));
        // A form of its own that a customer may leave empty stays so in the fixture's account.
        if value.is_none() && !field.mandatory {
            continue;
        }
        let value = value.ok_or_else(|| {
            format!(
                "auth.{name}: no made-up value has its form; write one fixture with good credentials by hand"
            )
        })?;
        auth.insert(name.clone(), value.into());
    }
    let real: Map<String, Value> = serde_json::from_str(secret.unwrap_or("{}")).unwrap_or_default();
    let fields = real.iter().filter(|(name, _)| *name != "caller_keys");
    let made: Result<Map<_, _>, String> =
        fields.map(|(name, value)| Ok((name.clone(), made_up(manifest, name, value)?.into()))).collect();
    Ok((auth, made?))
}

/// What of an account must not be shown: its secret, wherever it stands from now on. A field that is public has the
/// stand-in of a recorded fixture's account, so that a link to the CRM's host stays one.
pub fn hide(mask: &mut Mask, manifest: &Manifest, secret: Option<&str>, made: &Map<String, Value>) {
    let real: Map<String, Value> = serde_json::from_str(secret.unwrap_or("{}")).unwrap_or_default();
    let public = manifest.document().credentials.as_ref().map(|credentials| credentials.public.as_slice());
    for (name, value) in real {
        let stand_in =
            made.get(&name).and_then(Value::as_str).filter(|_| public.unwrap_or_default().contains(&name));
        match (stand_in, value.as_str()) {
            (Some(stand_in), Some(text)) if text.len() >= 4 => mask.host(text, stand_in),
            _ => each_text(&value, &mut |text| mask.secret(text)),
        }
    }
}

/// Every text of a value.
fn each_text(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, visit)),
        Value::Object(map) => map.values().for_each(|item| each_text(item, visit)),
        _ => {}
    }
}

/// A host that may be called where the real value is one, pasted as an address perhaps; else a text that is no secret.
fn made_up(manifest: &Manifest, name: &str, value: &Value) -> Result<String, String> {
    let (host, _) = address(value.as_str().unwrap_or_default());
    let Some((first, rest)) = host.split_once('.').filter(|_| manifest.allows_host(&host)) else {
        return Ok(SECRET.to_owned());
    };
    let further = rest.split_once('.').map(|(_, rest)| format!("{first}.example.{rest}"));
    let hosts = [Some(HOST.to_owned()), Some(format!("example.{rest}")), further];
    hosts.into_iter().flatten().find(|host| manifest.allows_host(host)).ok_or_else(|| {
        format!("secret.{name}: no made-up host is one of connection.hosts; write one fixture with a good one by hand")
    })
}
