//! A manifest's YAML, and the same as an overlay over the demo's.
#![no_main]

use bridge::manifest::{File, Manifest};
use libfuzzer_sys::fuzz_target;

const DEMO: &str = include_str!("../../manifests/demo/manifest.yaml");

fuzz_target!(|text: &str| {
    let file = |name: &str, text: &str| File { name: name.to_owned(), text: text.to_owned() };
    for files in [vec![file("m", text)], vec![file("demo", DEMO), file("overlay", text)]] {
        if let Err(problems) = Manifest::load(&files) {
            assert!(!problems.is_empty(), "a refusal has a reason");
        }
    }
});
