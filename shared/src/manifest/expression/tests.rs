//! What expressions give, and which are refused.

use super::*;
use minijinja::context;

fn eval(source: &str) -> Value {
    let row = context! {
        row => context! { name => "Ada", n => 7, list => vec!["a", "b"], odd => context!{ }, no => false },
    };
    Template::compile(source).unwrap().eval(&row).unwrap()
}

#[test]
fn one_expression_keeps_its_type_and_text_is_text() {
    assert_eq!(eval("{{ row.n }}"), Value::from(7));
    assert_eq!(eval("{{ row.n }} of {{ row.name }}"), Value::from("7 of Ada"));
    assert_eq!(eval("plain"), Value::from("plain"));
}

#[test]
fn a_missing_path_is_null_at_any_depth() {
    assert!(eval("{{ row.a.b.c }}").is_undefined());
    assert!(eval("{{ row.no[1] }}").is_undefined());
    assert!(eval("{{ row.no[1].x if true else 1 }}").is_undefined());
    assert_eq!(eval("<{{ row.a.b }}>"), Value::from("<>"));
}

#[test]
fn braces_and_quotes_inside_an_expression_do_not_end_it() {
    assert_eq!(eval("{{ '}}' }}"), Value::from("}}"));
    assert_eq!(eval("{{ {'a': {'b': 1}}.a.b }}"), Value::from(1));
}

#[test]
fn statements_and_unclosed_expressions_are_refused() {
    assert!(Template::compile("{% if x %}").unwrap_err().contains("a if condition else b"));
    assert!(Template::compile("{{ row.id ").unwrap_err().contains("not closed"));
    assert!(Template::compile("{{ row. }}").unwrap_err().contains("row."));
}

#[test]
fn an_expression_that_would_not_fit_on_the_stack_is_refused() {
    let sum = |terms: usize| vec!["1"; terms].join("+");
    assert_eq!(Template::compile(&format!("{{{{ {} }}}}", sum(600))).map(|_| ()), Ok(()));
    let refused = Template::compile(&format!("{{{{ {} }}}}", sum(5_000))).unwrap_err();
    assert!(refused.contains("longer than 1200 characters") && refused.len() < 300, "{refused}");
}

#[test]
fn an_endless_computation_runs_out_of_fuel() {
    let template = Template::compile("{{ ('x' * 100000000) | size }}").unwrap();
    assert!(template.eval(&context! {}).is_err());
}

#[test]
fn plain_paths_do_not_run_the_interpreter() {
    for source in ["row", "row.a.b", "row['a@b.c']", "row.list[0].x"] {
        let expression = Expression::compile(source).unwrap();
        assert!(matches!(expression.code(), Ok(Code::Path(_))), "{source}");
    }
}

#[test]
fn an_error_names_the_expression_but_not_the_value() {
    let scope = context! { row => context! { when => "canary@example.com" } };
    let error = Template::compile("{{ row.when | ts }}").unwrap().eval(&scope);
    let text = error.unwrap_err().to_string();
    assert!(text.contains("row.when | ts") && !text.contains("canary"), "{text}");
}
