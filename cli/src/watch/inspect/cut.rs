//! Cuts what is shown to a size that a page can hold.

use serde_json::Value;

/// How much of a conversation is shown.
#[derive(Clone, Copy)]
pub struct Size {
    /// Members of a list.
    pub rows: usize,
    /// Characters of a text.
    pub text: usize,
    /// Calls to the CRM.
    pub calls: usize,
}

/// From the usual size to the least; the first that fits is taken.
pub const SIZES: [Size; 4] = [
    Size { rows: 100, text: 4_000, calls: 60 },
    Size { rows: 25, text: 1_000, calls: 60 },
    Size { rows: 5, text: 300, calls: 40 },
    Size { rows: 1, text: 60, calls: 20 },
];

/// A value with shorter lists and texts; what is left out is said where it stood.
pub fn cut(value: &Value, size: Size) -> Value {
    match value {
        Value::Array(items) => {
            let more = items.len().saturating_sub(size.rows);
            let left = (more > 0).then(|| Value::from(format!("… {more} more")));
            items.iter().take(size.rows).map(|item| cut(item, size)).chain(left).collect()
        }
        Value::Object(map) => map.iter().map(|(key, item)| (key.clone(), cut(item, size))).collect(),
        Value::String(text) => match text.char_indices().nth(size.text) {
            Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()).into(),
            None => text.as_str().into(),
        },
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_cut_off_is_said() {
        let size = Size { rows: 2, text: 3, calls: 1 };
        let whole = json!({"rows": [1, 2, 3, 4], "text": "äöüß", "short": "abc", "n": null});
        let short =
            json!({"rows": [1, 2, "… 2 more"], "text": "äöü… (4 characters)", "short": "abc", "n": null});
        assert_eq!(cut(&whole, size), short);
    }
}
