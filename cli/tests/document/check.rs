//! `--check`: whether a package still says what the manifest and the stack are.

use talkdesk_bridge::document::DocumentArguments;

use crate::world::{changed_demo, check, demo, fixture, root};

#[tokio::test]
async fn an_untouched_package_matches() {
    let out = demo("check-good").await;
    let outcome = check(root().join("manifests/demo"), &out).await;
    assert!(outcome.good, "{}", outcome.text);
}

#[tokio::test]
async fn the_shipped_example_matches_the_demo() {
    let example = root().join("docs/example-submission");
    let outcome = check(root().join("manifests/demo"), &example).await;
    assert!(outcome.good, "write it again, see docs/example-submission/input/README.md\n{}", outcome.text);
    // With its own input given again, too.
    let again = DocumentArguments {
        manifest: root().join("manifests/demo"),
        details: Some(example.join("input/details.yaml")),
        stack_outputs: Some(example.join("input/stack-outputs.json")),
        check: Some(example),
        ..Default::default()
    };
    let outcome = again.run().await.unwrap();
    assert!(outcome.good, "{}", outcome.text);
}

#[tokio::test]
async fn a_changed_manifest_fails_and_says_what_differs() {
    let out = demo("check-changed").await;
    let label = changed_demo(
        "check-label",
        "help: The account's name at your bridge's operator",
        "help: Ask your operator",
    );
    let outcome = check(&label, &out).await;
    assert!(!outcome.good);
    let expected = "integration.json: authentication_configuration[0].account.help is \"The account's name at your bridge's operator\", expected \"Ask your operator\"";
    assert!(outcome.text.contains(expected), "{}", outcome.text);
    for file in
        ["integration.new.json", "api-manifest.md:", "api-manifest.html:", "ticket.md:", "submission.eml"]
    {
        assert!(outcome.text.contains(file), "{file}: {}", outcome.text);
    }
    assert_eq!(outcome.text.contains("api-manifest.pdf"), cfg!(feature = "pdf"), "{}", outcome.text);
    // Of a long line the part that differs is shown: two forms of JSON, Markdown, HTML, ticket.
    assert_eq!(outcome.text.matches("Ask your operator").count(), 5, "{}", outcome.text);

    let input = changed_demo(
        "check-input",
        "input: [note, contact_id]",
        "input: [{note: {mandatory: false}}, contact_id]",
    );
    let outcome = check(&input, &out).await;
    assert!(
        outcome.text.contains("actions/add_note.json: inputs[0].mandatory is true, expected false"),
        "{}",
        outcome.text
    );
    assert!(!outcome.text.contains("\nintegration.json"), "{}", outcome.text);
}

/// Not a standard action: it says all by itself.
const OPEN_TICKET: &str = "
  open_ticket:
    display: open a ticket
    description: open a ticket in Demo CRM
    input: [subject, description, priority]";

/// A change that the fixtures notice, too, is still a difference, with an exit code of its own.
#[tokio::test]
async fn a_manifest_whose_fixtures_fail_is_compared_as_far_as_possible() {
    let out = demo("check-fixtures").await;
    let label = changed_demo("check-fixtures-label", "display: Account\n", "display: Account name\n");
    let outcome = check(&label, &out).await;
    assert!(!outcome.good);
    for said in [
        "integration.json: authentication_configuration[0].account.display is \"Account\", expected \"Account name\"",
        "integration.new.json: ",
        "does not pass",
        "does not match the manifest",
    ] {
        assert!(outcome.text.contains(said), "{said}: {}", outcome.text);
    }
    let action = changed_demo("check-fixtures-action", "\n  create_ticket:", OPEN_TICKET);
    let outcome = check(&action, &out).await;
    for said in
        ["actions/open_ticket.json: is missing", "actions/create_ticket.json: does not belong to the package"]
    {
        assert!(outcome.text.contains(said), "{said}: {}", outcome.text);
    }
}

#[tokio::test]
async fn another_stack_other_details_and_another_manifest_are_noticed() {
    let out = demo("check-other").await;
    let base = DocumentArguments {
        manifest: root().join("manifests/demo"),
        check: Some(out.clone()),
        ..Default::default()
    };
    let stack = DocumentArguments { base_url: Some("https://new.example.org".to_owned()), ..base.clone() };
    let outcome = stack.run().await.unwrap();
    assert!(
        outcome.text.contains(
            "\"https://bridge.example.org/prod/agent_sync\", expected \"https://new.example.org/agent_sync\""
        ),
        "{}",
        outcome.text
    );
    let client = DocumentArguments { client: Some("Somebody Else".to_owned()), ..base };
    let outcome = client.run().await.unwrap();
    assert!(outcome.text.contains("api-manifest.md:1: differs"), "{}", outcome.text);
    let outcome = check(fixture("partial.yaml"), &out).await;
    assert!(
        outcome.text.contains("actions/add_note.json: does not belong to the package any more"),
        "{}",
        outcome.text
    );
    assert!(outcome.text.contains("actions/add_task.json: is missing"), "{}", outcome.text);
}

#[tokio::test]
async fn files_that_were_edited_or_removed_are_noticed() {
    let out = demo("check-edited").await;
    std::fs::remove_file(out.join("ticket.md")).unwrap();
    let markdown = crate::world::text(&out, "api-manifest.md").replace("Fewer", "Many");
    std::fs::write(out.join("api-manifest.md"), markdown).unwrap();
    let outcome = check(root().join("manifests/demo"), &out).await;
    assert!(outcome.text.contains("ticket.md: is missing"), "{}", outcome.text);
    assert!(
        outcome.text.contains("package:  Many forgotten calls.\n  manifest: Fewer forgotten calls."),
        "{}",
        outcome.text
    );
}

#[tokio::test]
async fn a_folder_that_is_no_package_is_an_error() {
    let arguments = DocumentArguments {
        manifest: root().join("manifests/demo"),
        check: Some(root().join("manifests")),
        ..Default::default()
    };
    assert!(arguments.run().await.unwrap_err().contains("is it a package?"));
}
