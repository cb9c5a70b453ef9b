//! Phone numbers: one form for the same number, wherever it comes from.
//!
//! Talkdesk recognises callers by number, and its samples are E.164 (contract §11.14). CRMs hold
//! whatever was typed: national forms, extensions, remarks, two numbers in one field. What can be
//! understood is sent as E.164; everything else is passed on as it is and counted, never guessed.
//!
//! A number becomes E.164 when libphonenumber calls it *valid*, or when it was written with its
//! country code (`+` or an international prefix) and has a *possible* length. The second rule
//! keeps numbers that exist but that the library's tables do not know, `+1 555 …` among them;
//! nothing is invented there. For national forms possible is not enough: an internal number that
//! happens to be as long as a national one would get a country code that nobody wrote.
//!
//! Numbers are personal data, so `Debug` does not show them. The library's tables load at first
//! use (about 9 ms); creating [`PhoneNumbers`] loads nothing.

use std::collections::HashSet;
use std::fmt;

use rlibphonenumber::{CountryCodeSource, NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// Longest text that is taken for a phone number, in characters; libphonenumber's own limit.
const MAX_LENGTH: usize = 250;

/// A separator with fewer digits than this on one side does not separate two numbers.
const MIN_DIGITS: usize = 7;

/// Every region with a numbering plan, so that checking a setting does not load the tables.
const REGIONS: &str = "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ \
    BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE \
    DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ \
    GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP \
    KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS \
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT \
    PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC \
    TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT \
    ZA ZM ZW";

/// A default region that is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionError;

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected the two letters of a country (ISO 3166), for example US or DE; \
             the United Kingdom is GB",
        )
    }
}

impl std::error::Error for RegionError {}

/// Reads a region such as `US`, in either case.
pub fn parse_region(text: &str) -> Result<Region, RegionError> {
    let code = text.trim().to_ascii_uppercase();
    if !REGIONS.split(' ').any(|known| known == code) {
        return Err(RegionError);
    }
    Region::from_code(&code).map_err(|_| RegionError)
}

/// One number as it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct NormalizedPhone {
    /// E.164 without extension; of a text that is not a number the trimmed text itself.
    pub text: String,
    /// Whether `text` is E.164.
    pub parsed: bool,
    /// The extension's digits, if there was one.
    pub extension: Option<String>,
}

impl fmt::Debug for NormalizedPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NormalizedPhone").field("parsed", &self.parsed).finish_non_exhaustive()
    }
}

/// The forms under which a CRM may hold a number.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PhoneForms {
    /// E.164, e.g. `+14155552671`; `None` for a text that is not a number.
    pub e164: Option<String>,
    /// The digits without country code and trunk prefix, e.g. `4155552671`; else `digits`.
    pub national: String,
    /// The digits of the E.164 form; of a text that is not a number all its digits. May be empty.
    pub digits: String,
    /// The last nine digits of `national`, or all when there are fewer: the same in every form.
    pub last: String,
}

impl fmt::Debug for PhoneForms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhoneForms").field("parsed", &self.e164.is_some()).finish_non_exhaustive()
    }
}

/// Reads phone numbers; national forms only with a default region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhoneNumbers {
    /// The country of numbers that are written without one.
    pub default_region: Option<Region>,
}

struct Parsed {
    e164: String,
    national: String,
    extension: Option<String>,
}

impl PhoneNumbers {
    /// One number in the form that is sent; `None` when there is nothing but white space.
    ///
    /// A remark behind the last digit (`(work)`) is left out of a number that is understood.
    #[must_use]
    pub fn normalize(&self, raw: &str) -> Option<NormalizedPhone> {
        let text = raw.trim();
        (!text.is_empty()).then(|| self.first_of(&[text], text))
    }

    /// Every number of several fields, each of which may hold more than one.
    ///
    /// Order is kept, and what comes out the same is sent once. The count says how many of the
    /// returned texts are not E.164.
    pub fn normalize_all<'a>(&self, raw: impl Iterator<Item = &'a str>) -> (Vec<String>, usize) {
        let mut seen = HashSet::new();
        let mut texts = Vec::new();
        let mut unparsed = 0;
        for candidate in raw.flat_map(split).filter(|c| !c.whole.is_empty()) {
            let phone = self.first_of(&candidate.attempts, candidate.whole);
            if seen.insert(phone.text.clone()) {
                unparsed += usize::from(!phone.parsed);
                texts.push(phone.text);
            }
        }
        (texts, unparsed)
    }

    /// The forms to look a caller up by.
    #[must_use]
    pub fn lookup_forms(&self, raw: &str) -> PhoneForms {
        let text = raw.trim();
        let (e164, national, digits) = match self.parse(text) {
            Some(parsed) => {
                let digits = parsed.e164.trim_start_matches('+').to_owned();
                (Some(parsed.e164), parsed.national, digits)
            }
            None => {
                let digits: String = text.chars().take(MAX_LENGTH).filter_map(digit).collect();
                (None, digits.clone(), digits)
            }
        };
        let last = national[national.len().saturating_sub(9)..].to_owned();
        PhoneForms { e164, national, digits, last }
    }

    fn first_of(&self, attempts: &[&str], whole: &str) -> NormalizedPhone {
        match attempts.iter().find_map(|text| self.parse(text)) {
            Some(parsed) => NormalizedPhone { text: parsed.e164, parsed: true, extension: parsed.extension },
            None => NormalizedPhone { text: whole.to_owned(), parsed: false, extension: None },
        }
    }

    fn parse(&self, text: &str) -> Option<Parsed> {
        if text.chars().nth(MAX_LENGTH).is_some() {
            return None;
        }
        let (end, last_digit) = text.char_indices().rfind(|(_, c)| digit(*c).is_some())?;
        let (number, remark) = text.split_at(end + last_digit.len_utf8());
        // Letters may be digits of a vanity number (1-800-FLOWERS) or a remark (… home). Only a
        // valid number decides it, because a remark's letters can make a possible length too.
        let found = if remark.chars().any(char::is_alphabetic) {
            self.attempt(number, true)
                .or_else(|| self.attempt(text, true))
                .or_else(|| self.attempt(number, false))
        } else {
            self.attempt(text, false)
        };
        // 00 is the international prefix of most countries, also where the default region, or
        // the lack of one, says otherwise.
        found.or_else(|| self.attempt(&format!("+{}", number.strip_prefix("00")?), true))
    }

    fn attempt(&self, text: &str, valid_only: bool) -> Option<Parsed> {
        // The library (2.2.15) panics when `tel:` stands behind the phone context: it cuts the text
        // between the two without looking at their order. Its sisters had the same fault:
        // https://github.com/nyaruka/phonenumbers/pull/268
        if matches!((text.find(";phone-context="), text.rfind("tel:")), (Some(a), Some(b)) if a < b) {
            return None;
        }
        let util = &*PHONE_NUMBER_UTIL;
        let number = util.parse_and_keep_raw_input(text, self.default_region).ok()?;
        let accepted = util.is_valid_number(&number)
            || (!valid_only
                && matches!(
                    number.country_code_source(),
                    CountryCodeSource::FromNumberWithPlusSign | CountryCodeSource::FromNumberWithIdd
                )
                && matches!(util.is_possible_number_with_reason(&number), Ok(NumberLengthType::IsPossible)));
        let e164 = util.format(&number, PhoneNumberFormat::E164).into_owned();
        // The library hands a number of zeros back as it was written.
        let digits = e164.strip_prefix('+')?;
        if !accepted || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(Parsed {
            national: number.get_national_significant_number(),
            extension: Some(number.extension().to_owned()).filter(|e| !e.is_empty()),
            e164,
        })
    }
}

/// A decimal digit of the scripts that phone numbers are written in, as ASCII.
fn digit(c: char) -> Option<char> {
    let zero = match c {
        '0'..='9' => return Some(c),
        '\u{FF10}'..='\u{FF19}' => 0xFF10,
        '\u{0660}'..='\u{0669}' => 0x0660,
        '\u{06F0}'..='\u{06F9}' => 0x06F0,
        _ => return None,
    };
    char::from_digit(c as u32 - zero, 10)
}

fn digits(text: &str) -> usize {
    text.chars().filter(|c| digit(*c).is_some()).count()
}

/// What one field holds: the texts to try as a number, in order, and what is sent if none is one.
struct Candidate<'a> {
    attempts: Vec<&'a str>,
    whole: &'a str,
}

/// The numbers of one field.
///
/// `;` and line ends separate, unless a parameter or an extension follows a `;`. A `,` separates
/// two texts that can both stand alone; else it is a pause before an extension. `/` comes last,
/// because it also stands inside a number (`0171/1234567`).
fn split(raw: &str) -> Vec<Candidate<'_>> {
    let mut segments: Vec<&str> = Vec::new();
    let mut start = 0;
    let ends = raw
        .char_indices()
        .filter(|(_, c)| matches!(c, ';' | ',' | '\n' | '\r'))
        .map(|(at, c)| (at, c.len_utf8()))
        .chain([(raw.len(), 0)]);
    let cuts: Vec<(usize, usize)> = ends.collect();
    let mut digits_so_far = 0;
    let mut next_from = 0;
    for (index, &(at, width)) in cuts.iter().enumerate() {
        digits_so_far += digits(&raw[next_from..at]);
        next_from = at + width;
        let following = match cuts.get(index + 1) {
            Some(&(end, _)) => &raw[next_from..end],
            None => "",
        };
        let alone = digits(following) >= MIN_DIGITS;
        let joined = match raw[at..].chars().next() {
            Some(';') => is_parameter(following) || (digits_so_far >= MIN_DIGITS && is_extension(following)),
            Some(',') => !(digits_so_far >= MIN_DIGITS && alone),
            _ => false,
        };
        if !joined {
            segments.push(trim(&raw[start..at]));
            (start, digits_so_far) = (next_from, 0);
        }
    }
    // A segment without digits is a remark, when there are others.
    if segments.iter().any(|s| digits(s) > 0) {
        segments.retain(|s| digits(s) > 0);
    } else {
        segments = vec![raw.trim()];
    }
    segments.retain(|s| !s.is_empty());
    segments.into_iter().flat_map(split_at_slashes).collect()
}

/// The numbers of a text whose only separator is `/`.
///
/// With white space around it, it separates if every part can stand alone. Otherwise parts are
/// put together until the last one is long enough to end a number; few digits behind that
/// (`555-2671/72`) belong to the number before, which they neither change nor lengthen.
fn split_at_slashes(text: &str) -> Vec<Candidate<'_>> {
    if !text.contains('/') {
        let first = text.split([',', ';']).next().unwrap_or(text);
        let attempts = if first.len() == text.len() { vec![text] } else { vec![text, first] };
        return vec![Candidate { attempts, whole: text }];
    }
    let spaced = spaced_slashes(text);
    if spaced.len() > 1 && spaced.iter().all(|part| digits(part) >= MIN_DIGITS) {
        return spaced.into_iter().flat_map(join_parts).collect();
    }
    join_parts(text)
}

fn join_parts(text: &str) -> Vec<Candidate<'_>> {
    // Where each number begins and ends.
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let (mut complete, mut total, mut at) = (true, 0, 0);
    for part in text.split('/') {
        let (from, to) = (at, at + part.len());
        at = to + 1;
        let count = digits(part);
        let begins = complete || (total >= MIN_DIGITS && part.trim_start().starts_with('+'));
        match groups.last_mut() {
            Some(group) if !begins => group.1 = to,
            _ => {
                groups.push((from, to));
                total = 0;
            }
        }
        total += count;
        complete = count >= MIN_DIGITS;
    }
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    let mut begin = 0;
    for (from, to) in groups {
        let number = trim(&text[from..to]);
        match candidates.last_mut() {
            Some(before) if digits(number) < MIN_DIGITS => before.whole = trim(&text[begin..to]),
            _ => {
                begin = from;
                candidates.push(Candidate { attempts: vec![number], whole: number });
            }
        }
    }
    candidates
}

/// The parts between slashes that have white space beside them.
fn spaced_slashes(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices('/') {
        let (before, after) = (&text[..at], &text[at + 1..]);
        if before.ends_with(char::is_whitespace) || after.starts_with(char::is_whitespace) {
            parts.push(trim(&text[start..at]));
            start = at + 1;
        }
    }
    parts.push(trim(&text[start..]));
    parts
}

/// Whether this is what may follow a number's `;` in a `tel:` URI.
fn is_parameter(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    ["ext=", "phone-context=", "isub="].iter().any(|name| text.starts_with(name))
}

/// Whether this is nothing but a few digits.
fn is_extension(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.len() < MIN_DIGITS && text.bytes().all(|b| b.is_ascii_digit())
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us() -> PhoneNumbers {
        PhoneNumbers { default_region: Some(Region::US) }
    }

    fn de() -> PhoneNumbers {
        PhoneNumbers { default_region: Some(Region::DE) }
    }

    fn all(numbers: PhoneNumbers, raw: &[&str]) -> (Vec<String>, usize) {
        numbers.normalize_all(raw.iter().copied())
    }

    #[test]
    fn what_is_valid_or_international_and_possible_becomes_e164() {
        for (raw, expected) in [
            ("(415) 555-2671", "+14155552671"),
            ("1 415 555 2671", "+14155552671"),
            ("  +1.415.555.2671 ", "+14155552671"),
            ("+1 (555) 555-5555", "+15555555555"),
            ("+14155550100", "+14155550100"),
            ("011 49 30 1234567", "+49301234567"),
            ("0044 20 7946 0958", "+442079460958"),
            ("+39 06 1234 5678", "+390612345678"),
            ("\u{FF0B}\u{FF14}\u{FF19} \u{FF13}\u{FF10} 1234567", "+49301234567"),
            ("1-800-FLOWERS", "+18003569377"),
            ("tel:+1-415-555-2671", "+14155552671"),
            ("+1 415 555 2671 (work)", "+14155552671"),
            ("+49 30 1234567 home", "+49301234567"),
            ("Bob: +1 415 555 2671", "+14155552671"),
        ] {
            let phone = us().normalize(raw).unwrap();
            assert_eq!((phone.text.as_str(), phone.parsed), (expected, true), "{raw}");
        }
    }

    #[test]
    fn what_is_not_understood_stays_as_it_is() {
        for raw in [
            "555-555-5555",
            "415-555",
            "911",
            "n/a",
            "unknown",
            "+",
            "+1 555 1234",
            "+1 0000000000",
            "+999 123456789",
            "12/05/2020",
            "00",
            "-",
        ] {
            let phone = us().normalize(&format!(" {raw}\t")).unwrap();
            assert_eq!((phone.text.as_str(), phone.parsed), (raw, false), "{raw}");
        }
        let national = PhoneNumbers::default().normalize("(415) 555-2671").unwrap();
        assert_eq!((national.text.as_str(), national.parsed), ("(415) 555-2671", false));
        assert!(us().normalize(" \u{00A0}\n").is_none());
    }

    #[test]
    fn extensions_are_split_off() {
        for raw in [
            "(415) 555-2671 ext. 12",
            "415-555-2671 x12",
            "+14155552671;ext=12",
            "+14155552671,,12",
            "+1 415 555 2671 ext. 12 (work)",
            "+14155552671;12",
        ] {
            let phone = us().normalize(raw).unwrap();
            assert_eq!(phone.text, "+14155552671", "{raw}");
            assert_eq!(phone.extension.as_deref(), Some("12"), "{raw}");
            assert_eq!(all(us(), &[raw]), (vec!["+14155552671".to_owned()], 0), "{raw}");
        }
    }

    #[test]
    fn one_field_may_hold_several_numbers() {
        let both = (vec!["+14155552671".to_owned(), "+14155552672".to_owned()], 0);
        for raw in [
            "+14155552671;+14155552672",
            "415-555-2671; 415-555-2672",
            "415-555-2671 / 415-555-2672",
            "415-555-2671/415-555-2672",
            "(415) 555-2671, (415) 555-2672",
            "415/555-2671 / 415/555-2672",
            "415/555-2671/415/555-2672",
            "415-555-2671\r\n415-555-2672 home",
            "+14155552671/+14155552672",
            "; 415-555-2671 (home) ;; 415-555-2672 (work);",
            "+1 415 555 2671, 2670, +1 415 555 2672",
        ] {
            assert_eq!(all(us(), &[raw]), both, "{raw}");
        }
    }

    #[test]
    fn a_separator_inside_one_number_does_not_split_it() {
        for (raw, expected) in [
            ("0171/1234567", "+491711234567"),
            ("0171 / 1234567", "+491711234567"),
            ("(030) 123/4567", "+49301234567"),
            ("01/71/12/34/56/7", "+491711234567"),
            // A number of the range at the end of the first: which of them, nobody knows.
            ("030/1234567/68", "+49301234567"),
            ("030 1234567/8/9", "+49301234567"),
            ("Meier, 030 1234567", "+49301234567"),
        ] {
            assert_eq!(all(de(), &[raw]), (vec![expected.to_owned()], 0), "{raw}");
        }
        for raw in ["n/a", "555/1234/5678/9012/3456", "call, then; ask / wait"] {
            assert_eq!(all(us(), &[raw]), (vec![raw.to_owned()], 1), "{raw}");
        }
        assert_eq!(all(us(), &["555-555-5555/56"]), (vec!["555-555-5555/56".to_owned()], 1));
    }

    #[test]
    fn order_is_kept_and_duplicates_are_sent_once() {
        let raw =
            ["internal 12", "415 555 2671", "", " ", "+1 415-555-2671 x9", "internal 12", "+442079460958"];
        let (texts, unparsed) = all(us(), &raw);
        assert_eq!(texts, ["internal 12", "+14155552671", "+442079460958"]);
        assert_eq!(unparsed, 1);
    }

    #[test]
    fn look_up_forms_agree_for_every_way_of_writing_a_number() {
        for raw in ["+14155552671", "(415) 555-2671", "1-415-555-2671 ext 3"] {
            let forms = us().lookup_forms(raw);
            assert_eq!(forms.e164.as_deref(), Some("+14155552671"));
            assert_eq!((forms.national.as_str(), forms.digits.as_str()), ("4155552671", "14155552671"));
            assert_eq!(forms.last, "155552671");
        }
        let short = us().lookup_forms("+45 32 12 34 56");
        assert_eq!((short.national.as_str(), short.last.as_str()), ("32123456", "32123456"));
        let unparsed = PhoneNumbers::default().lookup_forms("(415) 555-2671");
        assert_eq!(unparsed.e164, None);
        assert_eq!((unparsed.digits.as_str(), unparsed.last.as_str()), ("4155552671", "155552671"));
        assert!(us().lookup_forms(" anonymous ") == PhoneForms::default());
        assert_eq!(us().lookup_forms("\u{0661}\u{0662}-\u{FF13}").digits, "123");
    }

    #[test]
    fn a_region_is_checked_without_the_tables_and_the_list_is_theirs() {
        assert_eq!(parse_region(" us "), Ok(Region::US));
        for wrong in ["", "UK", "XX", "USA", "001", "ZZ", "U", "A A", "日本"] {
            assert_eq!(parse_region(wrong), Err(RegionError), "{wrong}");
        }
        let mut known: Vec<String> =
            PHONE_NUMBER_UTIL.get_supported_regions().map(|r| r.to_string()).collect();
        known.sort();
        assert_eq!(known.join(" "), REGIONS.split_whitespace().collect::<Vec<_>>().join(" "));
    }

    #[test]
    fn debug_shows_no_digit() {
        let shown =
            format!("{:?} {:?}", us().normalize("+14155552671 x9"), us().lookup_forms("+14155552671"));
        assert!(!shown.chars().any(|c| c.is_ascii_digit()), "{shown}");
    }

    #[test]
    fn hostile_texts_do_not_panic() {
        let long = "1".repeat(100_000);
        let many = "+14155552671;".repeat(5_000);
        let slashes = "/".repeat(50_000);
        for raw in [
            long.as_str(),
            &many,
            &slashes,
            "\0",
            "+\0\u{202E}123",
            "١٢٣٤٥٦٧٨٩",
            "🤙+1🤙415",
            "₁₂₃",
            ";;;,,,///",
            "5;phone-context=+1;tel:x1",
            ";phone-context=tel:1",
        ] {
            for numbers in [us(), PhoneNumbers::default()] {
                let _ = (all(numbers, &[raw]), numbers.normalize(raw), numbers.lookup_forms(raw));
            }
        }
        assert!(!us().normalize(&long).unwrap().parsed);
        assert_eq!(all(us(), &[&many]), (vec!["+14155552671".to_owned()], 0));
        // Every text of up to six of these pieces, drawn by a fixed generator.
        const PIECES: &[&str] = &[
            "+",
            "1",
            "415",
            "5552671",
            "00",
            "011",
            "/",
            ";",
            ",",
            " ",
            "x",
            "ext",
            ";ext=",
            "(",
            ")",
            "[",
            "-",
            "\u{FF0B}",
            "\u{FF11}",
            "é",
            "ﬁ",
            "İ",
            "🤙",
            "\u{200B}",
            "\u{0301}",
            "~",
            "*",
            "#",
            "\n",
            "A",
            "FLOWERS",
            ";phone-context=",
            "tel:",
            ";isub=",
            "\u{2060}",
            "٣",
            "०",
            "\0",
            "49",
            "0",
        ];
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut draw = |n: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % n as u64) as usize
        };
        for _ in 0..20_000 {
            let raw: String = (0..draw(7)).map(|_| PIECES[draw(PIECES.len())]).collect();
            let (texts, unparsed) = all(us(), &[&raw]);
            assert!(unparsed <= texts.len() && texts.iter().all(|t| !t.trim().is_empty()), "{raw:?}");
            let forms = de().lookup_forms(&raw);
            assert!(forms.last.len() <= 9 && forms.digits.bytes().all(|b| b.is_ascii_digit()), "{raw:?}");
        }
    }
}
