//! What stands in a number without being part of it: marks that nobody sees, digits of other
//! scripts, and what spreadsheets make of a number.

use std::borrow::Cow;

/// The zeros of Unicode's decimal digits (category Nd), each followed by its nine sisters.
const ZEROS: [u32; 41] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0,
    0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x1D7CE, 0x1D7D8,
    0x1D7E2, 0x1D7EC, 0x1D7F6,
];

/// A decimal digit of any script, as ASCII.
pub(super) fn digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let code = c as u32;
    let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

/// Whether a character is not seen: Unicode's format characters (category Cf: soft hyphen,
/// zero-width signs, marks and overrides of direction, byte order mark, tags) and what dresses the
/// character before it (variation selectors, the keycap).
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{0600}'..='\u{0605}' | '\u{061C}' | '\u{06DD}' | '\u{070F}'
        | '\u{0890}' | '\u{0891}' | '\u{08E2}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{20E3}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0001}' | '\u{E0020}'..='\u{E007F}'
        | '\u{E0100}'..='\u{E01EF}')
}

/// A field's text without what nobody sees, its digits in ASCII, and a spreadsheet's number
/// written out.
pub(super) fn tidy(raw: &str) -> Cow<'_, str> {
    let odd = |c: char| !c.is_ascii() || (c.is_ascii_control() && !c.is_whitespace());
    let mut text = Cow::Borrowed(raw);
    if raw.contains(odd) {
        let seen = raw.chars().filter(|c| !is_invisible(*c) && (c.is_whitespace() || !c.is_control()));
        text = Cow::Owned(seen.map(|c| digit(c).unwrap_or(c)).collect());
    }
    match written_out(text.trim()) {
        Some(number) => Cow::Owned(number),
        None => text,
    }
}

/// `1.4155552671E10` and `4155552671.0` are what spreadsheets and data frames make of a number.
///
/// Where digits were rounded away (`1.41556E+10`) the number is lost, and nothing is made of it.
fn written_out(text: &str) -> Option<String> {
    let (sign, number) = match text.strip_prefix('+') {
        Some(number) => ("+", number),
        None => ("", text),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if let Some((whole, fraction)) = number.split_once('.')
        && whole.len() >= super::MIN_DIGITS
        && all_digits(whole)
        && !fraction.is_empty()
        && fraction.bytes().all(|b| b == b'0')
    {
        return Some(format!("{sign}{whole}"));
    }
    let (mantissa, exponent) = number.split_once(['e', 'E'])?;
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once(['.', ','])?;
    if whole.len() != 1 || !all_digits(whole) || !all_digits(fraction) || !all_digits(exponent) {
        return None;
    }
    // A spreadsheet drops zeros at the end; more than two are rather a rounded number.
    let zeros =
        exponent.parse::<usize>().ok().filter(|e| (6..=14).contains(e))?.checked_sub(fraction.len())?;
    (zeros <= 2).then(|| format!("{sign}{whole}{fraction}{}", "0".repeat(zeros)))
}

/// The number before the pauses of a dialling string: `4155552671,,12#`, `4155552671p12`.
pub(super) fn before_pause(text: &str) -> Option<&str> {
    let pause = |c: char| matches!(c, ',' | ';' | 'p' | 'P' | 'w' | 'W');
    let at = text.char_indices().find(|(at, c)| {
        pause(*c) && text[..*at].chars().filter(char::is_ascii_digit).count() >= super::MIN_DIGITS
    });
    let (at, _) = at?;
    let dialled = |c: char| c.is_ascii_digit() || c.is_whitespace() || pause(c) || "*#-.()".contains(c);
    (text[..at].trim_end().ends_with(|c: char| c.is_ascii_digit()) && text[at..].chars().all(dialled))
        .then(|| &text[..at])
}
