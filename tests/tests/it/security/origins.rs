//! Credentials go to the origin of the session's own base URL, into its folder, and nowhere else.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bridge::contract::Component;
use bridge::manifest::Manifest;
use end_to_end::lab::{Lab, Reply, secret};
use serde_json::{Value, json};

use super::forge::Forge;

/// Where each integration's base URL points with the laboratory's account, and the host of another customer.
static BASES: LazyLock<BTreeMap<String, (String, String)>> =
    LazyLock::new(|| serde_json::from_str(include_str!("bases.json")).unwrap());

/// Every kind of place that holds a link, with the link in it.
fn places(link: &str) -> Vec<Value> {
    let mut places = vec![
        json!({"d": {"f": 0, "t": 1, "i": null, "p": link}}),
        json!({"d": {"f": 0, "t": 1, "i": link, "p": null}}),
        json!({"c": {"f": 0, "c": link, "z": false}}),
    ];
    for kind in ["t", "u"] {
        places.push(json!({"s": {"f": 0, "p": {kind: link}}}));
        places.push(json!({"n": {"f": 0, "p": {kind: link}}}));
    }
    places
}

fn targets(integration: &str, base: &str) -> Vec<String> {
    let host = base.split('/').take(3).collect::<Vec<_>>().join("/");
    let other = &BASES[integration].1;
    let mut targets = vec![
        "https://attacker.example.net/steal".to_owned(),
        "https://attacker.example.net:8443/steal".to_owned(),
        "https://127.0.0.1/steal".to_owned(),
        format!("https://user:pw@{}/steal", host.trim_start_matches("https://")),
        format!("{host}:8443/steal"),
        format!("{}/steal", host.replace("https:", "http:")),
    ];
    if *other != host {
        targets.push(format!("{other}/steal"));
    }
    if host != base {
        targets.push(format!("{host}/steal"));
        targets.push(format!("{base}/../../../../steal"));
        targets.push(format!("{base}/%2e%2e/%2e%2e/%2e%2e/%2e%2e/steal"));
    }
    targets
}

#[tokio::test]
async fn a_forged_offset_sends_nothing_anywhere_else() {
    let mut names = Manifest::embedded_names();
    names.sort_unstable();
    assert!(BASES.keys().eq(&names), "every manifest is attacked: {names:?}");
    let (forge, mut forged) = (Forge::new().await, 0);
    for (integration, (base, _)) in &*BASES {
        let lab = Lab::of(integration, Component::Contacts).start(|_| Reply::json(404, &json!({}))).await;
        for (n, target) in targets(integration, base).into_iter().enumerate() {
            let auth = account_of_its_own(&lab, n);
            for place in places(&target) {
                let link = place.to_string().contains("\"u\"");
                let meta = json!({"offset": forge.offset(integration, &place)});
                let answer = lab.ask_as(&auth, meta, Value::Null).await.expect("the function lives");
                let asked = lab.crm.take();
                let what = format!("{integration} {place}: {asked:?} {}", answer.text);
                // A text in a place of texts may be asked with, as a parameter of the manifest's own request.
                assert!(asked.iter().all(|it| !it.path().contains("steal")), "{what}");
                if link {
                    assert!(asked.is_empty(), "nothing was asked: {what}");
                    // Where links may stand, this one is as unreadable as if the CRM had sent it.
                    let code = if integration == "dynamics" { "crm_unreadable" } else { "bad_offset" };
                    let given = answer.body["error"]["code"].as_str().unwrap_or_default();
                    assert!([code, "bad_offset"].contains(&given), "{what}");
                }
                forged += 1;
            }
        }
    }
    assert!(forged >= 15 * 7 * 7, "{forged}");
}

/// Credentials that nobody else has, so that no request waits for another's rate.
fn account_of_its_own(lab: &Lab, n: usize) -> Value {
    let account = format!("target-{n}");
    let (mut auth, mut own) = (lab.auth_of(&account), secret());
    own["api_key"] = json!(format!("key-of-{account}"));
    lab.secrets.put(&lab.secret_name(&account), &own);
    if auth.get("access_token").is_some() {
        auth["access_token"] = json!(format!("token-of-{account}"));
    }
    auth
}

#[tokio::test]
async fn a_forged_offset_of_the_right_kind_is_read_as_one() {
    // Without this the other tests would pass for ever once the offset's form changes.
    let forge = Forge::new().await;
    let lab = Lab::of("demo", Component::Contacts).start(super::crm::nothing).await;
    let meta = json!({"offset": forge.offset("demo", &json!({"q": {"f": 0}}))});
    assert_eq!(lab.ask(meta, Value::Null).await.expect("the function lives").status, 200);
    assert_eq!(lab.crm.count(), 1);
    // A manifest whose pages have links takes one of its own.
    let lab =
        Lab::of("dynamics", Component::Contacts).start(|_| Reply::json(200, &json!({"value": []}))).await;
    let link = "https://contoso.api.crm4.dynamics.com/api/data/v9.2/contacts?$skiptoken=2";
    let place = json!({"s": {"f": 0, "p": {"u": link}}});
    let answer = lab.ask(json!({"offset": forge.offset("dynamics", &place)}), Value::Null).await;
    assert_eq!(answer.expect("the function lives").status, 200);
    let asked = lab.crm.take();
    assert_eq!(asked[0].target, "/api/data/v9.2/contacts?$skiptoken=2");
}

#[tokio::test]
async fn a_link_of_the_crms_to_another_place_is_not_followed() {
    let rows = json!([{"contactid": "7a93d1e5-3f74-4945-8a65-d7f996083f72", "fullname": "Ada",
        "modifiedon": "2026-05-01T07:25:37Z", "systemuserid": "7a93d1e5-3f74-4945-8a65-d7f996083f73"}]);
    for component in [Component::Contacts, Component::Agents] {
        for target in targets("dynamics", "https://contoso.api.crm4.dynamics.com/api/data/v9.2") {
            let (rows, link) = (rows.clone(), target.clone());
            let crm = move |_: &_| Reply::json(200, &json!({"value": rows, "@odata.nextLink": link}));
            let lab = Lab::of("dynamics", component).start(crm).await;
            let mut meta = json!({});
            let mut last = 0;
            for _ in 0..4 {
                let answer = lab.ask(meta, Value::Null).await.expect("the function lives");
                last = answer.status;
                meta = json!({"offset": answer.body["next_offset"]});
                if last != 200 || answer.body["next_offset"].is_null() {
                    break;
                }
            }
            let asked = lab.crm.take();
            assert!(asked.iter().all(|it| !it.target.contains("steal")), "{component:?} {target}: {asked:?}");
            assert!(
                last >= 400,
                "{component:?} {target}: a list that cannot be read to its end is no success"
            );
        }
    }
}
