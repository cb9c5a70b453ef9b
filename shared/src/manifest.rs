//! The manifest language: read, checked and compiled when a function starts. No I/O but reading
//! the files that the caller names.
//!
//! Loading is all or nothing: a manifest with a problem is never run.

use std::borrow::Cow;

mod address;
mod assemble;
pub(crate) mod check;
mod decode;
mod embedded;
pub mod expression;
mod files;
mod graphql;
pub mod model;
mod named;
mod pattern;
pub(crate) mod places;
mod problem;
mod source;
mod standard;

pub use files::{File, why_unread};
pub use places::table::{NAMES, Name, PLACES, PlaceNames};
pub use problem::{Problem, nearest};
pub use standard::STANDARD;

use crate::contract::Component;
use assemble::{assemble, complete, hash};
use model::Document;
use pattern::Pattern;
use source::Node;

/// A manifest that has passed every check.
#[derive(Debug)]
pub struct Manifest {
    document: Document,
    hash: String,
    hosts: Vec<Pattern>,
    patterns: Vec<(String, Pattern)>,
    addresses: Vec<address::Address>,
    constants: Vec<(String, minijinja::Value)>,
    /// Whether `const` has expressions.
    computed: bool,
    tables: minijinja::Value,
    warnings: Vec<Problem>,
    /// With all its lists of contacts, where some are off, and the name of the deployed integration.
    whole: Option<Box<(Node, serde_json::Value)>>,
}

impl Manifest {
    /// The manifest as if the entry `name` of `contact_lists` were all its contacts, to look at that list alone.
    #[must_use]
    pub fn of_list(mut self, name: &str) -> Option<Self> {
        let list = self.document.contact_lists.shift_remove(name)?;
        self.document.contacts = list.contacts;
        self.document.contact_lists.clear();
        Some(self)
    }

    /// Reads, checks and compiles a manifest. Further files are overlays, laid over in order.
    ///
    /// # Errors
    /// Every problem that was found, with file, line, what is wrong and what is allowed.
    pub fn load(files: &[File]) -> Result<Self, Vec<Problem>> {
        let texts = files.iter().map(|file| (file.name.as_str(), file.text.as_str()));
        let judge = |source: &str| expression::Expression::compile(source).map(drop);
        let tree = assemble(texts, &judge).map_err(|problem| vec![problem])?;
        let locate = |path: &[String], problem: Problem| {
            let at = tree.locate(path);
            let file = files.get(at.file).map_or("manifest", |f| f.name.as_str());
            problem.at_line(file, at.line, at.column).at_path(path.join("."))
        };
        let deployed = || assemble::deployed(files.iter().map(|file| file.text.as_str()));
        let mut json = tree.to_json();
        complete(&mut json, deployed);
        let document: Document = serde_path_to_error::deserialize(&json).map_err(|error| {
            let (path, problem) = decode::problem(&error);
            vec![locate(&path, problem)]
        })?;
        let mut findings = check::Findings::default();
        let places = places::check(&document, &mut findings);
        places::stray(&json, &places, &mut findings);
        check::check(&document, &mut findings);
        let placed = |list: Vec<(Vec<String>, Problem)>| -> Vec<Problem> {
            list.into_iter().map(|(path, problem)| locate(&path, problem)).collect()
        };
        if !findings.errors.is_empty() {
            return Err(placed(findings.errors));
        }
        let warnings = placed(findings.warnings);
        // What is off was checked all the same.
        let Some(rest) = assemble::without_off(&tree, &[]) else {
            return Ok(Self::assembled(document, hash(&json), warnings));
        };
        let deployed = deployed();
        let mut manifest = Self::of_what_is_on(&rest, &deployed)?;
        (manifest.warnings, manifest.whole) = (warnings, Some(Box::new((tree, deployed))));
        Ok(manifest)
    }

    /// The same manifest with lists of contacts that are off in it.
    ///
    /// # Errors
    /// A list that it does not have.
    pub fn with_lists(&self, names: &[String]) -> Result<Self, Vec<Problem>> {
        let refused = |name: &str| vec![Problem::new(format!("no list `{name}` is off in this manifest"))];
        let (tree, deployed) = self.whole.as_deref().ok_or_else(|| refused(&names.join("`, `")))?;
        if let Some(name) = names.iter().find(|name| tree.at_path(&["contact_lists", name]).is_none()) {
            return Err(refused(name));
        }
        let rest = assemble::without_off(tree, names);
        Self::of_what_is_on(rest.as_ref().unwrap_or(tree), deployed)
    }

    /// The manifest of what is on, which was checked with the rest.
    fn of_what_is_on(tree: &Node, deployed: &serde_json::Value) -> Result<Self, Vec<Problem>> {
        let mut json = tree.to_json();
        complete(&mut json, || deployed.clone());
        let hash = hash(&json);
        // The same reader as in `load`: the model is compiled once for each.
        let document = serde_path_to_error::deserialize(&json)
            .map_err(|e: serde_path_to_error::Error<serde_json::Error>| vec![decode::problem(&e).1])?;
        Ok(Self::assembled(document, hash, Vec::new()))
    }

    fn assembled(mut document: Document, hash: String, warnings: Vec<Problem>) -> Self {
        document.read_where_only_reading_is_done();
        let fields = document.integration.authentication.iter();
        let patterns = fields.filter_map(|(name, f)| Some((name.clone(), Pattern::new(f.pattern.as_ref()?))));
        let constants = document.r#const.iter().filter_map(|(name, tree)| {
            let value = tree.constant()?;
            Some((name.clone(), minijinja::Value::from(minijinja::value::Serde(value))))
        });
        Self {
            hash,
            hosts: document.connection.hosts.iter().map(|host| Pattern::new(host)).collect(),
            patterns: patterns.collect(),
            addresses: address::addresses(&document),
            constants: constants.collect(),
            computed: document.r#const.values().any(|tree| tree.constant().is_none()),
            tables: minijinja::Value::from(minijinja::value::Serde(&document.tables)),
            warnings,
            whole: None,
            document,
        }
    }

    /// The sections.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The integration's name.
    pub fn name(&self) -> &str {
        &self.document.integration.name
    }

    /// Eight hexadecimal digits that change with every change of meaning; offsets carry them.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Whether a host may be called.
    pub fn allows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|pattern| pattern.fits(host))
    }

    /// Whether an `auth` field's value looks as declared; unknown fields are not looked at.
    pub fn auth_value_fits(&self, field: &str, value: &str) -> bool {
        let pattern = self.patterns.iter().find(|(name, _)| name == field);
        value.chars().count() <= 4096
            && !value.chars().any(char::is_control)
            && pattern.is_none_or(|(_, pattern)| pattern.fits(value))
    }

    /// A value of `auth` or of the secret (`root`) without what people paste around a host: see
    /// [`pasted::address`](crate::pasted::address). Fields that are no part of a host stay.
    pub fn tidied<'v>(&self, root: &str, field: &str, value: &'v str) -> Cow<'v, str> {
        address::tidied(&self.addresses, root, field, value)
    }

    /// The values of `const` that are the same for every request.
    pub fn constants(&self) -> &[(String, minijinja::Value)] {
        &self.constants
    }

    /// The values of `const` that every request evaluates.
    pub fn computed_constants(&self) -> impl Iterator<Item = (&str, &model::Tree)> {
        let own = self.document.r#const.iter().filter(|(_, tree)| self.computed && tree.constant().is_none());
        own.map(|(name, tree)| (name.as_str(), tree))
    }

    /// `tables` as `lookup` sees them.
    pub fn tables(&self) -> &minijinja::Value {
        &self.tables
    }

    /// What is allowed but probably not meant.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// Whether the manifest has this component.
    pub fn offers(&self, component: Component) -> bool {
        match component {
            Component::AuthValidation => self.document.auth_validation.is_some(),
            Component::Contacts => self.document.contacts.is_some(),
            Component::Agents => self.document.agents.is_some(),
            Component::Interactions => self.document.interactions.is_some(),
            Component::Actions => !self.document.actions.is_empty(),
        }
    }
}

#[cfg(test)]
#[path = "manifest/tests.rs"]
mod tests;
