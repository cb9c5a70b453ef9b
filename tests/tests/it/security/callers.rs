//! From which addresses a function may be called: the one that API Gateway saw counts.

use bridge::contract::Component;
use end_to_end::lab::{CALLER_KEY, Lab};
use end_to_end::{api_gateway_event, rest_event};
use serde_json::json;

use super::crm;

#[tokio::test]
async fn who_calls_from_elsewhere_is_refused_before_a_secret_or_the_crm_is_asked() {
    let ranges = "198.51.100.0/24,2001:db8:1::/48";
    let lab = Lab::of("demo", Component::Contacts).env("CALLER_ADDRESSES", ranges).start(crm::nothing).await;
    let body = json!({"auth": {"account": "acme", "bridge_key": CALLER_KEY}, "meta": {}});
    let from = |event: &serde_json::Value, address: &str| {
        let mut event = event.clone();
        for place in ["/requestContext/http/sourceIp", "/requestContext/identity/sourceIp"] {
            if let Some(source) = event.pointer_mut(place) {
                *source = json!(address);
            }
        }
        // Whoever calls writes this one.
        event["headers"]["x-forwarded-for"] = json!("198.51.100.7");
        event
    };
    for event in [api_gateway_event("/contact_sync", &body), rest_event("/contact_sync", &body)] {
        for address in ["192.0.2.1", "198.51.101.1", "2001:db8:2::1", "", "198.51.100.7, 192.0.2.1"] {
            let answer = lab.function.invoke(&from(&event, address)).await.expect("an answer");
            let code = &answer.body["error"]["code"];
            assert_eq!((answer.status, code), (401, &json!("caller_refused")), "{address}");
            assert_eq!(answer.body["error"]["message"], "This address may not call.");
            assert!(lab.line()["detail"].as_str().unwrap().contains("CALLER_ADDRESSES"), "{}", lab.line());
            assert_eq!((lab.secrets.asked(), lab.crm.take().len()), (0, 0), "{address}");
        }
        for address in ["198.51.100.7", "2001:db8:1::9"] {
            let answer = lab.function.invoke(&from(&event, address)).await.expect("an answer");
            assert_eq!(answer.status, 200, "{address}: {}", answer.text);
            assert_eq!(lab.crm.take().len(), 1, "{address}");
        }
        lab.secrets.asked();
    }
}
