//! Phone numbers as people type them, with and without a default region.
#![no_main]

use bridge::phone::{PhoneNumbers, parse_region};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for region in [None, parse_region("US").ok(), parse_region("DE").ok()] {
        let phones = PhoneNumbers { default_region: region };
        if let Some(phone) = phones.normalize(text) {
            assert!(!phone.text.trim().is_empty());
            if phone.parsed {
                let again = phones.normalize(&phone.text).expect("what was read once");
                assert_eq!(again.text, phone.text, "what comes out goes in unchanged");
            }
        }
        let (all, unparsed) = phones.normalize_all(std::iter::once(text));
        assert!(unparsed <= all.len());
        let _ = phones.lookup_forms(text);
    }
});
