//! Rules of the language, each with the mistake that it catches.

use super::*;

/// A small manifest that is right; tests break it one line at a time.
#[path = "tests/places.rs"]
mod places;

const GOOD: &str = include_str!("../../tests/fixtures/manifest/small.yaml");

fn load(text: &str) -> Result<Manifest, String> {
    let file = File { name: "manifest.yaml".to_owned(), text: text.to_owned() };
    Manifest::load(&[file])
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// The complaint about `GOOD` with one line replaced.
fn broken(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "the small manifest has no `{from}`");
    load(&GOOD.replacen(from, to, 1)).err().unwrap_or_default()
}

#[test]
fn the_small_manifest_loads_without_warnings() {
    let manifest = load(GOOD).unwrap_or_else(|e| panic!("{e}"));
    assert!(manifest.warnings().is_empty(), "{:?}", manifest.warnings());
    assert!(manifest.offers(Component::Contacts) && manifest.offers(Component::Actions));
}

#[test]
fn a_call_for_every_contact_is_warned_of() {
    let step = "  steps: {full: {for_each: row, fetch: {path: \"/contacts/{{ row.id }}\"}}}\n  records:";
    let text = GOOD.replacen("  records:", step, 1);
    let manifest = load(&text).unwrap_or_else(|e| panic!("{e}"));
    let [warning] = manifest.warnings() else { panic!("{:?}", manifest.warnings()) };
    assert!(warning.to_string().contains("contacts.steps.full"), "{warning}");
    assert!(warning.to_string().contains("1,000 calls per 1,000 contacts"), "{warning}");
}

#[test]
fn rows_are_not_told_apart_by_a_step_that_may_be_skipped() {
    let with = |step: &str, condition: &str| {
        let lines = format!("  steps: {{agents: {step}}}\n  where: \"{{{{ {condition} }}}}\"\n  records:");
        load(&GOOD.replacen("  records:", &lines, 1)).err().unwrap_or_default()
    };
    let (always, skipped) = ("{value: [a]}", "{when: \"{{ from | epoch_s == 0 }}\", value: [a]}");
    for (condition, list) in [
        ("row.name not in steps.agents", "steps.agents"),
        ("(row.id in  steps.agents) or from is none", "steps.agents"),
        ("not row.id in (steps['agents'])", "steps.agents"),
        ("row.id not in steps.agents.ids", "steps.agents.ids"),
    ] {
        assert_eq!(with(always, condition), "");
        let text = with(skipped, condition);
        let expected = format!("contacts.where: where `when` skips the step, `{list}` is nothing");
        assert!(text.contains(&expected), "{condition}: {text}");
    }
    for condition in ["row.name not in (steps.agents | default([]))", "row.name not in ['steps.agents']"] {
        assert_eq!(with(skipped, condition), "");
    }
}

#[test]
fn a_mistyped_key_names_file_line_allowed_keys_and_the_nearest() {
    let text = broken("  records: \"{{ body.contacts }}\"", "  record: \"{{ body.contacts }}\"");
    assert!(text.starts_with("manifest.yaml:"), "{text}");
    assert!(text.contains("contacts.record: unknown key `record`"), "{text}");
    assert!(text.contains("allowed: fetch, when, ok"), "{text}");
    assert!(text.contains("did you mean `records`?"), "{text}");
    let line: usize = text.split(':').nth(1).unwrap().parse().unwrap();
    let expected = GOOD.lines().position(|l| l.contains("  records: \"{{ body.contacts }}\"")).unwrap() + 1;
    assert_eq!(line, expected);
}

#[test]
fn a_missing_mandatory_mapping_is_named() {
    let text = broken("    name: \"{{ row.name }}\"\n", "");
    assert!(text.contains("the mandatory key `name` is missing"), "{text}");
    assert!(text.contains("contacts.map"), "{text}");
}

#[test]
fn an_unknown_name_in_a_template_is_named_with_what_exists() {
    let text = broken("{{ row.title }}", "{{ rwo.title }}");
    assert!(text.contains("`rwo.title` does not exist here"), "{text}");
    assert!(text.contains("did you mean `row`?"), "{text}");
    let text = broken("{{ input.subject }}", "{{ input.subjekt }}");
    assert!(text.contains("did you mean `input.subject`?"), "{text}");
    let text = broken("{{ const.version }}", "{{ const.versoin }}");
    assert!(text.contains("did you mean `const.version`?"), "{text}");
}

#[test]
fn an_unknown_filter_is_named_with_the_nearest() {
    let text = broken("row.updated_at | ts", "row.updated_at | tss");
    assert!(text.contains("unknown filter `tss`; did you mean `ts`?"), "{text}");
}

#[test]
fn a_secret_cannot_stand_in_a_mapping_a_message_or_a_path() {
    for (from, to) in [
        ("{{ row.title }}", "{{ secret.api_key }}"),
        ("message: Ticket created", "message: \"{{ secret.api_key }}\""),
        ("path: /contacts", "path: \"/contacts/{{ secret.api_key }}\""),
        ("{{ row.title }}", "{{ auth.bridge_key }}"),
    ] {
        let text = broken(from, to);
        assert!(text.contains("credentials of a request"), "{to}: {text}");
    }
}

#[test]
fn a_secret_without_a_caller_key_is_refused() {
    let text = broken("  caller_key: bridge_key\n", "");
    assert!(text.contains("`caller_key` is missing"), "{text}");
}

#[test]
fn a_value_from_outside_in_a_query_language_must_be_quoted() {
    let text = broken(
        "q: \"{{ input.subject }}\"",
        "q: \"SELECT Id FROM Case WHERE Subject = {{ input.subject }}\"",
    );
    assert!(text.contains("without saying how it is quoted"), "{text}");
    let text = broken(
        "q: \"{{ input.subject }}\"",
        "q: \"SELECT Id FROM Case WHERE Subject = {{ input.subject | plain }}\"",
    );
    assert!(text.contains("this is a query"), "{text}");
    let text = broken(
        "q: \"{{ input.subject }}\"",
        "q: \"SELECT Id FROM Case WHERE Subject = {{ input.subject | soql }}\"",
    );
    assert_eq!(text, "");
}

#[test]
fn what_certainly_loses_contacts_is_refused() {
    for (from, to, says) in [
        ("settle: PT2M", "settle: PT0S", "loses rows"),
        ("      sort: updated_at\n", "", "no order"),
        ("sort: updated_at", "sort: updated_at desc", "descending"),
        ("      updated_from: \"{{ from | iso_ms }}\"\n", "", "must use `from`"),
        ("  more: \"{{ body.more }}\"\n", "", "needs `more`"),
        ("id_after: \"{{ last_id }}\"", "id_after: 0", "last_id"),
        ("    field: \"{{ row.updated_at | ts }}\"\n", "", "needs `field`"),
        ("settle: PT2M", "settle: PT2M\n    accept_loss: \" \"", "needs the reason"),
        ("settle: PT2M", "settle: PT2M\n    full_every: PT5M", "at least PT1H"),
    ] {
        let text = broken(from, to);
        assert!(text.contains(says), "{to}: {text}");
    }
}

#[test]
fn a_drain_of_counted_or_repeated_pages_is_refused() {
    let paged = |page: &str, drain: &str| {
        let text = GOOD.replacen(
            "  more: \"{{ body.more }}\"\n",
            &format!("  more: \"{{{{ body.more }}}}\"\n  page: {page}\n"),
            1,
        );
        load(&text.replacen("id_after: \"{{ last_id }}\"", drain, 1))
    };
    let text = paged("{token: \"{{ body.next }}\"}", "id_after: \"{{ last_id }}\"").err().unwrap_or_default();
    assert!(text.contains("use `page`, else every page is the first"), "{text}");
    // Counted pages overlap, for which the request must take their size.
    let sized = "page: \"{{ page }}\"";
    assert!(paged("{number: {start: 1}}", sized).unwrap().warnings().is_empty());
    let fixed = "page: \"{{ page }}\"\n        limit: 50";
    let text = paged("{number: {start: 1}}", fixed).err().unwrap_or_default();
    assert!(text.contains("counted pages") && text.contains("page_size"), "{text}");
    assert!(paged("{token: \"{{ body.next }}\"}", "page: \"{{ page }}\"").unwrap().warnings().is_empty());
}

/// The good manifest in mode `newest`, with something replaced.
fn newest(from: &str, to: &str) -> String {
    without_filter("mode: newest", from, to)
}

/// The good manifest in a mode of counted pages that asks for no time, with something replaced: what `check` says.
fn without_filter(mode: &str, from: &str, to: &str) -> String {
    let text = counted(mode);
    assert!(text.contains(from), "{from}");
    load(&text.replacen(from, to, 1)).err().unwrap_or_default()
}

/// The good manifest in a mode of counted pages that asks for no time.
fn counted(mode: &str) -> String {
    let text = GOOD
        .replacen("mode: range", mode, 1)
        .replacen("      updated_from: \"{{ from | iso_ms }}\"\n", "      page: \"{{ page }}\"\n", 1)
        .replacen("sort: updated_at", "sort: updated_at desc", 1)
        .replacen(
            "  more: \"{{ body.more }}\"\n",
            "  more: \"{{ body.more }}\"\n  page: {number: {start: 1}}\n",
            1,
        );
    let drain = text.find("    drain:").unwrap();
    let end = drain + text[drain..].find("  where:").or_else(|| text[drain..].find("  map:")).unwrap();
    format!("{}{}", &text[..drain], &text[end..])
}

#[test]
fn a_snapshot_asks_for_what_changed_or_leaves_the_older_out_itself() {
    let snapshot = "mode: snapshot\n    order: \"{{ row.id }}\"";
    let text = counted(snapshot);
    assert!(load(&text).unwrap_err().contains("use `from` in `where`"), "{text}");
    let text = text.replacen("  map:", "  where: \"{{ row.updated_at | ts >= from }}\"\n  map:", 1);
    assert_eq!(load(&text).err(), None, "{text}");
}

#[test]
fn newest_first_needs_counted_pages_that_can_overlap() {
    assert_eq!(newest("mode: newest", "mode: newest"), "");
    for (from, to, says) in [
        ("updated_at desc", "updated_at asc", "newest first"),
        ("page: \"{{ page }}\"", "page: 1", "must use `page`"),
        ("limit: \"{{ page_size }}\"", "limit: 100", "must use `page_size`"),
        ("number: {start: 1}", "token: \"{{ body.next }}\"", "counted pages"),
        ("    field: \"{{ row.updated_at | ts }}\"\n", "", "needs `field`"),
    ] {
        let text = newest(from, to);
        assert!(text.contains(says), "{to}: {text}");
    }
}

#[test]
fn a_crm_without_any_condition_is_read_as_a_whole_and_says_so() {
    let order = "mode: snapshot\n    order: \"{{ row.id }}\"";
    let text = without_filter(order, "settle: PT2M", "settle: PT2M");
    assert!(text.contains("must use it") && text.contains("full_every: PT0S"), "{text}");
    assert_eq!(without_filter(order, "settle: PT2M", "settle: PT2M\n    full_every: PT0S"), "");
    let text = without_filter(order, "settle: PT2M", "settle: PT2M\n    full_every: PT5M");
    assert!(text.contains("at least PT1H"), "{text}");
    let text = newest("settle: PT2M", "settle: PT2M\n    full_every: PT0S");
    assert!(text.contains("at least PT1H"), "{text}");
}

#[test]
fn a_checkpoint_field_that_is_not_requested_is_refused() {
    let text =
        broken("fields: id,name,title,emails,phones,updated_at", "fields: id,name,title,emails,phones");
    assert!(text.contains("`updated_at` is read but not requested"), "{text}");
}

#[test]
fn statuses_that_talkdesk_does_not_have_are_refused() {
    let text = broken("done: solved", "done: finished");
    assert!(text.contains("Talkdesk has no status `finished`"), "{text}");
    assert!(text.contains("tables.status.done"), "{text}");
}

#[test]
fn the_drain_is_a_patch_of_the_fetch() {
    let manifest = load(GOOD).unwrap();
    let drain =
        manifest.document().contacts.as_ref().unwrap().checkpoint.as_ref().unwrap().drain.as_ref().unwrap();
    assert_eq!(
        drain.query.keys().collect::<Vec<_>>(),
        ["fields", "updated_from", "sort", "limit", "updated_before", "id_after"]
    );
}

#[test]
fn an_overlay_changes_lines_and_its_mistakes_name_its_own_file() {
    let file = |name: &str, text: &str| File { name: name.to_owned(), text: text.to_owned() };
    let overlay = "contacts:\n  map:\n    company: \"{{ row.custom_company }}\"\n";
    let manifest = Manifest::load(&[file("manifest.yaml", GOOD), file("overlay.yaml", overlay)]).unwrap();
    assert!(manifest.document().contacts.as_ref().unwrap().map.company.is_some());
    assert_ne!(manifest.hash(), load(GOOD).unwrap().hash());
    let overlay = "contacts:\n  map:\n    compani: \"{{ row.custom_company }}\"\n";
    let problems = Manifest::load(&[file("manifest.yaml", GOOD), file("overlay.yaml", overlay)]).unwrap_err();
    assert!(problems[0].to_string().starts_with("overlay.yaml:3"), "{}", problems[0]);
}

#[test]
fn every_embedded_manifest_loads() {
    for name in Manifest::embedded_names() {
        if let Err(problems) = Manifest::embedded(name) {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
    }
}

#[test]
fn the_hash_changes_with_the_meaning_but_not_with_comments() {
    let one = load(GOOD).unwrap();
    let two = load(&format!("# a comment\n{GOOD}")).unwrap();
    assert_eq!(one.hash(), two.hash());
    assert_eq!(one.hash().len(), 8);
}

#[test]
fn a_value_that_only_decides_between_constants_needs_no_quoting() {
    let text = broken("q: \"{{ input.subject }}\"", "q: \"a {{ 'b' if input.subject == 'c' else 'd' }}\"");
    assert_eq!(text, "");
    let text = broken("q: \"{{ input.subject }}\"", "q: \"a {{ input.subject if input.subject else 'd' }}\"");
    assert!(text.contains("without saying how it is quoted"), "{text}");
}

#[test]
fn concatenation_does_not_hide_a_value_from_the_quoting_rule() {
    let text = broken("q: \"{{ input.subject }}\"", "q: \"{{ 'FIND {' ~ input.subject ~ '}' }}\"");
    assert!(text.contains("without saying how it is quoted"), "{text}");
    let text = broken("q: \"{{ input.subject }}\"", "q: \"{{ 'FIND {' ~ (input.subject | sosl) ~ '}' }}\"");
    assert_eq!(text, "");
}

#[test]
fn an_input_states_what_it_takes_and_its_default_is_part_of_it() {
    for (input, complaint) in [
        ("{name: S, type: select}", "a select needs its choices"),
        ("{name: S, type: select, format: \"low,high\", default: hihg}", "did you mean `high`?"),
        (
            "{name: S, type: select, format: \"low,high\", also: {urgent: hi}}",
            "`hi` is not one of the choices",
        ),
        ("{name: S, type: number, min: 0, default: \"-1\"}", "the default is not a number between"),
        ("{name: S, type: number, default: many}", "the default is not a number between"),
        ("{name: S, min: 0}", "`min` and `max` are for inputs of the type number"),
    ] {
        let text = broken("{name: Subject, mandatory: true}", input);
        assert!(text.contains(complaint), "{input}: {text}");
    }
}

#[test]
fn what_a_component_never_runs_is_refused_with_what_to_do_instead() {
    let agents = "agents:\n  fetch: {path: /users}\n";
    for (key, complaint) in [
        ("steps: {x: {after: true, for_each: row, fetch: {path: /x}}}", "take one of them"),
        ("when: \"{{ const.version }}\"", "only types of interactions have a condition"),
    ] {
        let text = broken(agents, &format!("{agents}  {key}\n"));
        assert!(text.contains(complaint), "{key}: {text}");
        assert!(text.starts_with("manifest.yaml:"), "{text}");
    }
    let contacts = "contacts:\n";
    let step = "contacts:\n  steps: {x: {after: true, on_error: warn, fetch: {path: /x}}}\n";
    let text = broken(contacts, step);
    assert!(text.contains("contacts.steps.x.on_error") && text.contains("leave `on_error` out"), "{text}");
    let write = "    fetch:\n      method: POST\n";
    let text = broken(write, &format!("    steps: {{x: {{for_each: row, fetch: {{path: /x}}}}}}\n{write}"));
    assert!(text.contains("there are no rows here"), "{text}");
}

#[test]
fn a_step_has_the_names_that_have_a_value_when_it_runs() {
    let step = |name: &str| {
        let steps = format!("  steps: {{x: {{fetch: {{path: /x, query: {{q: \"{{{{ {name} }}}}\"}}}}}}}}\n");
        load(&GOOD.replacen("contacts:\n", &format!("contacts:\n{steps}"), 1)).err().unwrap_or_default()
    };
    for known in ["from | iso_s", "page_size"] {
        assert_eq!(step(known), "", "{known}");
    }
    for unknown in ["page", "cursor", "to", "row.id", "body.x", "steps.x"] {
        assert!(step(unknown).contains("does not exist here"), "{unknown}: {}", step(unknown));
    }
    let steps = |steps: &str| {
        load(&GOOD.replacen("contacts:\n", &format!("contacts:\n  steps: {steps}\n"), 1))
            .err()
            .unwrap_or_default()
    };
    // Before the page, once for it, then for each of its rows.
    let all = "{a: {fetch: {path: /a}}, r: {for_each: row, value: \"{{ [steps.a, steps.p, row.id, body] }}\"}, \
        p: {after: true, value: \"{{ [steps.a, rows | size, body, page_size] }}\"}}";
    assert_eq!(steps(all), "");
    for (unknown, step) in [
        ("rows", "{r: {for_each: row, value: \"{{ rows }}\"}}"),
        ("row.id", "{p: {after: true, value: \"{{ row.id }}\"}}"),
        ("steps.r", "{r: {for_each: row, value: 1}, p: {after: true, value: \"{{ steps.r }}\"}}"),
        ("rows", "{a: {value: \"{{ rows }}\"}}"),
    ] {
        assert!(steps(step).contains(&format!("`{unknown}` does not exist here")), "{step}: {}", steps(step));
    }
    let agents = "agents:\n  fetch: {path: /users}\n";
    let text =
        broken(agents, &format!("{agents}  steps: {{x: {{fetch: {{path: \"/x/{{{{ from }}}}\"}}}}}}\n"));
    assert!(text.contains("`from` does not exist here"), "{text}");
}

#[test]
fn a_post_where_only_reading_is_done_reads_unless_the_manifest_says_otherwise() {
    let reads = |text: &str| load(text).map(|m| m.document().agents.as_ref().unwrap().fetch.reads).unwrap();
    let post = |more: &str| {
        GOOD.replacen("fetch: {path: /users}", &format!("fetch: {{method: POST, path: /users{more}}}"), 1)
    };
    assert_eq!(reads(&post("")), Some(true));
    assert_eq!(reads(&post(", reads: false")), Some(false));
    assert_eq!(load(GOOD).unwrap().document().actions["create_ticket"].fetch.reads, None);
}

#[test]
fn a_signature_signs_the_request_with_a_secret_and_goes_somewhere() {
    let signed = |text: &str, key: &str, header: &str| {
        let sign =
            format!("    sign: {{text: \"{text}\", key: \"{key}\", headers: {{X-Signature: \"{header}\"}}}}");
        broken("    headers: {Authorization: \"Bearer {{ secret.api_key }}\"}", &sign)
    };
    let (text, key, header) = ("{{ request.body }}", "{{ secret.api_key }}", "{{ signature }}");
    assert_eq!(signed(text, key, header), "");
    for (complaint, said) in [
        (signed("{{ auth.account }}", key, header), "connection.auth.sign.text: what is signed has no part"),
        (signed(text, "abc", header), "connection.auth.sign.key: the key stands in the manifest"),
        (
            signed(text, key, "{{ secret.api_key }}"),
            "neither a header nor a query parameter has the `signature`",
        ),
        (signed("{{ request.boby }}", key, header), "did you mean `request.body`?"),
        (
            signed("{{ request.body }}{{ signature }}", key, header),
            "the name `signature` does not exist here",
        ),
        (
            broken("Bearer {{ secret.api_key }}", "Bearer {{ request.body }}"),
            "the name `request.body` does not exist here",
        ),
    ] {
        assert!(complaint.contains(said), "{said}: {complaint}");
    }
}

#[test]
fn a_condition_is_one_expression_because_a_text_is_always_true() {
    let with = |condition: &str| {
        load(&GOOD.replacen("contacts:\n", &format!("contacts:\n  where: {condition}\n"), 1))
            .err()
            .unwrap_or_default()
    };
    for good in ["\"{{ row.id == 1 }}\"", "'{{ row.id }}'", "true", ">-\n    {{ row.id\n    == 1 }}"] {
        assert_eq!(with(good), "", "{good}");
    }
    for always in
        ["\"{{ row.id == 1 }} \"", "row.active", "\"{{ row.a }}{{ row.b }}\"", ">\n    {{ row.id }}\n"]
    {
        assert!(
            with(always).contains("contacts.where: a condition is one expression"),
            "{always}: {}",
            with(always)
        );
    }
}
