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
    if let (true, Some((_, expected))) =
        (text.starts_with("invalid type: null"), text.split_once("expected "))
    {
        let problem = match path.is_empty() {
            true => "holds nothing: `talkdesk-bridge new` begins a manifest".to_owned(),
            false => format!("nothing stands here, expected {}", kind(expected)),
        };
        return (path, Problem::new(problem));
    }
    let text = match text.split_once("expected ") {
        Some((given, expected)) => format!("{given}expected {}", kind(expected)),
        None => text,
    };
    (path, Problem::new(text))
}

/// What is expected, without the name of a type of this program.
fn kind(expected: &str) -> String {
    match expected.split_once(' ') {
        Some(("struct", _)) => "a map with its keys (docs/manifest.md)".to_owned(),
        _ => expected.to_owned(),
    }
}
