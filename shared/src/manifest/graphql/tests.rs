//! What becomes of `graphql`, and what is said when its two halves do not agree.

use super::super::assemble::assemble;
use super::super::source::Node;

/// A manifest with one request, assembled; or the complaint.
fn fetch(graphql: &str, beside: &str) -> Result<Node, String> {
    let text = format!("agents:\n  fetch:\n    graphql: {graphql}\n    path: /graphql\n{beside}");
    let tree = assemble([("m.yaml", text.as_str())], &|_| Ok(())).map_err(|problem| problem.to_string())?;
    Ok(tree.at_path(&["agents", "fetch"]).cloned().unwrap_or_else(|| panic!("no request")))
}

#[test]
fn an_operation_and_its_variables_become_the_body_of_a_post() {
    let query = r#"{query: "query ($a: Int!) {\n  x(a: $a) { id }\n}", variables: {a: "{{ page_size }}"}}"#;
    let json = fetch(query, "").unwrap().to_json();
    let body = serde_json::json!({
        "query": "query ($a: Int!) { x(a: $a) { id } }",
        "variables": {"a": "{{ page_size }}"},
    });
    assert_eq!(json, serde_json::json!({"method": "POST", "reads": true, "path": "/graphql", "body": body}));
}

#[test]
fn a_mutation_is_not_said_to_read_and_what_the_request_says_stays() {
    let json = fetch(r#"{query: "mutation { x { id } }"}"#, "").unwrap().to_json();
    assert_eq!((&json["method"], &json["reads"]), (&"POST".into(), &serde_json::Value::Null));
    let json = fetch(r#"{query: "{ x { id } }"}"#, "    reads: false\n    method: PUT\n").unwrap().to_json();
    assert_eq!((&json["method"], &json["reads"]), (&"PUT".into(), &false.into()));
}

#[test]
fn an_overlay_may_change_one_variable() {
    let first = "agents: {fetch: {graphql: {query: 'query ($a: Int, $b: Int) { x(a: $a, b: $b) }', variables: {a: 1, b: 2}}}}";
    let over = "agents: {fetch: {graphql: {variables: {a: 5}}}}";
    let tree = assemble([("m.yaml", first), ("o.yaml", over)], &|_| Ok(())).unwrap();
    let variables = tree.at_path(&["agents", "fetch", "body", "variables"]).unwrap().to_json();
    assert_eq!(variables, serde_json::json!({"a": 5, "b": 2}));
}

#[test]
fn variables_that_do_not_agree_with_the_operation_are_named_with_their_line() {
    for (graphql, said) in [
        (r#"{query: "query ($a: Int) { x(a: $a) }", variables: {b: 1}}"#, "declares no `$b`"),
        (r#"{query: "query ($a: Int!) { x(a: $a) }"}"#, "`variables` has no `a`"),
        (r#"{query: "query ($a: Int) { x }"}"#, "the operation does not use it"),
        (r#"{query: "query ($after: Int) { x(a: $aftr, b: $after) }"}"#, "did you mean `after`?"),
        (r#"{variables: {}}"#, "`query` is missing"),
        (r#"{query: "{ x }", variable: {}}"#, "unknown key `variable`"),
        (r#"{query: "{ x(id: {{ auth.account }}) }"}"#, "give the value to a variable"),
    ] {
        let complaint = fetch(graphql, "").unwrap_err();
        assert!(complaint.contains(said) && complaint.starts_with("m.yaml:3:"), "{graphql}: {complaint}");
    }
    let complaint = fetch(r#"{query: "{ x }"}"#, "    body: {a: 1}\n").unwrap_err();
    assert!(complaint.contains("`graphql`, `body` or `form`"), "{complaint}");
}
