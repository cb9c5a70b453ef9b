//! What arrives as people send it: secrets, caller keys and fields of `auth`, for every manifest.

use super::*;

#[test]
fn every_manifest_has_an_account_here() {
    let mut names: Vec<_> = ACCOUNTS.keys().map(String::as_str).collect();
    names.sort_unstable();
    let mut embedded = Manifest::embedded_names();
    embedded.sort_unstable();
    assert_eq!(names, embedded);
}

/// What a bridge sends for the validator with this secret, and how it answers.
async fn played(name: &str, auth: &Map<String, Value>, secret: &str) -> (u16, Value, Vec<String>) {
    let world = Arc::new(World::default());
    world.secret(&format!("talkdesk-bridge/{name}/acme"), [Ok(secret.to_owned())]);
    let (status, body) = validate(&world.bridge(name, ""), auth).await;
    (status, body, world.sent())
}

#[tokio::test]
async fn a_secret_as_people_paste_it_sends_what_the_clean_one_sends() {
    for name in ACCOUNTS.keys() {
        let (auth, Some(secret)) = account(name) else { continue };
        let (_, _, clean) = played(name, &auth, &Value::Object(secret.clone()).to_string()).await;
        assert!(!clean.is_empty(), "{name}");
        let mut pasted = secret.clone();
        for (field, value) in &mut pasted {
            let text = value.as_str().unwrap_or_default();
            match field.as_str() {
                "caller_keys" => *value = json!(format!("[\"{KEY}\\n\"]")),
                "host" => *value = json!(format!(" HTTPS://{}/ \n", text.to_uppercase())),
                _ => *value = json!(format!("\u{FEFF} {text}\r\n\u{200B}")),
            }
        }
        let text = format!("\u{FEFF}{}\n", Value::Object(pasted));
        assert_eq!(played(name, &auth, &text).await.2, clean, "{name}");
        let mut typed = auth.clone();
        typed["bridge_key"] = json!(format!("{KEY} \n"));
        typed["account"] = json!("\u{200E}acme ");
        assert_eq!(played(name, &typed, &text).await.2, clean, "{name}");
    }
}

#[tokio::test]
async fn a_secret_without_a_declared_field_is_ours_to_mend_and_no_call_is_made() {
    for name in ACCOUNTS.keys() {
        let (auth, Some(secret)) = account(name) else { continue };
        let manifest = manifest(name, "");
        for (field, mandatory) in manifest.document().credentials.as_ref().unwrap().declared() {
            for broken in [None, Some(json!(" \n")), Some(json!("a\nb")), Some(json!(["k"]))] {
                let mut secret = secret.clone();
                secret.shift_remove(field);
                let blank = broken.as_ref().is_none_or(|value| *value == " \n");
                secret.extend(broken.map(|value| (field.to_owned(), value)));
                let (status, body, sent) = played(name, &auth, &Value::Object(secret).to_string()).await;
                if blank && !mandatory {
                    assert!(!sent.is_empty() && status != 500, "{name}: {field} is optional");
                    continue;
                }
                assert_eq!((status, sent.len()), (500, 0), "{name}: {field}");
                assert_eq!(body["error"]["code"], "secret_unusable", "{name}: {field}");
                assert!(!body.to_string().contains(field), "{name}: the caller learns nothing of it");
            }
        }
    }
}

#[tokio::test]
async fn the_log_names_the_field_and_the_secret() {
    let world = Arc::new(World::default());
    world.secret("talkdesk-bridge/demo/acme", [Ok(json!({"caller_keys": KEY}).to_string())]);
    world.secret("talkdesk-bridge/demo/other", [Err(SecretError::Denied)]);
    let bridge = world.bridge("demo", "");
    let deadline = world.now().plus(Duration::from_secs(8));
    for (account, why) in [
        ("acme", "the secret cannot be used: the field `api_key` is missing or blank"),
        ("other", "the function may not read the secret: check its policy and the key's"),
    ] {
        let body = json!({ "auth": {"account": account, "bridge_key": KEY} }).to_string();
        let envelope = Envelope::read(body.as_bytes(), |_| true).unwrap();
        let failure = bridge.trust(Untrusted::new(&envelope), deadline).await.err().unwrap();
        assert_eq!(failure.class, Class::SecretUnusable);
        assert_eq!(failure.detail, format!("{why} (secret `talkdesk-bridge/demo/{account}`)"));
    }
}

#[tokio::test]
async fn fields_of_auth_as_people_paste_them_send_what_clean_ones_send() {
    for (name, good) in ACCOUNTS.iter().filter(|(_, good)| good["host"].is_object()) {
        let (host, whole) =
            (good["host"]["field"].as_str().unwrap(), good["host"]["address"].as_str().unwrap());
        let world = Arc::new(World::default());
        let bridge = world.bridge(name, "");
        let (auth, _) = account(name);
        validate(&bridge, &auth).await;
        let clean = world.sent();
        assert!(!clean.is_empty(), "{name}");
        let own = auth[host].as_str().unwrap();
        for pasted in [
            format!("{own} \n"),
            format!("\u{200B}{}", own.to_uppercase()),
            format!("https://{whole}"),
            format!("https://{whole}/"),
            format!("HTTP://{}:443/some/page?a=b#c", whole.to_uppercase()),
        ] {
            let mut auth = auth.clone();
            auth[host] = json!(pasted);
            auth["access_token"] = json!("t\r\n");
            validate(&bridge, &auth).await;
            assert_eq!(world.sent(), clean, "{name}: {pasted:?}");
        }
        for hostile in [
            "evil.example/".to_owned(),
            format!("https://evil.example/{whole}"),
            format!("{whole}@evil.example"),
            format!("evil.example?.{whole}"),
            format!("evil.example#{whole}"),
            format!("{whole}.evil.example"),
            format!("{whole}:8443"),
            "127.0.0.1".to_owned(),
        ] {
            let mut auth = auth.clone();
            auth[host] = json!(hostile);
            let (status, body) = validate(&bridge, &auth).await;
            assert_eq!((world.sent().len(), status), (0, 401), "{name}: {hostile}");
            let message = body["error"]["message"].as_str().unwrap();
            assert!(message.contains("does not have the expected form. "), "{message}");
        }
    }
}

#[tokio::test]
async fn undeclared_members_of_auth_may_be_anything() {
    for name in ACCOUNTS.keys() {
        let (mut auth, None) = account(name) else { continue };
        let world = Arc::new(World::default());
        let bridge = world.bridge(name, "");
        validate(&bridge, &auth).await;
        let clean = world.sent();
        for odd in [json!({"access_token": "x"}), json!([[], {}]), json!(true), json!("x\ny"), json!(1e300)] {
            auth.insert("oauth".to_owned(), odd);
            validate(&bridge, &auth).await;
            assert_eq!(world.sent(), clean, "{name}");
        }
    }
}
