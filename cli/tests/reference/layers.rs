//! The drawing of modules in ARCHITECTURE.md has the arrows of the code, no more and no fewer; and no files of a
//! crate use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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
    let modules = modules("shared/src", &files(&["rs"]));
    let arrows = modules.iter().flat_map(|(name, text)| {
        let used = uses(name, text, &modules).into_iter();
        used.map(|used| (name[0].clone(), used[0].clone()))
    });
    arrows.filter(|(from, to)| from != to).collect()
}

/// A file without its comments and its tests.
fn code(text: &str) -> String {
    let code = text.split_once("#[cfg(test)]\nmod tests {").map_or(text, |(code, _)| code);
    code.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

/// A module's path in its crate: that of `src/crm/page.rs` is `crm`, `page`.
type Module = Vec<String>;

/// The modules of a crate, each with the text of its file.
fn modules(src: &str, all: &[(PathBuf, String)]) -> BTreeMap<Module, String> {
    let inside =
        all.iter().filter_map(|(path, text)| Some((path.strip_prefix(src).ok()?.with_extension(""), text)));
    let name = |path: &Path| path.iter().map(|part| part.to_string_lossy().into_owned()).collect::<Module>();
    let mut modules: BTreeMap<Module, String> =
        inside.map(|(path, text)| (name(&path), code(text))).collect();
    modules.retain(|path, _| !path.iter().any(|part| part.starts_with("tests")));
    for root in ["lib", "main"] {
        modules.remove(&vec![root.to_owned()]);
    }
    modules
}

/// The paths that `used` names below `base`: `a::{b, c::D}` is `a`, `b` and `a`, `c`, `D`.
fn paths(base: &[String], used: &str) -> Vec<Module> {
    let Some(group) = used.strip_prefix('{') else {
        return match used.split_once("::") {
            Some((first, rest)) => paths(&[base, &[first.trim().to_owned()]].concat(), rest),
            None => vec![[base, &[used.trim().to_owned()]].concat()],
        };
    };
    let (mut depth, mut parts) = (0_i32, vec![String::new()]);
    for letter in group.strip_suffix('}').unwrap_or(group).chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        match letter {
            ',' if depth == 0 => parts.push(String::new()),
            other => parts.last_mut().unwrap().push(other),
        }
    }
    parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .flat_map(|part| paths(base, part))
        .collect()
}

/// Which modules' files a module's file names. What a folder and its own file share does not count.
fn uses(module: &Module, text: &str, modules: &BTreeMap<Module, String>) -> BTreeSet<Module> {
    let named = Regex::new(r"\b((?:super::)+|crate::)((?:\w+::)*(?:\{[^;]*\}|\w+))").unwrap();
    let mut used = BTreeSet::new();
    for found in named.captures_iter(text) {
        let base = match &found[1] {
            "crate::" => &[][..],
            up => &module[..module.len().saturating_sub(up.matches("super").count())],
        };
        for mut path in paths(base, &found[2]) {
            while !path.is_empty() && !modules.contains_key(&path) {
                path.pop();
            }
            if !path.is_empty() && !path.starts_with(module) && !module.starts_with(&path) {
                used.insert(path);
            }
        }
    }
    used
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

#[test]
fn no_files_of_a_crate_use_each_other_in_a_circle() {
    let all = files(&["rs"]);
    for src in ["shared/src", "cli/src", "demo-crm/src", "vendors/src", "tests/src", "bench/src"] {
        let modules = modules(src, &all);
        let mut left: BTreeMap<_, _> =
            modules.iter().map(|(name, text)| (name, uses(name, text, &modules))).collect();
        let arrows: usize = left.values().map(BTreeSet::len).sum();
        assert!(arrows > 0, "{src}: no file names another one: is the path right?");
        // What uses nothing that is left stands below all of it; a circle is what never does.
        while let Some(name) = left.iter().find(|(_, used)| !used.iter().any(|file| left.contains_key(file)))
        {
            let name = *name.0;
            left.remove(name);
        }
        let circle: Vec<String> = left.keys().map(|name| name.join("/")).collect();
        assert!(circle.is_empty(), "{src}: these files stand in a circle, or above one: {circle:?}");
    }
}

#[test]
fn names_in_braces_are_read_as_paths() {
    let text = "use super::{page::{self, Position}, Key};\nuse crate::error::Failure;\nlet x = super::super::time::now();";
    let modules = [vec!["crm", "page"], vec!["crm", "rows"], vec!["error"], vec!["time"]];
    let modules: BTreeMap<Module, String> =
        modules.map(|path| (path.into_iter().map(str::to_owned).collect(), String::new())).into();
    let used = uses(&vec!["crm".to_owned(), "rows".to_owned()], text, &modules);
    let used: Vec<String> = used.iter().map(|path| path.join("/")).collect();
    assert_eq!(used, ["crm/page", "error", "time"]);
}
