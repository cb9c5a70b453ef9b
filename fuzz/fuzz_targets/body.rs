//! Any body of a request. The first byte chooses integration and component.
#![no_main]

use bridge::contract::Component;
use bridge_fuzz::{MANIFESTS, answer, handle, request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((first, body)) = input.split_first() else { return };
    let component = Component::ALL[usize::from(*first) % 5];
    let manifest = &MANIFESTS[usize::from(*first) / 5 % MANIFESTS.len()];
    handle(manifest, component, request(component, body.to_vec()), vec![answer(200, b"{}")]);
});
