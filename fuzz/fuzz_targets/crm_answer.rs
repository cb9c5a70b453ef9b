//! Any answers of a CRM: status, then body, one after the other, parted by a byte that no JSON has. The
//! first byte chooses the component, the second the integration.
#![no_main]

use bridge::contract::Component;
use bridge_fuzz::{MANIFESTS, answer, auth, handle, request};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

const STATUSES: [u16; 16] = [200, 200, 200, 200, 201, 204, 400, 401, 403, 404, 409, 422, 429, 500, 503, 302];

fuzz_target!(|input: &[u8]| {
    let [first, second, rest @ ..] = input else { return };
    let component = Component::ALL[usize::from(*first) % 5];
    let manifest = &MANIFESTS[usize::from(*second) % MANIFESTS.len()];
    let answers = rest.split(|byte| *byte == 0xff).map(|part| match part.split_first() {
        Some((status, body)) => answer(STATUSES[usize::from(*status) % 16], body),
        None => answer(200, b"{}"),
    });
    let scope =
        json!({"contact_external_id": "7a93d1e5-3f74-4945-8a65-d7f996083f72", "agent_external_id": "1"});
    let data = json!({"contact_external_id": "11", "contact_emails": ["a@example.com"], "note": "x"});
    let (meta, data) = match component {
        Component::Actions => (scope, json!({"note": "x", "contact_id": "11"})),
        Component::Interactions => (json!({}), data),
        _ => (json!({}), json!({})),
    };
    let body = json!({"auth": auth(manifest.name()), "meta": meta, "data": data}).to_string();
    handle(manifest, component, request(component, body.into_bytes()), answers.collect());
});
