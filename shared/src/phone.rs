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
//! Numbers are personal data, so `Debug` does not show them. What is written with digits and the usual
//! marks alone is read from tables of the same metadata (`phone/quick.rs`), to the same result; the library itself
//! compiles its patterns at first use (about 9 ms of a whole processor, 150 of a small function's).

use std::collections::HashSet;
use std::fmt;

use rlibphonenumber::{CountryCodeSource, NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

#[cfg(test)]
mod agreement;
mod plan;
mod quick;
mod region;
mod split;
#[cfg(test)]
mod tests;
mod tidy;

use quick::Quick;
pub use region::{RegionError, parse_region};
use split::split;
pub use tidy::is_invisible;
use tidy::{before_pause, digit, tidy};

/// Longest text that is taken for a phone number, in characters; libphonenumber's own limit.
pub const MAX_LENGTH: usize = 250;
/// A separator with fewer digits than this on one side does not separate two numbers.
const MIN_DIGITS: usize = 7;
/// Numbers that are read of one contact at most, repetitions included.
const MOST: usize = 200;

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
    /// How numbers are read.
    numbers: PhoneNumbers,
    /// What was read, without what nobody sees.
    text: String,
}

impl PhoneForms {
    /// The number as people of its country write it, e.g. `(415) 555-2671`; else the text. The library knows
    /// how, so this is slow at first use.
    #[must_use]
    pub fn written(&self) -> String {
        let parsed = self.e164.as_ref().and_then(|_| self.numbers.parse(&self.text, library));
        parsed.map_or_else(|| self.text.chars().take(MAX_LENGTH).collect(), |parsed| parsed.written)
    }

    /// Whether a record's text, which may hold several numbers, has this number. Two that are understood are compared
    /// as E.164; one without a country is read in this number's; of what is no number all digits are compared, and
    /// never a part of them.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        let (texts, _) = self.numbers.normalize_all(std::iter::once(text));
        texts.iter().any(|text| self.is(&self.numbers.lookup_forms(text)))
    }

    fn is(&self, other: &Self) -> bool {
        match (&self.e164, &other.e164) {
            (Some(own), Some(other)) => own == other,
            // Read as people of this number's country write it.
            (Some(own), None) => {
                let there = PhoneNumbers { default_region: self.region() }.lookup_forms(&other.text);
                there.e164.as_ref() == Some(own) || self.digits == other.digits
            }
            _ => self.digits == other.digits && self.digits.len() >= MIN_DIGITS,
        }
    }

    /// The country of the number's code, the main one where several have it.
    fn region(&self) -> Option<Region> {
        let code = self.digits.strip_suffix(self.national.as_str())?;
        PHONE_NUMBER_UTIL.get_region_for_country_code(code.parse().ok()?)
    }

    /// The groups of digits of `national` in that form, e.g. `415`, `555`, `2671`.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        groups(&self.written(), &self.national)
    }
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

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parsed {
    e164: String,
    national: String,
    /// Empty unless the library was asked.
    written: String,
    extension: Option<String>,
}

/// Reads one number of a text. The last argument: whether only a valid number is one.
type Attempt = fn(&str, Option<Region>, bool) -> Option<Parsed>;

/// The digits of a number in the groups in which it is written, without a trunk prefix; one group when
/// the two do not agree.
fn groups(written: &str, national: &str) -> Vec<String> {
    let parts = written.split(|c: char| digit(c).is_none()).filter(|part| !part.is_empty());
    let mut groups: Vec<String> = parts.map(|part| part.chars().filter_map(digit).collect()).collect();
    // The trunk prefix is the first digits (`030`), or a group of its own (`8 (495)`).
    let surplus = groups.concat().len().saturating_sub(national.len());
    match groups.first_mut() {
        Some(first) if surplus >= first.len() && surplus > 0 => {
            groups.remove(0);
        }
        Some(first) => {
            first.drain(..surplus);
        }
        None => {}
    }
    if groups.concat() == national { groups } else { vec![national.to_owned()] }
}

impl PhoneNumbers {
    /// One number in the form that is sent; `None` when there is nothing but white space.
    ///
    /// A remark behind the last digit (`(work)`) is left out of a number that is understood.
    #[must_use]
    pub fn normalize(&self, raw: &str) -> Option<NormalizedPhone> {
        let tidied = tidy(raw);
        let text = tidied.trim();
        (!text.is_empty()).then(|| self.first_of(&[text], text))
    }

    /// Every number of several fields, each of which may hold more than one.
    ///
    /// Order is kept, and what comes out the same is sent once; after 200 numbers the rest is not
    /// read. The count says how many of the returned texts are not E.164.
    pub fn normalize_all<'a>(&self, raw: impl Iterator<Item = &'a str>) -> (Vec<String>, usize) {
        let mut seen = HashSet::new();
        let mut texts = Vec::new();
        let mut unparsed = 0;
        let tidied: Vec<_> = raw.take(MOST).map(tidy).collect();
        let candidates = tidied.iter().flat_map(|text| split(text)).filter(|c| !c.whole.is_empty());
        for candidate in candidates.take(MOST) {
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
        let tidied = tidy(raw);
        let text = tidied.trim();
        let (e164, national, digits) = match self.parse(text, attempt) {
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
        PhoneForms { e164, national, digits, last, numbers: *self, text: text.to_owned() }
    }

    fn first_of(&self, attempts: &[&str], whole: &str) -> NormalizedPhone {
        match attempts.iter().find_map(|text| self.parse(text, attempt)) {
            Some(parsed) => NormalizedPhone { text: parsed.e164, parsed: true, extension: parsed.extension },
            None => NormalizedPhone { text: whole.to_owned(), parsed: false, extension: None },
        }
    }

    fn parse(&self, text: &str, attempt: Attempt) -> Option<Parsed> {
        let one = |text: &str, valid_only| attempt(text, self.default_region, valid_only);
        if text.chars().nth(MAX_LENGTH).is_some() {
            return None;
        }
        let (end, last_digit) = text.char_indices().rfind(|(_, c)| digit(*c).is_some())?;
        let (number, remark) = text.split_at(end + last_digit.len_utf8());
        // Letters may be digits of a vanity number (1-800-FLOWERS) or a remark (… home). Only a
        // valid number decides it, because a remark's letters can make a possible length too.
        let found = if remark.chars().any(char::is_alphabetic) {
            one(number, true).or_else(|| one(text, true)).or_else(|| one(number, false))
        } else {
            one(text, false)
        };
        // 00 is the international prefix of most countries, also where the default region, or
        // the lack of one, says otherwise.
        found
            .or_else(|| one(&format!("+{}", number.strip_prefix("00")?), true))
            .or_else(|| self.parse(before_pause(text)?, attempt))
    }
}

/// By tables where they suffice, else by the library. A form that is read as another number the next time
/// (a trunk prefix stood there twice) is none: the same number has one form.
fn attempt(text: &str, region: Option<Region>, valid_only: bool) -> Option<Parsed> {
    let found = read(text, region, valid_only)?;
    let again = || read(&found.e164, region, false).is_some_and(|again| again.e164 == found.e164);
    (!quick::begins_with_prefix(&found.e164) || again()).then_some(found)
}

fn read(text: &str, region: Option<Region>, valid_only: bool) -> Option<Parsed> {
    match quick::read(text, region, valid_only) {
        Quick::Number(code, national) => {
            let e164 = format!("+{code}{national}");
            Some(Parsed { e164, national, written: String::new(), extension: None })
        }
        Quick::Not => None,
        Quick::Unknown => library(text, region, valid_only),
    }
}

fn library(text: &str, region: Option<Region>, valid_only: bool) -> Option<Parsed> {
    // The library (2.2.15) panics when `tel:` stands behind the phone context: it cuts the text
    // between the two without looking at their order. Its sisters had the same fault:
    // https://github.com/nyaruka/phonenumbers/pull/268
    if matches!((text.find(";phone-context="), text.rfind("tel:")), (Some(a), Some(b)) if a < b) {
        return None;
    }
    let util = &*PHONE_NUMBER_UTIL;
    let number = util.parse_and_keep_raw_input(text, region).ok()?;
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
        written: util.format(&number, PhoneNumberFormat::National).into_owned(),
        extension: Some(number.extension().to_owned()).filter(|e| !e.is_empty()),
        e164,
    })
}
