//! Events that API Gateway would never send: whoever may invoke the function kills nothing with them.

use bridge::contract::Component;
use end_to_end::api_gateway_event;
use end_to_end::lab::Lab;
use serde_json::{Value, json};

use super::crm;

#[tokio::test]
async fn no_event_ends_the_function() {
    let lab = Lab::of("demo", Component::Contacts).start(crm::nothing).await;
    let body = json!({"auth": lab.auth});
    let good = api_gateway_event("/contact_sync", &body);
    let with = |path: &[&str], value: Value| {
        let mut event = good.clone();
        let (last, parents) = path.split_last().unwrap();
        let place = parents.iter().fold(&mut event, |place, key| &mut place[*key]);
        place[*last] = value;
        event
    };
    let mut odd =
        vec![json!(null), json!([]), json!("x"), json!({}), json!({"Records": [{}]}), json!({"body": "{}"})];
    for host in ["", "[", "a b", "xn--", "\u{0}", "::1", "%", "a:99999", "é"] {
        odd.push(with(&["headers", "host"], json!(host)));
        odd.push(with(&["requestContext", "domainName"], json!(host)));
        odd.push(with(&["headers", "x-forwarded-proto"], json!(host)));
    }
    for path in [
        "",
        "contact_sync",
        "//",
        "/\u{0}",
        "/%",
        "/%zz/contact_sync",
        "?",
        "/contact_sync#x",
        "\\contact_sync",
    ] {
        odd.push(with(&["rawPath"], json!(path)));
    }
    for body in [json!(null), json!(7), json!({}), json!("\u{feff}{}"), json!("//8="), json!("!")] {
        odd.push(with(&["body"], body.clone()));
        let mut event = with(&["body"], body);
        event["isBase64Encoded"] = json!(true);
        odd.push(event);
    }
    for (place, value) in
        [("headers", json!({"a": "\n", "\n": "b", "": ""})), ("isBase64Encoded", json!("yes"))]
    {
        odd.push(with(&[place], value));
    }
    for event in &odd {
        let answer = lab.function.invoke(event).await;
        assert!(lab.function.alive(), "{event}");
        assert!(answer.is_none_or(|it| it.status >= 200), "{event}");
    }
    let answer = lab.function.invoke(&good).await.expect("the function works as before");
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(!lab.function.log().contains("lab-caller-key"), "nothing of an event is printed");
}
