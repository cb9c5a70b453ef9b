//! What a text looks like: an address, a number, a time, an id; and what its key says of it.

use std::sync::LazyLock;

use regex::Regex;

#[expect(clippy::unwrap_used, reason = "constant patterns, all of them used by the tests below")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

/// An e-mail address.
pub static EMAIL: LazyLock<Regex> = LazyLock::new(|| pattern(r"[\w.%+-][\w.%+'-]*@[\w-]+(?:\.[\w-]+)+"));
/// A number as people write it; a time looks alike and is found first.
pub static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?<time>\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?)|\+?\(?\d[\d\s().\-/]{5,22}\d")
});
/// A text in an expression of a manifest.
pub static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r"'([^'\n]+)'"));
/// A time or a day, alone.
pub static TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?)?$")
});
/// An id: letters and digits, at least one of these.
pub static ID: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[0-9A-Za-z]*[0-9][0-9A-Za-z_-]*$"));

/// An address that nobody has.
pub fn email(number: usize) -> String {
    format!("person-{number}@example.com")
}

/// A number that nobody has: 555-0100 to 555-0199 are set aside for fiction, in several areas.
pub fn phone(number: usize) -> String {
    format!("+1{}55501{:02}", 202 + number / 100, number % 100)
}

/// Whether a key says that its value is a secret.
pub fn hides(key: &str) -> bool {
    let key: String = key.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_ascii_lowercase();
    let within =
        ["token", "secret", "password", "passwd", "apikey", "authorization", "cookie", "session", "jwt"];
    let whole = ["pwd", "pass", "sid", "key", "access", "sig", "signature"];
    (within.iter().any(|word| key.contains(word)) || whole.contains(&key.as_str())) && !key.contains("type")
}

/// Whether a key says that its value is what somebody or something is called.
pub fn names(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["name", "login", "title", "subject", "text", "company", "address", "street"]
        .iter()
        .any(|word| key.contains(word))
}

/// Whether a text is an id in digits.
pub fn bare_id(key: &str, text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit()) && !is_phone(key, text)
}

/// Whether digits are a phone number: enough of them, not under a key of an id, and no time.
pub fn is_phone(key: &str, text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let bare = text.chars().all(|c| c.is_ascii_digit());
    let key = key.to_ascii_lowercase();
    let named = ["phone", "mobile", "fax", "number", "call", "tel", "cell", "whatsapp"]
        .iter()
        .any(|word| key.contains(word));
    (7..=15).contains(&digits) && !TIME.is_match(text) && (!bare || named)
}
