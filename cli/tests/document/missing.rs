//! What is missing is said at once and all together.

use talkdesk_bridge::document::DocumentArguments;

use crate::world::{arguments, fixture, folder, root, text};

#[tokio::test]
async fn everything_that_is_missing_is_one_error() {
    let arguments = DocumentArguments { manifest: root().join("manifests/demo"), ..Default::default() };
    let error = arguments.run().await.unwrap_err();
    for name in [
        "--details",
        "client",
        "technical_contacts",
        "talkdesk_domain",
        "keybase_user_name",
        "test_in_production",
        "use_case",
        "summary",
        "objectives",
        "--base-url or --stack-outputs",
        "--out",
    ] {
        assert!(error.contains(&format!("\n  {name}")), "{name}: {error}");
    }
    // The demo's manifest names its documentation; one without needs a link.
    assert!(!error.contains("api_documentation"), "{error}");
    let arguments = DocumentArguments { manifest: fixture("partial.yaml"), ..Default::default() };
    assert!(arguments.run().await.unwrap_err().contains("api_documentation"));
}

/// What cannot stand in a header of an e-mail, or would be two addresses.
#[tokio::test]
async fn an_address_that_no_mail_server_takes_is_refused() {
    let folder = folder("addresses");
    for address in
        ["jörg@example.com", "a@müller.example", "a>b,c@example.com", "a@b@example.com", "a@example.", "a@b"]
    {
        let details = text(&fixture(""), "details.yaml").replace("ola@example.com", &format!("'{address}'"));
        std::fs::write(folder.join("details.yaml"), details).unwrap();
        let mut arguments = arguments(root().join("manifests/demo"), &folder.join("out"));
        arguments.details = Some(folder.join("details.yaml"));
        let error = arguments.run().await.unwrap_err();
        assert!(error.contains("technical_contacts, number 2: email"), "{address}: {error}");
        assert_eq!(error.lines().count(), 2, "{address}: {error}");
    }
}

#[tokio::test]
async fn the_file_of_init_reads_back_and_lacks_only_what_nobody_but_the_client_knows() {
    let folder = folder("init");
    let details = folder.join("details.yaml");
    let init = DocumentArguments {
        manifest: root().join("manifests/demo"),
        details: Some(details.clone()),
        init: true,
        ..Default::default()
    };
    init.clone().run().await.unwrap();
    assert!(init.run().await.unwrap_err().contains("is there already"));
    let empty = text(&folder, "details.yaml");
    assert!(empty.contains("integration with Demo CRM that offers"), "{empty}");
    let mut arguments = arguments(root().join("manifests/demo"), &folder.join("out"));
    arguments.details = Some(details.clone());
    let error = arguments.clone().run().await.unwrap_err();
    assert_eq!(error.lines().count(), 8, "{error}");
    let filled = empty
        .replace("client: \"\"", "client: A")
        .replace("name: \"\"", "name: B")
        .replace("email: \"\"", "email: b@example.com")
        .replace("talkdesk_domain: \"\"", "talkdesk_domain: a.mytalkdesk.com")
        .replace("keybase_user_name: \"\"", "keybase_user_name: a")
        .replace("test_in_production:\n", "test_in_production: Yes\n")
        .replace("objectives: \"\"", "objectives: All");
    std::fs::write(&details, filled).unwrap();
    arguments.run().await.unwrap();
    assert!(text(&folder.join("out"), "api-manifest.md").contains("Yes; the credentials are handed over"));
}

#[tokio::test]
async fn what_cannot_be_right_is_refused_with_its_name() {
    let out = folder("wrong");
    let with = |change: fn(&mut DocumentArguments)| {
        let mut arguments = arguments(root().join("manifests/demo"), &out);
        change(&mut arguments);
        arguments.run()
    };
    let error = with(|a| a.base_url = Some("http://bridge.example.org".to_owned())).await.unwrap_err();
    assert!(error.contains("https only"), "{error}");
    let error = with(|a| a.date = Some("22.11.2026".to_owned())).await.unwrap_err();
    assert!(error.contains("--date 22.11.2026"), "{error}");
    let error = with(|a| a.details = Some("no-such-file.yaml".into())).await.unwrap_err();
    assert!(error.contains("no-such-file.yaml"), "{error}");
    let unknown = out.join("unknown.yaml");
    std::fs::write(&unknown, "client: A\npassword: x\n").unwrap();
    let mut wrong = arguments(root().join("manifests/demo"), &out);
    wrong.details = Some(unknown);
    let error = wrong.run().await.unwrap_err();
    assert!(error.contains("password"), "{error}");
}

#[tokio::test]
async fn outputs_of_a_stack_that_lacks_an_endpoint_are_named() {
    let out = folder("outputs-missing");
    let outputs = out.join("outputs.json");
    let mut arguments = arguments(root().join("manifests/demo"), &out);
    arguments.base_url = None;
    arguments.stack_outputs = Some(outputs.clone());
    let error = arguments.clone().run().await.unwrap_err();
    assert!(error.contains("`make deploy` writes it"), "{error}");
    for (json, expected) in [
        (
            r#"[{"OutputKey": "ActionEndpoint", "OutputValue": "https://a.example/actions/"}]"#,
            "AuthValidationEndpoint, ContactSynchronizationEndpoint, AgentSynchronizationEndpoint, InteractionRetrievalEndpoint.",
        ),
        (r#"{"Stacks": []}"#, "there is no stack"),
        (r#"{"Stacks": [{"Outputs": []}, {"Outputs": []}]}"#, "--stack-name"),
        (r#"{"Stacks": [{}]}"#, "is it deployed?"),
        ("nonsense", "not JSON"),
    ] {
        std::fs::write(&outputs, json).unwrap();
        let error = arguments.clone().run().await.unwrap_err();
        assert!(error.contains(expected), "{json}: {error}");
    }
}

#[tokio::test]
async fn a_fixture_that_does_not_pass_makes_no_document() {
    let manifest = crate::world::changed_demo("broken-fixture", "'Incoming call'", "'Call'");
    let error = arguments(&manifest, &folder("broken-fixture-out")).run().await.unwrap_err();
    assert!(error.contains("does not pass") && error.contains("Incoming call"), "{error}");
}
