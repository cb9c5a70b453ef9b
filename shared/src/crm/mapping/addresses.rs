//! One field, several e-mail addresses, as people and mail programs write them.

use super::clean::word;

/// The addresses of several fields. A field may hold a list (`a@x; b@y`), names before addresses
/// (`"Doe, Jo" <jo@x>`), and remarks, which are left out when there is an address beside them; a
/// field without any address stays as it is.
pub(super) fn addresses(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().flat_map(split).collect()
}

fn split(text: String) -> Vec<String> {
    let found: Vec<String> = members(&text).into_iter().flat_map(of_member).collect();
    match found.is_empty() {
        true => Some(word(&text)).filter(|t| !t.is_empty()).into_iter().collect(),
        false => found,
    }
}

/// The members of a list: separators inside of quotes and angle brackets do not separate.
fn members(text: &str) -> Vec<&str> {
    // A quote that nothing closes is an apostrophe or a slip.
    let quotes = text.matches('"').count().is_multiple_of(2);
    let brackets = text.matches('<').count() == text.matches('>').count();
    let (mut quoted, mut inside, mut begin) = (false, false, 0);
    let mut members = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '"' if quotes && !inside => quoted = !quoted,
            '<' if brackets && !quoted => inside = true,
            '>' if brackets && !quoted => inside = false,
            ',' | ';' | '\n' | '\r' if !quoted && !inside => {
                members.push(&text[begin..at]);
                begin = at + c.len_utf8();
            }
            _ => {}
        }
    }
    members.push(&text[begin..]);
    members
}

/// `Jo Doe <jo@x>` is one address, `a@x b@y` are two, and words without `@` are none.
fn of_member(member: &str) -> Vec<String> {
    if let Some((_, inner)) = member.rsplit_once('<')
        && let Some((address, _)) = inner.split_once('>')
        && address.contains('@')
    {
        return vec![word(address.trim().trim_start_matches("mailto:"))];
    }
    let unquoted = member.split(|c: char| c.is_whitespace() || c == '"');
    let addresses =
        unquoted.map(|part| word(part.trim_matches(['(', ')', '<', '>']).trim_start_matches("mailto:")));
    addresses.filter(|part| part.contains('@')).collect()
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[test]
    fn every_address_of_a_field_counts_for_itself() {
        for (typed, expected) in [
            ("ada@example.com", &["ada@example.com"][..]),
            ("A@example.com ; b@example.com", &["A@example.com", "b@example.com"]),
            ("a@example.com,b@example.com", &["a@example.com", "b@example.com"]),
            (
                "a@example.com b@example.com\nc@example.com",
                &["a@example.com", "b@example.com", "c@example.com"],
            ),
            ("\"Ada, L.\" <ada@example.com>", &["ada@example.com"]),
            ("Ada, L. <ada@example.com>", &["ada@example.com"]),
            (
                "\"Q, X\" <q@x.example>, \"Y; Z\" <y@z.example>; w@v.example",
                &["q@x.example", "y@z.example", "w@v.example"],
            ),
            ("<ada@example.com>", &["ada@example.com"]),
            ("mailto:ada@example.com", &["ada@example.com"]),
            ("ada@example.com (work)", &["ada@example.com"]),
            ("5\" pipes <ada@example.com>", &["ada@example.com"]),
            ("\u{200B}ada@example.com\u{200E}", &["ada@example.com"]),
            ("not known", &["not known"]),
            (" , ", &[","]),
        ] {
            assert_eq!(addresses(vec![typed.to_owned()]), expected, "{typed}");
        }
    }

    #[test]
    fn a_long_field_is_split_in_one_pass() {
        let begun = std::time::Instant::now();
        for part in ["\"<", "a@b,", "<", "\"", ">,", "a@b <"] {
            let _ = addresses(vec![part.repeat(200_000)]);
        }
        assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    }
}
