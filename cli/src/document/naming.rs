//! The integration's name at Talkdesk, which is unique among all of Talkdesk's accounts (contract §8).

use bridge::manifest::Manifest;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::details::Details;

/// Names that are taken, with where that is known from.
const NAMES: &str = include_str!("names.yaml");
/// Most characters of a name, as `check` has it.
const LONGEST: usize = 60;

/// Names that a submission must not have.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// In use at Talkdesk.
    pub in_use: Vec<String>,
    /// Those of the manifests that this project ships.
    pub shipped: Vec<String>,
}

/// The names; a test holds that they can be read.
#[must_use]
pub fn names() -> Names {
    serde_saphyr::from_str(NAMES).unwrap_or_default()
}

/// The name to submit: that of the details, else the manifest's where it is `own`, a customer's, else
/// `<manifest>-<client>`.
///
/// # Errors
/// A name that is taken or cannot be one, and what to write into the details.
pub fn choose(manifest: &Manifest, own: bool, details: &Details) -> Result<String, String> {
    let (base, wanted) = (manifest.name(), details.integration_name.trim());
    let names = names();
    let is_shipped = |name: &str| names.shipped.iter().any(|known| known == name);
    let name = match (wanted, slug(&details.client).as_str()) {
        ("", _) if own && !is_shipped(base) => base.to_owned(),
        ("", "") => {
            let why = "the client's name has no letter that a name of an integration may have";
            return Err(format!("integration_name: {why}; write one, such as {base}-example"));
        }
        ("", client) => shortened(&format!("{base}-{client}")),
        (wanted, _) => wanted.to_owned(),
    };
    if let Some(why) = refusal(&name, &names) {
        return Err(format!("integration_name: `{name}` {why}"));
    }
    Ok(name)
}

/// Why nobody may submit a name.
fn refusal(name: &str, names: &Names) -> Option<&'static str> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    if name.is_empty() || name.len() > LONGEST || !name.chars().all(letters) {
        return Some("must be lower case letters, digits, `_` and `-`, at most 60");
    }
    if names.in_use.iter().any(|known| known == name) {
        return Some("is in use at Talkdesk; add your company's name");
    }
    if names.shipped.iter().any(|known| known == name) {
        return Some("is what every user of this manifest could take; add your company's name");
    }
    None
}

/// A company's name in the letters of a name: without accents, its words joined by `-`.
fn slug(client: &str) -> String {
    let plain = client.nfkd().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase);
    let plain: String = plain.map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join("-")
}

/// What `é` has beside its `e`, and the apostrophe of `O'Neil`.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c) || matches!(c, '\'' | '’')
}

/// A long name ends with a whole word.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        None => name.to_owned(),
        Some((end, _)) => {
            let kept = &name[..end];
            kept.rsplit_once('-').map_or(kept, |(words, _)| words).to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_companys_name_becomes_words_of_plain_letters() {
        for (client, expected) in [
            ("Musterfirma GmbH", "musterfirma-gmbh"),
            (" Crème & Brûlée / S.A. ", "creme-brulee-s-a"),
            ("O'Neil’s", "oneils"),
            ("Ａｃｍｅ 見本", "acme"),
            ("見本株式会社", ""),
        ] {
            assert_eq!(slug(client), expected, "{client}");
        }
    }

    #[test]
    fn a_long_name_ends_with_a_whole_word() {
        let name = shortened(&format!("crm-{}", ["company"; 12].join("-")));
        assert_eq!((name.len() <= LONGEST, name.ends_with("-company")), (true, true), "{name}");
        assert_eq!(shortened(&"a".repeat(61)).len(), LONGEST);
    }
}
