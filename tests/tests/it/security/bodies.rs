//! What somebody without any credentials can make a function spend.

use std::time::Duration;

use bridge::contract::Component;
use end_to_end::lab::Lab;
use serde_json::json;

use super::crm;
use crate::failure_modes::bounds::{BODY_MEMORY, LISTS_CPU, REFUSED_CPU};

/// Lambda takes no larger event; API Gateway's own limit is higher.
const LARGEST: usize = 5_900_000;

/// Bodies that unfold in memory when they become a tree.
fn bombs() -> Vec<(&'static str, String)> {
    let list = |part: &str| {
        let many = vec![part; LARGEST / (part.len() + 1) - 30].join(",");
        format!("{{\"x\":[{many}],\"auth\":{{}}}}")
    };
    vec![
        ("lists of a list", list("[0]")),
        ("lists in lists", list("[[[[]]],[[[]]]]")),
        ("maps", list("{\"a\":0}")),
        ("numbers", list("0")),
        ("texts", list("\"\"")),
        ("keys", {
            let keys: Vec<String> = (0..LARGEST / 14).map(|n| format!("\"{n:08x}\":0")).collect();
            format!("{{{}}}", keys.join(","))
        }),
        ("keys of auth", {
            let keys: Vec<String> = (0..LARGEST / 15).map(|n| format!("\"{n:08x}\":\"\"")).collect();
            format!("{{\"auth\":{{{}}}}}", keys.join(","))
        }),
        ("depth", format!("{{\"x\":{}", "[".repeat(LARGEST))),
        ("one text", format!("{{\"auth\":{{\"account\":\"{}\"}}}}", "a".repeat(LARGEST))),
        ("one number", format!("{{\"auth\":{{\"account\":{}}}}}", "9".repeat(LARGEST))),
        ("no JSON", "x".repeat(LARGEST)),
    ]
}

#[tokio::test]
async fn no_body_of_a_stranger_kills_the_smallest_function() {
    let bombs = bombs();
    for component in Component::ALL {
        let lab = Lab::of("demo", component).memory(128).start(crm::nothing).await;
        for (name, bomb) in &bombs {
            let before = lab.function.cpu();
            let answer = lab.send("add_note", bomb).await;
            let (peak, cpu) = (lab.function.peak_mb(), lab.function.cpu() - before);
            let what = format!("{component:?} {name}: {peak} MB, {cpu:?}");
            let answer = answer.unwrap_or_else(|| panic!("the function lives: {what}"));
            assert!([400, 401, 413].contains(&answer.status), "{what}: {}", answer.text);
            assert!(peak < BODY_MEMORY.most, "a function of 128 MB is killed: {what}");
            // With 256 MB Lambda gives a seventh of a core.
            assert!(cpu < Duration::from_millis(REFUSED_CPU.most), "{what}");
        }
        assert_eq!(lab.function.requests().len(), bombs.len(), "{component:?}: each has its line in the log");
        assert_eq!((lab.crm.count(), lab.secrets.asked()), (0, 0), "nobody was asked for a stranger");
    }
}

/// Inputs that are long lists. The OAuth manifests believe any token until the CRM refuses it.
#[tokio::test]
async fn long_lists_cost_no_cpu() {
    for integration in ["hubspot", "zoho", "salesforce", "zendesk", "twenty", "espocrm", "tryton"] {
        let refused = |_: &_| end_to_end::lab::Reply::json(401, &json!({}));
        let lab = Lab::of(integration, Component::Interactions).start(refused).await;
        let phones: Vec<String> = (0..15_000).map(|n| format!("+1512{n:07}")).collect();
        let emails: Vec<String> = (0..15_000).map(|n| format!("somebody{n}@example.com")).collect();
        let types: Vec<String> = (0..50_000).map(|n| format!("type{n}")).collect();
        for (name, meta, data) in [
            ("phones", json!({}), json!({"contact_phones": phones})),
            ("e-mails", json!({}), json!({"contact_emails": emails})),
            ("types", json!({"interaction_types": types}), json!({"contact_external_id": "1"})),
            (
                "name",
                json!({}),
                json!({"contact_external_id": "x".repeat(200_000), "contact_name": "x".repeat(99_000)}),
            ),
        ] {
            let before = lab.function.cpu();
            let answer = lab.ask(meta, data).await.expect("the function lives");
            let cpu = lab.function.cpu() - before;
            assert!(cpu < Duration::from_millis(LISTS_CPU.most), "{integration} {name}: {cpu:?}");
            assert!((400..500).contains(&answer.status) || answer.status == 200, "{}", answer.text);
        }
    }
}
