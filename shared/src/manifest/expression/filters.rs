//! The closed list of filters and functions, each with an example that is a test.
//!
//! It was found to be enough for eleven CRMs before the first line was written. It is rendered into
//! the manifest reference of CONTRIBUTING.md, and the examples are evaluated by a test.

use minijinja::{Environment, Value};

use super::values::is_empty;
use super::{list, number, operands, quote, text, when};

/// One filter or function: its name, what it does, and an example.
#[derive(Clone, Copy, Debug)]
pub struct FilterDoc {
    /// The name.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// An expression.
    pub example: &'static str,
    /// The JSON that the example gives.
    pub result: &'static str,
}

const fn doc(
    name: &'static str,
    summary: &'static str,
    example: &'static str,
    result: &'static str,
) -> FilterDoc {
    FilterDoc { name, summary, example, result }
}

/// Filters that make a value safe inside a longer string, one per embedded language.
pub const QUOTING: [&str; 29] = [
    "quote",
    "soql",
    "sosl",
    "coql",
    "odata",
    "guid",
    "filter_text",
    "search_text",
    "url",
    "json",
    "plain",
    "digits",
    "int",
    "size",
    "iso_s",
    "iso_ms",
    "iso_us",
    "sql_s",
    "epoch_s",
    "epoch_ms",
    "fmt",
    "b64",
    "b64url",
    "sha256",
    "hmac_sha256",
    "lookup",
    "html",
    "html_lines",
    "email",
];

/// Every filter.
#[rustfmt::skip]
pub const FILTERS: &[FilterDoc] = &[
    doc("ts", "reads a time: RFC 3339 and its relatives, epoch seconds or milliseconds, a map of year, month, …; or the given strftime format", "'2026-05-01 07:25:37' | ts", "\"2026-05-01T07:25:37.000000Z\""),
    doc("iso_s", "prints a time as RFC 3339 with whole seconds", "'2026-05-01T07:25:37.9Z' | ts | iso_s", "\"2026-05-01T07:25:37Z\""),
    doc("iso_ms", "prints a time as RFC 3339 with milliseconds", "'2026-05-01' | ts | iso_ms", "\"2026-05-01T00:00:00.000Z\""),
    doc("iso_us", "prints a time as RFC 3339 with microseconds", "'2026-05-01' | ts | iso_us", "\"2026-05-01T00:00:00.000000Z\""),
    doc("sql_s", "prints a time as databases do, in UTC", "'2026-05-01T10:25:37+03:00' | ts | sql_s", "\"2026-05-01 07:25:37\""),
    doc("epoch_s", "a time as whole seconds since 1970", "'1970-01-01T00:01:00Z' | ts | epoch_s", "60"),
    doc("epoch_ms", "a time as milliseconds since 1970", "'1970-01-01T00:01:00Z' | ts | epoch_ms", "60000"),
    doc("fmt", "prints a time in a strftime format, in UTC", "'2026-05-01' | ts | fmt('%d.%m.%Y')", "\"01.05.2026\""),
    doc("date", "prints the day of a time: of its own clock where it came with an offset, else in the deployment's `TIME_ZONE`; or the given strftime format", "'2026-05-14T18:00:00-07:00' | ts | date", "\"2026-05-14\""),
    doc("parts", "a time as a map of year, month, day, hour, minute, second, microsecond", "('2026-05-01T07:25:37Z' | ts | parts).hour", "7"),
    doc("shift", "a time moved by a number of seconds", "'2026-05-01T00:00:00Z' | ts | shift(90) | iso_s", "\"2026-05-01T00:01:30Z\""),
    doc("soql", "a SOQL literal with its quotes; a list in parentheses", "[\"O'Neil\", 'b'] | soql", "\"('O\\\\'Neil','b')\""),
    doc("sosl", "words for SOSL's FIND {…}, reserved signs escaped", "'a+b' | sosl", "\"a\\\\+b\""),
    doc("coql", "a COQL literal with its quotes, backslashes left out; a list in parentheses", "\"O'Neil\" | coql", "\"'O''Neil'\""),
    doc("odata", "an OData string literal with its quotes, quotes inside doubled", "\"O'Neil\" | odata", "\"'O''Neil'\""),
    doc("quote", "a literal of any language whose texts stand between marks: the mark, `'` where none is given, and the sign before one inside, which is the mark itself where `escape` names no other: look which one the language knows, the wrong one lets a text end too early (that sign is doubled inside as well); numbers, `true` and `false` stand without marks, null is `null`, a list in parentheses", "\"O'Neil\" | quote(\"'\", escape='\\\\')", "\"'O\\\\'Neil'\""),
    doc("guid", "a GUID and nothing else; refused otherwise", "'cdcfa450-cb0c-ea11-a813-000d3a1b1223' | guid", "\"cdcfa450-cb0c-ea11-a813-000d3a1b1223\""),
    doc("filter_text", "a value in double quotes for filter grammars such as `name[eq]:\"…\"`, without the signs that could end it; a list in brackets", "'x\"),id[is]:(' | filter_text", "\"\\\"xidis:\\\"\""),
    doc("search_text", "a phrase in double quotes for search syntaxes such as `email:\"…\"`; quotes inside are dropped", "'a\"b:c' | search_text", "\"\\\"ab:c\\\"\""),
    doc("plain", "marks that a value may stand as it is in text for people", "'a' | plain", "\"a\""),
    doc("url", "percent-encodes a value for a part of a URL", "'a/b c' | url", "\"a%2Fb%20c\""),
    doc("json", "prints a value as JSON", "{'a': 1} | json", "\"{\\\"a\\\":1}\""),
    doc("html", "escapes a value for HTML", "'<b>' | html", "\"&lt;b&gt;\""),
    doc("html_lines", "escapes a text for HTML, its lines parted by `<br>`", "'<b>\\nx' | html_lines", "\"&lt;b&gt;<br>x\""),
    doc("email", "an e-mail address and nothing else: null when the value is none", "'not an address' | email", "null"),
    doc("b64", "base64", "'a:b' | b64", "\"YTpi\""),
    doc("b64url", "base64 in the alphabet for URLs, with padding", "'??>' | b64url", "\"Pz8-\""),
    doc("sha256", "SHA-256 in hexadecimal digits, or `'base64'`", "'a' | sha256 | take(8)", "\"ca978112\""),
    doc("hmac_sha256", "HMAC-SHA-256 with a key, in base64", "'a' | hmac_sha256('k') | size", "44"),
    doc("first", "the first member of a list", "[3, 4] | first", "3"),
    doc("last", "the last member of a list", "[3, 4] | last", "4"),
    doc("take", "the first n members of a list, or characters of a text", "[1, 2, 3] | take(2)", "[1,2]"),
    doc("compact", "a list or map without null, false and empty text", "[[none, 'a', '', false] | compact, {'a': 1, 'b': none} | compact]", "[[\"a\"],{\"a\":1}]"),
    doc("flatten", "a list of lists as one list", "[[1], [2, 3]] | flatten", "[1,2,3]"),
    doc("pluck", "one key of every member of a list", "[{'v': 1}, {'v': 2}] | pluck('v')", "[1,2]"),
    doc("where", "the members of a list whose key has a value", "[{'t': 'a', 'v': 1}, {'t': 'b', 'v': 2}] | where('t', 'b') | pluck('v')", "[2]"),
    doc("wrap", "every member of a list as a map with one key", "[1, 2] | wrap('id')", "[{\"id\":1},{\"id\":2}]"),
    doc("unique", "a list without repetitions, order kept", "[1, 2, 1] | unique", "[1,2]"),
    doc("split", "a text cut at a separator, parts trimmed, empty ones left out", "'a; b;' | split(';')", "[\"a\",\"b\"]"),
    doc("join", "a list as text with a separator; null and empty members left out", "['a', none, 'b'] | join(' ')", "\"a b\""),
    doc("lower", "lower case", "'AbC' | lower", "\"abc\""),
    doc("upper", "upper case", "'AbC' | upper", "\"ABC\""),
    doc("trim", "without white space at both ends", "' a ' | trim", "\"a\""),
    doc("replace", "a text with one part replaced by another", "'a-b' | replace('-', '+')", "\"a+b\""),
    doc("digits", "the digits of a text, or of every text of a list", "['+1 (415) 555' | digits, ['5-5', '6'] | digits]", "[\"1415555\",[\"55\",\"6\"]]"),
    doc("same_number", "whether a text, or a text of a list, is the number of `phone`, however both are written; a part of it, or the same digits in another country, is not", "['030 1234567', '+49 (30) 765-4321'] | same_number('+49307654321')", "true"),
    doc("size", "the number of members or characters; 0 for null", "[1, 2] | size", "2"),
    doc("lookup", "the entry of one of the manifest's tables, or its `default`", "'x' | lookup('missing table')", "null"),
    doc("text", "HTML as plain text", "'<p>Hi &amp; bye</p>' | text", "\"Hi & bye\""),
    doc("link", "the URL with a relation from a Link header", "'<https://a.example/?page=2>; rel=\"next\"' | link('next')", "\"https://a.example/?page=2\""),
    doc("match", "the first group of a regular expression, or null", "'Existing ID: 6001' | match('ID: ([0-9]+)')", "\"6001\""),
    doc("string", "a value as text; null stays null", "5 | string", "\"5\""),
    doc("int", "a value as a whole number, or null", "'42' | int", "42"),
    doc("bool", "true for true, 1, \"true\", \"1\", \"yes\"", "'true' | bool", "true"),
    doc("default", "another value for null, false and empty text", "none | default('x')", "\"x\""),
    doc("from_json", "a text of JSON as its value, or null", "'{\"a\": 1}' | from_json", "{\"a\":1}"),
];

/// Every function.
#[rustfmt::skip]
pub const FUNCTIONS: &[FilterDoc] = &[
    doc("coalesce", "the first argument that is not null, false or empty", "coalesce(none, '', 'b')", "\"b\""),
];

pub(super) fn register(e: &mut Environment<'static>) {
    when::register(e);
    operands::register(e);
    quote::register(e);
    list::register(e);
    text::register(e);
    number::register(e);
    e.add_filter("lookup", lookup);
    e.add_filter("default", |v: &Value, other: Value| if is_empty(v) { other } else { v.clone() });
    e.add_function("coalesce", |args: minijinja::value::Rest<Value>| {
        args.0.into_iter().find(|v| !is_empty(v)).unwrap_or(Value::from(()))
    });
    e.add_test("none", |v: &Value| v.is_none() || v.is_undefined());
}

fn lookup(state: &minijinja::State<'_, '_>, key: &Value, table: &str) -> Value {
    let table =
        state.lookup("tables").and_then(|tables| tables.get_attr(table).ok()).unwrap_or(Value::UNDEFINED);
    let entry = super::as_text(key).and_then(|key| table.get_attr(&key).ok());
    match entry {
        Some(value) if !value.is_undefined() => value,
        _ => match table.get_attr("default") {
            Ok(value) if !value.is_undefined() => value,
            _ => Value::from(()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::expression::Expression;

    #[test]
    fn every_example_gives_the_result_beside_it() {
        for doc in FILTERS.iter().chain(FUNCTIONS) {
            let expression = Expression::compile(doc.example).unwrap_or_else(|e| panic!("{}: {e}", doc.name));
            let value =
                expression.eval(&minijinja::context! {}).unwrap_or_else(|e| panic!("{}: {e}", doc.name));
            let json = match value.downcast_object_ref::<when::TimeValue>() {
                Some(time) => serde_json::json!(time.0.iso_us()),
                None => serde_json::to_value(&value).unwrap(),
            };
            let expected: serde_json::Value =
                serde_json::from_str(doc.result).unwrap_or_else(|e| panic!("{}: {e}", doc.name));
            assert_eq!(json, expected, "{}: {}", doc.name, doc.example);
        }
    }

    #[test]
    fn every_quoting_filter_exists() {
        for name in QUOTING {
            assert!(FILTERS.iter().any(|f| f.name == name), "{name}");
        }
    }
}
