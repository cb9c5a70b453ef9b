//! What becomes E.164, what stays, and what is never guessed.

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
fn what_comes_out_goes_in_unchanged_also_where_a_trunk_prefix_stands_twice() {
    for raw in [
        "+20(0)0673673674",
        "+20(0)0or\u{6}for\u{6}\u{6}for\u{6}4@",
        "+49 (0)0 30 1234567",
        "+39 0 06 1234 5678",
    ] {
        for numbers in [us(), de(), PhoneNumbers::default()] {
            let phone = numbers.normalize(raw).unwrap();
            let again = numbers.normalize(&phone.text).unwrap();
            assert_eq!((&again.text, again.parsed), (&phone.text, phone.parsed), "{raw:?}");
        }
    }
    let twice = us().normalize("+20(0)0673673674").unwrap();
    assert_eq!((twice.text.as_str(), twice.parsed), ("+20(0)0673673674", false));
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
fn what_nobody_sees_is_not_part_of_a_number() {
    for raw in [
        "+1 (415)\u{200E} 555\u{200E}-2671",
        "\u{202A}+1 415 555 2671\u{202C}",
        "\u{2068}+1 415-555-2671\u{2069}",
        "+1\u{00AD}415\u{00AD}555\u{00AD}2671",
        "+1\u{2060}415\u{200B}555\u{200D}2671\u{FEFF}",
        "+1 415\u{2011}555\u{2011}2671",
        "\u{FF0B}１４１５５５５２６７１",
        "（４１５）５５５－２６７１",
        "+١ ٤١٥ ٥٥٥ ٢٦٧١",
        "+१ ४१५ ५५५ २६७१",
        "+𝟏𝟒𝟏𝟓𝟓𝟓𝟓𝟐𝟔𝟕𝟏",
        "4\u{FE0F}\u{20E3}155552671",
        "+1 415\u{0}555\u{1b}2671",
        "'+14155552671",
        "=+14155552671",
    ] {
        assert_eq!(all(us(), &[raw]), (vec!["+14155552671".to_owned()], 0), "{raw:?}");
        assert_eq!(us().lookup_forms(raw).national, "4155552671", "{raw:?}");
    }
    assert_eq!(all(us(), &["room\u{200E} 12"]), (vec!["room 12".to_owned()], 1));
}

#[test]
fn a_dialling_string_is_the_number_before_its_pauses() {
    for raw in [
        "(415) 555-2671,,,001#",
        "+14155552671p123",
        "4155552671ww1p2",
        "415 555 2671,,12*3",
        "+14155552671,",
    ] {
        assert_eq!(all(us(), &[raw]), (vec!["+14155552671".to_owned()], 0), "{raw}");
        assert_eq!(us().lookup_forms(raw).national, "4155552671", "{raw}");
    }
}

#[test]
fn a_spreadsheets_number_is_written_out_unless_digits_are_lost() {
    for raw in
        ["1.4155552671E10", "1.4155552671e+10", "1,4155552671E+10", "4155552671.0", "+1.4155552671E+10"]
    {
        assert_eq!(all(us(), &[raw]), (vec!["+14155552671".to_owned()], 0), "{raw}");
    }
    assert_eq!(all(us(), &["1.415555267E10"]), (vec!["+14155552670".to_owned()], 0));
    for raw in ["1.41556E+10", "1.4155552671E9", "1E10", "1.4155552671E300"] {
        assert_eq!(all(us(), &[raw]), (vec![raw.to_owned()], 1), "{raw}");
    }
}

#[test]
fn one_contact_has_an_end_of_numbers() {
    let many: Vec<String> = (0..100_000).map(|n| format!("+1415{:07}", 2_000_000 + n)).collect();
    let begun = std::time::Instant::now();
    assert_eq!(us().normalize_all(many.iter().map(String::as_str)).0.len(), MOST);
    assert_eq!(all(us(), &[&many.join(";")]).0.len(), MOST);
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
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
    let raw = ["internal 12", "415 555 2671", "", " ", "+1 415-555-2671 x9", "internal 12", "+442079460958"];
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
    let anonymous = us().lookup_forms(" anonymous ");
    assert_eq!(
        (&anonymous.e164, anonymous.digits.as_str(), anonymous.written().as_str()),
        (&None, "", "anonymous")
    );
    assert_eq!(us().lookup_forms("\u{0661}\u{0662}-\u{FF13}").digits, "123");
}

#[test]
fn a_caller_is_also_found_as_people_write_his_number() {
    for (raw, written, groups) in [
        ("+14155552671", "(415) 555-2671", &["415", "555", "2671"][..]),
        ("+49301234567", "030 1234567", &["30", "1234567"]),
        ("+442079460958", "020 7946 0958", &["20", "7946", "0958"]),
        ("+74951234567", "8 (495) 123-45-67", &["495", "123", "45", "67"]),
        ("internal 12", "internal 12", &["12"]),
    ] {
        let forms = us().lookup_forms(raw);
        assert_eq!(
            (forms.written().as_str(), forms.groups()),
            (written, groups.iter().map(|g| (*g).to_owned()).collect())
        );
    }
}

#[test]
fn a_region_is_checked_without_the_tables_and_the_list_is_theirs() {
    assert_eq!(parse_region(" us "), Ok(Region::US));
    for wrong in ["", "UK", "XX", "USA", "001", "ZZ", "U", "A A", "日本"] {
        assert_eq!(parse_region(wrong), Err(RegionError), "{wrong}");
    }
    let mut known: Vec<String> = PHONE_NUMBER_UTIL.get_supported_regions().map(|r| r.to_string()).collect();
    known.sort();
    assert_eq!(known.join(" "), region::REGIONS.split_whitespace().collect::<Vec<_>>().join(" "));
}

#[test]
fn debug_shows_no_digit() {
    let shown = format!("{:?} {:?}", us().normalize("+14155552671 x9"), us().lookup_forms("+14155552671"));
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

#[test]
fn a_number_is_in_a_text_as_a_whole_and_in_its_country_only() {
    let (us, none) = (us(), PhoneNumbers::default());
    for (phones, caller, text, is) in [
        (us, "+14155552671", "(415) 555-2671", true),
        (none, "+14155552671", "(415) 555-2671", true),
        (none, "+14155552671", "1 415 555 2671", true),
        (none, "+14155552671", "001 415 555 2671", true),
        (us, "+14155552671", "+1 415 555 2671 ext. 12", true),
        (us, "+14155552671", "+1 212 555 0100; +1 415 555 2671", true),
        (none, "+493012345678", "030 12345678", true),
        (none, "+493012345678", "+49 (0)30 1234-5678", true),
        (none, "+79161234567", "8 (916) 123-45-67", true),
        (none, "+390612345678", "06 1234 5678", true),
        (none, "+12079460018", "020 7946 0018", false),
        (us, "+12079460018", "020 7946 0018", false),
        (us, "+14155552671", "+1 215 555 2671", false),
        (us, "+14155552671", "+33 1 55 55 26 71", false),
        (none, "+14155552671", "+44 1555 526712", false),
        (none, "+14155552671", "555-2671", false),
        (none, "+49301234567", "+49 40 301234567", false),
        (none, "+49301234567", "+49 30 12345678", false),
        (none, "+14155552671", "+1 415 15 / 5552671 99", false),
        (none, "anonymous", "anonymous", false),
        (none, "1234", "1234", false),
        (none, "0000000", "+1 415 000 0000", false),
        (none, "", "", false),
    ] {
        assert_eq!(phones.lookup_forms(caller).is_in(text), is, "{caller} in {text}");
    }
}
