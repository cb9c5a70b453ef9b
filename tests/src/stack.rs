//! The stack as AWS's own libraries see it: SAM's translator, and moto in the place of CloudFormation.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::paths::workspace;
use crate::setup::aws_tools;

/// `template.yaml` as it is.
///
/// # Panics
/// When it cannot be read.
pub fn template() -> String {
    std::fs::read_to_string(workspace().join("template.yaml")).expect("the workspace has a template")
}

/// What CloudFormation makes of templates: a list of `{"template", "parameters"}` as one of `{"stack"}` or
/// `{"error"}`.
pub fn transform(asked: &Value) -> Vec<Value> {
    match run("transform", asked) {
        Value::Array(answers) => answers,
        other => panic!("no list: {other}"),
    }
}

/// What there is after each step of stacks that are made, changed and deleted in moto; `tests/stack/stack.py`
/// says in which form.
pub fn deploy(asked: &Value) -> Value {
    run("deploy", asked)
}

fn run(what: &str, asked: &Value) -> Value {
    let mut child = Command::new(aws_tools().join("bin/python"))
        .arg(workspace().join("tests/stack/stack.py"))
        .arg(what)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tools have a Python");
    let text = asked.to_string();
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("it reads all");
    let output = child.wait_with_output().expect("it ends");
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "stack.py {what}: {problem}");
    serde_json::from_slice(&output.stdout).expect("stack.py prints JSON")
}
