//! Events of API Gateway as Lambda gives them, or of whoever may invoke the function.
#![no_main]

use std::panic;
use std::sync::Once;

use bridge::contract::Component;
use bridge::gateway::lambda::from_event;
use bridge_fuzz::{MANIFESTS, answer, handle};
use libfuzzer_sys::fuzz_target;

static QUIET: Once = Once::new();

fuzz_target!(|event: &str| {
    // AWS's crate panics over a host that API Gateway would never send; the runtime answers for it and lives on
    // (tests/tests/it/security/events.rs). The fuzzer would end at the panic itself.
    QUIET.call_once(|| panic::set_hook(Box::new(|_| {})));
    let Ok(Ok(event)) = panic::catch_unwind(|| lambda_http::request::from_str(event)) else { return };
    let request = from_event(event);
    for component in Component::ALL {
        handle(&MANIFESTS[0], component, request.clone(), vec![answer(200, b"{}")]);
    }
});
