//! What becomes of `let`, and what is said of names that do not fit.

use super::super::assemble::assemble;
use super::super::expression::Expression;

fn judge(source: &str) -> Result<(), String> {
    Expression::compile(source).map(drop)
}

/// A manifest's `const.x` and another value, assembled; or the complaint.
fn written(names: &str, template: &str) -> Result<String, String> {
    let text = format!("let: {names}\nconst:\n  x: {template}\n");
    let tree = assemble([("m.yaml", text.as_str())], &judge).map_err(|problem| problem.to_string())?;
    assert!(tree.get("let").is_none(), "what is written is gone");
    Ok(tree.at_path(&["const", "x"]).and_then(|x| x.text()).unwrap_or_default().to_owned())
}

#[test]
fn a_name_stands_for_its_expression_and_names_others_in_any_order() {
    let names = r#"{b_2: "{{ let.a + 1 }}", a: "{{ row.id | int }}"}"#;
    assert_eq!(
        written(names, r#""x {{ let.b_2 | url }} {{ {'k': {'l': let.a}} }} y""#).unwrap(),
        "x {{ ((row.id | int) + 1) | url }} {{ {'k': {'l': (row.id | int)}} }} y"
    );
}

#[test]
fn a_name_may_stand_in_a_key_too() {
    let text = "let: {kind: '{{ row.kind }}'}\nconst: {'{{ let.kind }}_id': 1}";
    let tree = assemble([("m.yaml", text)], &judge).unwrap();
    assert_eq!(tree.get("const").unwrap().to_json(), serde_json::json!({"{{ (row.kind) }}_id": 1}));
}

#[test]
fn what_only_looks_like_a_name_stays() {
    for template in
        ["let.a", "{{ 'let.a' }} {{ \"'let.a\\\"let.a\" }}", "{{ row.let.a ~ outlet.a ~ _let.a }}"]
    {
        let template = format!("{template} {{{{ let.a }}}}");
        let quoted = serde_json::to_string(&template).unwrap();
        let all = written("{a: '{{ 1 }}'}", &quoted).unwrap();
        assert_eq!(all, template.replace("{{ let.a }}", "{{ (1) }}"));
    }
}

#[test]
fn a_wrong_name_is_told_with_its_line_and_what_is_allowed() {
    for (names, template, says) in [
        (
            "{digits: '{{ 1 }}'}",
            "'{{ let.digit }}'",
            "m.yaml:3:6: there is no `let.digit`\n  allowed: digits",
        ),
        (
            "{a: '{{ let.b }}', b: '{{ let.a }}'}",
            "'{{ let.b }}'",
            "let.a: `let.a` names itself, by others perhaps",
        ),
        ("{a: '{{ let.a }}'}", "'{{ let.a }}'", "let.a: `let.a` names itself"),
        ("{a: '{{ 1) + (2 }}'}", "'{{ let.a }}'", "m.yaml:1:10: let.a: `1) + (2` is not an expression"),
        ("{a: '{{ }}'}", "'{{ let.a }}'", "let.a: `` is not an expression"),
        ("{a: '{{ 1 | nofilter }}'}", "'{{ let.a }}'", "let.a: unknown filter `nofilter`"),
        ("{a: '{{ 1 }}'}", "'{{ let.a(2) }}'", "m.yaml:3:6: `let.a` takes nothing"),
        ("{a: '{{ 1 }}'}", "y", "m.yaml:1:10: no template names `let.a`: take it out"),
        ("{a: 'x {{ 1 }}'}", "'{{ let.a }}'", "let.a: an expression is missing"),
        ("{a: '{{ 1 }} OR {{ 2 }}'}", "'{{ let.a }}'", "let.a: one expression is expected"),
        ("{a: {}}", "'{{ let.a }}'", "let.a: an expression is missing"),
        ("[a]", "y", "m.yaml:1:6: let: names and their expressions are expected"),
        ("{a: '{{ 1 }}'}", "'{{ let.aB }}'", "m.yaml:3:6: there is no `let.aB`"),
        ("{A-b: '{{ 1 }}'}", "y", "let.A-b: `A-b` is no name"),
    ] {
        let told = written(names, template).unwrap_err();
        assert!(told.contains(says), "{told}");
    }
    let doubled: Vec<String> =
        (1..30).map(|n| format!("a{n}: '{{{{ let.a{} ~ let.a{0} }}}}'", n - 1)).collect();
    let told =
        written(&format!("{{a0: '{{{{ 1 }}}}', {}}}", doubled.join(", ")), "'{{ let.a29 }}'").unwrap_err();
    assert!(told.contains("longer than"), "{told}");
}

#[test]
fn an_overlay_changes_what_a_name_stands_for_and_may_leave_one_unused() {
    let first = "let: {a: '{{ 1 }}', b: '{{ 2 }}'}\nconst: {x: '{{ let.a }}', y: '{{ let.b }}'}";
    let over = "let: {a: '{{ 3 }}'}\nconst: {y: 5}";
    let tree = assemble([("m.yaml", first), ("o.yaml", over)], &judge).unwrap();
    let values = tree.get("const").unwrap().to_json();
    assert_eq!(values, serde_json::json!({"x": "{{ (3) }}", "y": 5}));
}

#[test]
fn an_overlay_s_new_names_are_used_and_may_be_its_own_helpers() {
    let first = "let: {numbers: '{{ row.a }}'}\nconst: {x: '{{ let.numbers }}'}";
    let over = "let: {numbers: '{{ [row.a, let.extra] }}', extra: '{{ row.b }}'}";
    let tree = assemble([("m.yaml", first), ("o.yaml", over)], &judge).unwrap();
    assert_eq!(tree.get("const").unwrap().to_json(), serde_json::json!({"x": "{{ ([row.a, (row.b)]) }}"}));
    let over = "let: {nubmers: '{{ row.b }}'}";
    let told = assemble([("m.yaml", first), ("o.yaml", over)], &judge).unwrap_err().to_string();
    assert!(told.contains("o.yaml:1:16: no template names `let.nubmers`"), "{told}");
    assert!(told.contains("did you mean `numbers`?") || told.contains("allowed: numbers"), "{told}");
}

#[test]
fn a_manifest_does_not_grow_without_end_by_its_names() {
    let long = "1".repeat(1_000);
    let uses: Vec<String> = (0..400).map(|n| format!("x{n}: '{{{{ let.a }}}}'")).collect();
    let text = format!("let: {{a: '{{{{ {long} }}}}'}}\nconst: {{{}}}", uses.join(", "));
    let told = assemble([("m.yaml", text.as_str())], &|_| Ok(())).unwrap_err().to_string();
    assert!(told.contains("written as more than 300000 characters"), "{told}");
}
