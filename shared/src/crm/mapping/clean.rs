//! What a CRM's text may bring into Talkdesk's screens: no control characters, no signs that turn
//! the direction of what stands around it, no link that runs something, nothing endless.

/// Longest text that is passed on, in bytes: a CRM's field may hold megabytes.
const MAX_TEXT: usize = 4_096;
/// Longest link that is passed on, in bytes; a shortened link leads nowhere.
const MAX_LINK: usize = 2_048;

/// Overrides, embeddings and isolates: they change how the text *around* a value reads. The marks
/// U+200E and U+200F belong to Hebrew and Arabic names and stay.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters that nobody sees (Unicode's category Cf and the variation selectors): part of a
/// name, but never of an address, a link or a number.
pub(in crate::crm) fn is_invisible(c: char) -> bool {
    crate::phone::is_invisible(c)
}

fn is_noise(c: char) -> bool {
    c.is_control() || turns_direction(c) || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// One line of text for people; `None` when nothing is left of it.
pub(in crate::crm) fn line(text: &str) -> Option<String> {
    if is_plain(text) {
        return Some(text.to_owned());
    }
    let mut clean = String::with_capacity(text.len().min(MAX_TEXT));
    for word in text.split(char::is_whitespace) {
        let begin = clean.len();
        if begin > 0 && !word.is_empty() {
            clean.push(' ');
        }
        let before = clean.len();
        clean.extend(word.chars().filter(|c| !is_noise(*c)));
        if clean.len() == before {
            clean.truncate(begin);
        }
        if clean.len() > MAX_TEXT {
            break;
        }
    }
    cut(clean)
}

/// What most texts are, and what nothing is done to: words of visible ASCII, one space between them.
fn is_plain(text: &str) -> bool {
    let mut before = b' ';
    let fine = text.bytes().all(|byte| {
        let fine = matches!(byte, b' '..=b'~') && (byte, before) != (b' ', b' ');
        before = byte;
        fine
    });
    fine && before != b' ' && text.len() <= MAX_TEXT
}

/// Text of several lines; `None` when nothing is left of it.
pub(super) fn lines(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let clean: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_noise(*c)).collect();
    cut(clean.trim().to_owned())
}

/// A word of a machine: an address, a link, a handle. Nothing invisible belongs into it.
pub(super) fn word(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return text.to_owned();
    }
    text.chars().filter(|c| !is_noise(*c) && !is_invisible(*c)).collect::<String>().trim().to_owned()
}

/// At most [`MAX_TEXT`] bytes, with a sign that something is missing.
fn cut(mut text: String) -> Option<String> {
    if text.len() > MAX_TEXT {
        let mut end = MAX_TEXT - '…'.len_utf8();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    (!text.is_empty()).then_some(text)
}

/// A link that a browser may follow: http, https, or none of the schemes, as in `www.example.com`,
/// `example.com:8080/x` and `/path`. `None` for everything else, `javascript:` and `data:` among it.
pub(super) fn link(text: &str) -> Option<String> {
    let link = word(text);
    let leaves = |byte| matches!(byte, b'<' | b'>' | b'"' | b'`' | b'\\');
    if link.is_empty() || link.len() > MAX_LINK || link.bytes().any(leaves) {
        return None;
    }
    let head = &link[..link.find(['/', '?', '#']).unwrap_or(link.len())];
    let fine = match head.split_once(':') {
        Some((scheme, "")) if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") => {
            link[head.len()..].starts_with("//")
        }
        // Only a host's port may follow a colon; an IPv6 address stands in brackets.
        Some((host, port)) => {
            let port = host.strip_prefix('[').map_or(port, |_| link_port(head));
            !host.is_empty()
                && port.bytes().all(|b| b.is_ascii_digit())
                && (!port.is_empty() || host.starts_with('['))
        }
        None => head.is_empty() && link.starts_with('/') || head.starts_with(char::is_alphanumeric),
    };
    fine.then_some(link)
}

/// What follows the bracket of an IPv6 address, without the colon.
fn link_port(head: &str) -> &str {
    head.rsplit_once(']').map_or("-", |(_, port)| port.strip_prefix(':').unwrap_or(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_page_or_is_none() {
        for good in [
            "https://example.com/a:b?c=d:e#f",
            "HTTP://example.com",
            "www.example.com",
            "example.com:8080/x",
            "example.com/?u=javascript:alert(1)",
            "//cdn.example.com/a.png",
            "/contacts/1",
            "[2001:db8::1]:80/x",
            "münchen.example",
        ] {
            assert_eq!(link(good).as_deref(), Some(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            " java\nscript:alert(1)",
            "java\u{200B}script:alert(1)",
            "\u{1}javascript:alert(1)",
            "javascript://example.com/%0Aalert(1)",
            "data:text/html,<script>",
            "vbscript:x",
            "file:///etc/passwd",
            "ftp://example.com",
            "mailto:a@example.com",
            "https:example.com",
            "http:/example.com",
            "&#106;avascript:alert(1)",
            "#javascript:alert(1)",
            ":80",
            "",
            "https://example.com/\"onclick=",
            "\\\\host\\share",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
        assert_eq!(link(&format!("https://example.com/{}", "x".repeat(MAX_LINK))), None);
    }

    #[test]
    fn a_text_that_nothing_is_done_to_is_known_at_once() {
        for text in
            ["", " ", "a", "a b", " a", "a ", "a  b", "Ünal", "a\tb", "~!", "x\u{7f}", "1 Street, Town"]
        {
            // A sign that is taken out again leads through the whole way.
            assert_eq!(line(text), line(&format!("{text}\u{0}")), "{text:?}");
            assert_eq!(word(text), word(&format!("{text}\u{0}")), "{text:?}");
        }
    }

    #[test]
    fn nothing_that_a_terminal_or_a_database_obeys_is_left_in_a_text() {
        assert_eq!(line("Ada\0 \u{1b}[31mLovelace\u{202E}\u{7}\u{85}").as_deref(), Some("Ada [31mLovelace"));
        assert_eq!(line("  a \t\r\n b ").as_deref(), Some("a b"));
        assert_eq!(lines("a\r\nb\rc\u{0}\u{9b}\td\n").as_deref(), Some("a\nb\nc\td"));
        assert_eq!((line("\u{0} \u{202E}"), lines("\u{0}\n")), (None, None));
        // Marks that names are written with stay.
        assert_eq!(line("\u{200F}שלום נ\u{200D}ד").as_deref(), Some("\u{200F}שלום נ\u{200D}ד"));
        assert_eq!(word("\u{200B}jo@example.com\u{FEFF}"), "jo@example.com");
    }

    #[test]
    fn a_text_has_an_end() {
        for clean in [line(&"é".repeat(10_000)), lines(&"日\n".repeat(10_000))] {
            let text = clean.unwrap();
            assert!(
                text.len() <= MAX_TEXT && text.len() > MAX_TEXT - 8 && text.ends_with('…'),
                "{}",
                text.len()
            );
        }
    }
}
