//! What is said of a value that does not fit its type, in the manifest's words instead of Rust's.

use super::Problem;

/// Path and complaint of a value that does not fit its type.
pub fn problem(error: &serde_path_to_error::Error<serde_json::Error>) -> (Vec<String>, Problem) {
    use serde_path_to_error::Segment;
    let mut path: Vec<String> = error
        .path()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { variant } => Some(variant.clone()),
            Segment::Unknown => None,
        })
        .collect();
    let text = error.inner().to_string();
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    if let (true, Some((key, allowed))) = (text.starts_with("unknown field"), quoted.split_first()) {
        if path.last().map(String::as_str) != Some(*key) {
            path.push((*key).to_owned());
        }
        let problem = Problem::new(format!("unknown key `{key}`")).allowing(key, allowed.iter().copied());
        return (path, problem);
    }
    if let (true, Some((given, allowed))) =
        (text.starts_with("unknown variant") || text.starts_with("unknown class"), quoted.split_first())
    {
        let problem =
            Problem::new(format!("`{given}` is not a choice here")).allowing(given, allowed.iter().copied());
        return (path, problem);
    }
    if let (true, Some(key)) = (text.starts_with("missing field"), quoted.first()) {
        return (path, Problem::new(format!("the mandatory key `{key}` is missing")));
    }
    let Some((given, expected)) = text.split_once(", expected ") else { return (path, Problem::new(text)) };
    let problem = match stands(given) {
        Some("nothing") if path.is_empty() => {
            "holds nothing: `talkdesk-bridge new` begins a manifest".to_owned()
        }
        Some(stands) => format!("{stands} stands here, expected {}", kind(expected)),
        None => format!("{given}, expected {}", kind(expected)),
    };
    (path, Problem::new(problem))
}

/// What serde found, in a manifest's words.
fn stands(given: &str) -> Option<&str> {
    if given.starts_with("invalid length") {
        return Some("a list");
    }
    let found = given.strip_prefix("invalid type: ").or_else(|| given.strip_prefix("invalid value: "))?;
    let (kind, value) = found.split_once(' ').unwrap_or((found, found));
    match kind {
        "null" | "unit" => Some("nothing"),
        "sequence" => Some("a list"),
        "map" => Some("a map"),
        "string" | "boolean" | "integer" => Some(value),
        "floating" => value.strip_prefix("point "),
        _ => None,
    }
}

/// What is expected, without the name of a type of this program.
fn kind(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number, 0 or more",
        "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        other if other.starts_with("struct ") => "a map with its keys (docs/manifest.md)",
        other => other,
    }
}
