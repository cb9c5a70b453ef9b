//! `meta.synchronization_checkpoint`. The first byte chooses the integration.
#![no_main]

use bridge::contract::Component;
use bridge_fuzz::{MANIFESTS, answer, auth, handle, request};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else { return };
    let manifest = &MANIFESTS[usize::from(*first) % MANIFESTS.len()];
    let checkpoint = String::from_utf8_lossy(rest);
    let meta = json!({"synchronization_checkpoint": checkpoint});
    let body = json!({"auth": auth(manifest.name()), "meta": meta}).to_string();
    let crm = vec![answer(200, br#"{"access_token": "t", "result": 2, "value": [], "data": []}"#)];
    let page = handle(manifest, Component::Contacts, request(Component::Contacts, body.into_bytes()), crm);
    // What we hand out we must take back.
    if let Some(checkpoint) = page["synchronization_checkpoint"].as_str() {
        let meta = json!({"synchronization_checkpoint": checkpoint, "offset": page["next_offset"]});
        let body = json!({"auth": auth(manifest.name()), "meta": meta}).to_string();
        let crm = vec![answer(200, br#"{"access_token": "t", "result": 2, "value": [], "data": []}"#)];
        let again =
            handle(manifest, Component::Contacts, request(Component::Contacts, body.into_bytes()), crm);
        let code = &again["error"]["code"];
        assert!(code != "bad_checkpoint" && code != "bad_offset", "{checkpoint}: {again}");
    }
});
