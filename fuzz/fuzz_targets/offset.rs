//! `meta.offset`: any text, any content under a checksum that fits, and any place in a real offset. The first
//! byte chooses the integration, the second which of the three it is.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bridge::contract::Component;
use bridge_fuzz::{MANIFESTS, OFFSET, answer, auth, handle, request};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fuzz_target!(|input: &[u8]| {
    let [first, second, rest @ ..] = input else { return };
    let manifest = &MANIFESTS[usize::from(*first) % MANIFESTS.len()];
    let (version, real) = &*OFFSET;
    let content = match second % 4 {
        // A place, as the input has it, in an offset that is a real one besides.
        1 => match (serde_json::from_slice(real), serde_json::from_slice(rest)) {
            (Ok(Value::Array(mut members)), Ok(place)) => {
                let is_place =
                    |it: &Value| ["q", "d", "s", "c", "n"].iter().any(|kind| it.get(kind).is_some());
                if let Some(old) = members.iter_mut().find(|it| is_place(it)) {
                    *old = place;
                }
                Value::Array(members).to_string().into_bytes()
            }
            _ => return,
        },
        _ => rest.to_vec(),
    };
    let offset = if second % 4 == 0 {
        String::from_utf8_lossy(rest).into_owned()
    } else {
        let (hash, content) = (manifest.hash(), URL_SAFE_NO_PAD.encode(content));
        let digest = Sha256::digest(format!("{version}.{hash}.{content}"));
        let sum: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("{version}.{hash}.{sum}.{content}")
    };
    let body = json!({"auth": auth(manifest.name()), "meta": {"offset": offset}}).to_string();
    let component = if second % 8 == 7 { Component::Agents } else { Component::Contacts };
    let crm = vec![answer(200, br#"{"access_token": "t", "result": 2, "value": [], "data": []}"#)];
    handle(manifest, component, request(component, body.into_bytes()), crm);
});
