//! Templates of a manifest: they compile or say why, and end on any value.
#![no_main]

use bridge::manifest::expression::Template;
use libfuzzer_sys::fuzz_target;
use minijinja::Value;
use serde_json::json;

fuzz_target!(|source: &str| {
    let Ok(template) = Template::compile(source) else { return };
    let row = json!({"id": 7, "name": "Ada \u{1f600}", "tags": ["a", null, {"k": 1.5}], "html": "<p>&amp;</p>",
        "at": "2026-05-01T07:25:37Z", "phone": "+1 512 555 0100", "none": null, "big": i64::MAX});
    let scope =
        Value::from(minijinja::value::Serde(json!({"row": row, "body": row, "page": 1, "page_size": 100})));
    let _ = template.eval(&scope);
});
