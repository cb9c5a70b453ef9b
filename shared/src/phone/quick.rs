//! Numbers as they are mostly written, read without the library: digits, blanks, dots, dashes and brackets, with
//! or without a `+`. Everything else is the library's, and whatever this file says is what the library says
//! (`tests/phones.rs`): the library compiles its regular expressions at first use, which at a function's share
//! of a processor takes longer than the rest of a page of contacts.

use rlibphonenumber::Region;

use super::plan::{Length, Plan, valid};

/// Longest text that is read here, in bytes; the library's national numbers have at most 17 digits.
const LONGEST: usize = 40;
/// Fewest and most digits of a national number.
const NATIONAL: std::ops::RangeInclusive<usize> = 2..=17;

/// What is said of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Quick {
    /// A number: the country calling code and the national number.
    Number(u16, String),
    /// Not a number that is accepted.
    Not,
    /// The library must say.
    Unknown,
}

/// How a number was found to be of a country.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// By `+` or an international prefix.
    Written,
    /// By the default region.
    Default,
}

/// Reads a text; national forms with the default region's plan. `valid_only`: see [`super`].
pub(super) fn read(text: &str, region: Option<Region>, valid_only: bool) -> Quick {
    let Some((plus, digits)) = digits(text) else { return Quick::Unknown };
    let (plan, national, source) = match (plus, region) {
        (true, _) => match of_country(&digits) {
            Some((plan, national)) => (plan, national.to_owned(), Source::Written),
            // The library tries again without the `+`.
            None => return Quick::Unknown,
        },
        (false, None) => return Quick::Not,
        (false, Some(region)) => {
            let Some(own) = Plan::of(region) else { return Quick::Unknown };
            match from(own, &digits) {
                Ok(found) => found,
                Err(answer) => return answer,
            }
        }
    };
    let Some(national) = without_prefix(plan, &national) else { return Quick::Unknown };
    if !NATIONAL.contains(&national.len()) {
        return Quick::Not;
    }
    // The library writes numbers of zeros, and numbers with many in front, in its own way.
    if national.starts_with("000") || national.bytes().all(|digit| digit == b'0') {
        return Quick::Unknown;
    }
    let possible = || {
        let main = Plan::with_code(plan.code).first();
        main.is_some_and(|main| main.length(&national) == Length::Possible)
    };
    let accepted = if source == Source::Written && !valid_only {
        possible() || valid(plan.code, &national)
    } else {
        valid(plan.code, &national)
    };
    if accepted { Quick::Number(plan.code, national) } else { Quick::Not }
}

/// Whether the national number of an E.164 form begins as if it had a trunk prefix.
pub(super) fn begins_with_prefix(e164: &str) -> bool {
    let country = e164.strip_prefix('+').and_then(of_country);
    country.is_some_and(|(plan, national)| plan.prefix(national).is_some_and(|end| end > 0))
}

/// Whether there is a `+`, and the digits; nothing for a text that needs more than that.
fn digits(text: &str) -> Option<(bool, String)> {
    if text.len() > LONGEST {
        return None;
    }
    let begin = text.find(|c: char| c == '+' || c.is_ascii_digit())?;
    if !text[..begin].bytes().all(|byte| matches!(byte, b' ' | b'(' | b'-' | b'.')) {
        return None;
    }
    let (plus, rest) = match text[begin..].strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, &text[begin..]),
    };
    let mut digits = String::with_capacity(rest.len());
    for byte in rest.bytes() {
        match byte {
            b'0'..=b'9' => digits.push(char::from(byte)),
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' => {}
            _ => return None,
        }
    }
    (digits.len() > 2).then_some((plus, digits))
}

/// The main plan of the country whose code the digits begin with, and the rest.
fn of_country(digits: &str) -> Option<(&'static Plan, &str)> {
    if digits.starts_with('0') {
        return None;
    }
    (1..=3).find_map(|length| {
        let (code, national) = digits.split_at_checked(length)?;
        Some((Plan::with_code(code.parse().ok()?).first()?, national))
    })
}

/// A number that is dialled in a region: with an international prefix, with the region's own code, or without.
fn from(own: &'static Plan, digits: &str) -> Result<(&'static Plan, String, Source), Quick> {
    if let Some(end) = own.international(digits) {
        let rest = &digits[end..];
        if !rest.starts_with('0') {
            if rest.len() <= 2 {
                return Err(Quick::Not);
            }
            let (plan, national) = of_country(rest).ok_or(Quick::Not)?;
            return Ok((plan, national.to_owned(), Source::Written));
        }
    }
    if let Some(rest) = digits.strip_prefix(own.code.to_string().as_str()) {
        let rest = stripped(own, rest).ok_or(Quick::Unknown)?;
        let better = !own.general(digits) && own.general(rest);
        if better || own.length(digits) == Length::Long {
            let main = Plan::with_code(own.code).first().unwrap_or(own);
            return Ok((main, rest.to_owned(), Source::Default));
        }
    }
    Ok((own, digits.to_owned(), Source::Default))
}

/// The digits without a trunk prefix, unless they are a national number with it and none without; nothing
/// where a prefix may be replaced by something.
fn stripped<'a>(plan: &Plan, digits: &'a str) -> Option<&'a str> {
    match plan.prefix(digits) {
        None | Some(0) => Some(digits),
        Some(_) if plan.transforms => None,
        Some(end) => {
            let rest = &digits[end..];
            let keep = plan.general(digits) && !plan.general(rest);
            Some(if keep { digits } else { rest })
        }
    }
}

/// The national number without a trunk prefix, as far as what is left has a length that numbers have.
fn without_prefix(plan: &Plan, digits: &str) -> Option<String> {
    if digits.len() < *NATIONAL.start() {
        return Some(digits.to_owned());
    }
    let rest = stripped(plan, digits)?;
    let fits = matches!(plan.length(rest), Length::Possible | Length::Long);
    Some(if fits { rest.to_owned() } else { digits.to_owned() })
}
