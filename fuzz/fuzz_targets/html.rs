//! HTML as plain text: what somebody wrote into an e-mail that became a ticket.
#![no_main]

use bridge::manifest::expression::html_to_text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|html: &str| {
    let text = html_to_text(html);
    // An entity is never longer as text than as it was written; nothing else is added but line ends.
    assert!(text.len() <= html.len() * 2 + 16, "{} became {}", html.len(), text.len());
});
