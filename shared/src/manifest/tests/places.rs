//! What has no business where it stands.

use super::{GOOD, broken, load};

/// The complaint about `GOOD` with look-ups of the contact.
fn look_up(look_up: &str) -> String {
    let identify = format!("interactions:\n  identify:\n    - {{{look_up}}}\n");
    load(&GOOD.replacen("interactions:\n", &identify, 1)).err().unwrap_or_default()
}

#[test]
fn a_look_up_asks_for_the_contact_and_judges_the_record_that_it_takes() {
    let asks = "fetch: {path: /c, query: {q: \"{{ contact.emails[0] }}\"}}, records: \"{{ body.c }}\"";
    assert_eq!(
        look_up(&format!("{asks}, where: \"{{{{ row.a == contact.name }}}}\", value: \"{{{{ row.id }}}}\"")),
        ""
    );
    for (given, says) in [
        ("fetch: {path: /c}, value: \"{{ body.id }}\"".to_owned(), "uses anything of the contact"),
        (format!("{asks}, value: \"{{{{ (body.c | first).id }}}}\""), "it may be a stranger's"),
        (format!("{asks}, where: \"{{{{ contact.name }}}}\", value: \"{{{{ row.id }}}}\""), "looks neither at `row`"),
        (
            "fetch: {path: /c, query: {q: \"{{ contact.name }}\"}}, records: \"{{ body.c }} \", value: \"{{ row.id }}\""
                .to_owned(),
            "a list is one expression",
        ),
    ] {
        let text = look_up(&given);
        assert!(text.contains(says), "{given}: {text}");
    }
}

#[test]
fn expressions_stand_only_where_they_are_evaluated() {
    for (from, to, says) in [
        ("display: create a ticket", "display: \"{{ const.version }}\"", "this is plain text"),
        ("path: /contacts", "path: \"{{ const.version }}/contacts\"", "a path begins with `/`"),
        (
            "path: /contacts",
            "path: /contacts\n    headers: {\"{{ const.version }}\": x}",
            "a name is sent as it stands",
        ),
    ] {
        let text = broken(from, to);
        assert!(text.contains(says), "{to}: {text}");
    }
}

#[test]
fn a_secret_s_name_holds_nothing_of_the_secret() {
    let public =
        GOOD.replacen("  caller_key: bridge_key\n", "  caller_key: bridge_key\n  public: [api_key]\n", 1);
    assert!(load(&public).is_ok());
    let text =
        load(&public.replacen("small/{{ auth.account }}", "small/{{ secret.api_key }}", 1)).unwrap_err();
    assert!(text.contains("the secret's name is made before the secret is read"), "{text}");
}

#[test]
fn a_first_run_is_known_to_requests_only() {
    let where_it_is = "contacts:\n  where: \"{{ initial }}\"\n";
    let text = broken("contacts:\n", where_it_is);
    assert!(text.contains("`initial` does not exist here"), "{text}");
}
