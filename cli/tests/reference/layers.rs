//! The drawing of modules in ARCHITECTURE.md has the arrows of the code, no more and no fewer.

use std::collections::BTreeSet;

use regex::Regex;

use crate::tree::{files, root};

type Arrows = BTreeSet<(String, String)>;

fn drawn() -> Arrows {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let drawing = text.split_once("```mermaid\n").unwrap().1.split_once("```").unwrap().0;
    let arrow = Regex::new(r"(\w+) --> (\w+)").unwrap();
    arrow.captures_iter(drawing).map(|found| (found[1].to_owned(), found[2].to_owned())).collect()
}

fn imported() -> Arrows {
    let import = Regex::new(r"crate::(\w+)").unwrap();
    let mut arrows = Arrows::new();
    for (path, text) in files(&["rs"]) {
        let Ok(inside) = path.strip_prefix("shared/src") else { continue };
        let module = inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        if module == "lib"
            || inside.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"))
        {
            continue;
        }
        let code = text.split_once("#[cfg(test)]\nmod tests {").map_or(text.as_str(), |(code, _)| code);
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let used = import.captures_iter(line).map(|found| found[1].to_owned());
            arrows.extend(used.filter(|name| *name != module).map(|name| (module.clone(), name)));
        }
    }
    arrows
}

#[test]
fn the_drawing_of_modules_has_the_arrows_of_the_code() {
    let (drawn, imported) = (drawn(), imported());
    let missing: Vec<_> = imported.difference(&drawn).map(|(a, b)| format!("{a} --> {b}")).collect();
    let gone: Vec<_> = drawn.difference(&imported).map(|(a, b)| format!("{a} --> {b}")).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "ARCHITECTURE.md: not drawn {missing:?}, no longer there {gone:?}; does a lower module need a higher one?"
    );
}
