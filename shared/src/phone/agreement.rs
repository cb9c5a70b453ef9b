//! What the tables say is what the library says, for every region and every country calling code.

use rlibphonenumber::{PhoneNumberType, Region};

use super::*;

/// Types that have an example.
const TYPES: [PhoneNumberType; 10] = [
    PhoneNumberType::FixedLine,
    PhoneNumberType::Mobile,
    PhoneNumberType::TollFree,
    PhoneNumberType::PremiumRate,
    PhoneNumberType::SharedCost,
    PhoneNumberType::VoIP,
    PhoneNumberType::PersonalNumber,
    PhoneNumberType::Pager,
    PhoneNumberType::UAN,
    PhoneNumberType::VoiceMail,
];

/// A fixed sequence (xorshift).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }

    /// A number near one that exists: some digits changed, one too many, one missing.
    fn near(&mut self, national: &str) -> String {
        let mut digits: Vec<char> = national.chars().collect();
        for _ in 0..self.below(4) {
            let at = self.below(digits.len());
            match self.below(8) {
                0 => digits.insert(at, '0'),
                1 if digits.len() > 2 => {
                    digits.remove(at);
                }
                _ => digits[at] = char::from(b'0' + self.below(10) as u8),
            }
        }
        digits.into_iter().collect()
    }

    /// The digits with marks between them.
    fn marked(&mut self, digits: &str) -> String {
        const MARKS: [&str; 9] = [" ", "-", ".", " (", ") ", "/", "  ", " - ", ".."];
        let every = 2 + self.below(12);
        let mut text = String::new();
        for digit in digits.chars() {
            text.push(digit);
            if self.below(every) == 0 {
                text.push_str(MARKS[self.below(MARKS.len())]);
            }
        }
        text
    }

    /// A way to write a national number, from its country, from another one, or wrong.
    fn written(&mut self, code: i32, national: &str) -> String {
        const TRUNK: [&str; 12] = ["0", "1", "8", "06", "00", "011", "9", "01", "90", "0011", "810", "15"];
        let number = match self.below(6) {
            0 | 1 => format!("+{code}{national}"),
            2 => format!("+{code}{}{national}", TRUNK[self.below(TRUNK.len())]),
            3 => national.to_owned(),
            4 => format!("{}{national}", TRUNK[self.below(TRUNK.len())]),
            _ => format!("{}{code}{national}", ["", "00", "011", "0011", "+", "810"][self.below(6)]),
        };
        match self.below(4) {
            0 => number,
            1 => format!("({}", self.marked(&number)),
            _ => self.marked(&number),
        }
    }
}

/// Compares so many texts of every region; the number that the tables decided.
fn compare(each: usize, seed: u64) -> (usize, usize) {
    let util = &*PHONE_NUMBER_UTIL;
    let mut draw = Draw(seed);
    let (mut all, mut decided) = (0, 0);
    for region in region::REGIONS.split_whitespace().map(|code| Region::from_code(code).unwrap()) {
        let code = util.get_country_code_for_region(region).unwrap();
        let examples: Vec<String> = TYPES
            .iter()
            .filter_map(|kind| util.get_example_number_for_type_and_region(region, *kind).ok())
            .map(|number| number.get_national_significant_number())
            .collect();
        for _ in 0..each {
            let national = match draw.below(8) {
                0 => {
                    let length = 1 + draw.below(16);
                    draw.digits(length)
                }
                _ => {
                    let example = &examples[draw.below(examples.len())];
                    draw.near(example)
                }
            };
            let text = draw.written(code, &national);
            let default =
                [Some(region), Some(region), None, Some(Region::US), Some(Region::DE)][draw.below(5)];
            for valid_only in [false, true] {
                let expected = library(&text, default, valid_only).map(|found| (found.e164, found.national));
                let said = match quick::read(&text, default, valid_only) {
                    Quick::Number(code, national) => Some((format!("+{code}{national}"), national)),
                    Quick::Not => None,
                    Quick::Unknown => {
                        all += 1;
                        continue;
                    }
                };
                assert_eq!(said, expected, "{text:?} from {default:?}, valid only: {valid_only}");
                (all, decided) = (all + 1, decided + 1);
            }
        }
    }
    (all, decided)
}

#[test]
fn tables_and_library_agree_and_the_library_is_seldom_needed() {
    let (all, decided) = compare(60, 0x2545_F491_4F6C_DD1D);
    assert!(decided * 100 > all * 90, "{decided} of {all}");
}

/// `cargo test --release -p bridge --lib phone -- --ignored`: some ten million texts.
#[test]
#[ignore = "takes minutes; the tables change with the library's version only"]
fn tables_and_library_agree_on_ten_million_texts() {
    for seed in 1..=10 {
        let (all, decided) = compare(2_000, 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
        assert!(decided * 100 > all * 90, "{decided} of {all}");
    }
}

#[test]
fn numbers_of_no_country_agree_too() {
    let util = &*PHONE_NUMBER_UTIL;
    let mut draw = Draw(7);
    for code in util.get_supported_global_network_calling_codes() {
        let example = util.get_example_number_for_non_geo_entity(code).unwrap();
        for _ in 0..200 {
            let national = draw.near(&example.get_national_significant_number());
            let text = format!("+{code}{national}");
            let expected = library(&text, None, true).map(|found| found.e164);
            match quick::read(&text, None, true) {
                Quick::Number(code, national) => {
                    assert_eq!(Some(format!("+{code}{national}")), expected, "{text}")
                }
                Quick::Not => assert_eq!(None, expected, "{text}"),
                Quick::Unknown => {}
            }
        }
    }
}
