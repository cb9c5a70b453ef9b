//! Where things stand, what a patch does, and what is said of YAML that is none.

use super::*;

fn parse(text: &str) -> Node {
    Node::parse(text, 0, "m.yaml").unwrap()
}

#[test]
fn positions_are_those_of_the_keys() {
    let node = parse("a: 1\nb:\n  c: [x, y]\n  d: {e: f}\n");
    let path = |p: &[&str]| p.iter().map(|s| (*s).to_string()).collect::<Vec<_>>();
    assert_eq!(node.locate(&path(&["b", "c"])).line, 3);
    assert_eq!(node.locate(&path(&["b", "d", "e"])).line, 4);
    assert_eq!(node.locate(&path(&["b", "nothing"])).line, 3);
}

#[test]
fn a_patch_merges_maps_replaces_lists_and_removes_nulls() {
    let mut base = parse("a: {x: 1, y: 2}\nb: [1, 2]\nc: 3\n");
    base.merge(&parse("a: {y: 5, z: 6}\nb: [9]\nc: null\n"));
    assert_eq!(base.to_json(), serde_json::json!({"a": {"x": 1, "y": 5, "z": 6}, "b": [9]}));
}

#[test]
fn numbers_as_keys_are_text() {
    assert_eq!(parse("1: low\ntrue: yes it is\n").to_json()["1"], "low");
}

#[test]
fn an_expression_without_quotes_gets_a_hint() {
    let problem = Node::parse("contacts:\n  id: {{ row.id }}\n", 0, "m.yaml").unwrap_err();
    assert!(problem.to_string().contains("quotes"), "{problem}");
    assert!(problem.to_string().starts_with("m.yaml:2"), "{problem}");
}

#[test]
fn a_key_given_twice_is_refused() {
    let problem = Node::parse("a: 1\na: 2\n", 0, "m.yaml").unwrap_err();
    assert!(problem.to_string().contains("m.yaml:2"), "{problem}");
}
