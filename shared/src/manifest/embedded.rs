//! The manifests that the build embeds, and what a function reads of one when it starts.

use std::path::Path;

use super::model::Document;
use super::problem::Problem;
use super::{File, Manifest, expression};
use crate::contract::Component;

/// One manifest of the repository's `manifests/`.
struct Embedded {
    /// The folder's name.
    name: &'static str,
    /// [`Manifest::hash`] of the whole manifest.
    hash: &'static str,
    /// Names and YAML, for overlays and messages: its own file last, before it the one that it extends.
    files: &'static [(&'static str, &'static str)],
    /// For each component, in the order of [`Component::ALL`], the manifest without the sections of the
    /// others, as JSON.
    components: [&'static str; 5],
}

static EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/manifests.rs"));

impl Manifest {
    /// The embedded manifest of an integration, read and checked as a file would be.
    ///
    /// # Errors
    /// An unknown name, with the known ones; or what [`Manifest::load`] says.
    pub fn embedded(name: &str) -> Result<Self, Vec<Problem>> {
        Self::embedded_with(name, None)
    }

    /// The embedded manifest of an integration with a file laid over it.
    ///
    /// # Errors
    /// As [`Manifest::embedded`], or an overlay that cannot be read.
    pub fn embedded_with(name: &str, overlay: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let own = find(name)?.files.iter();
        let mut files: Vec<File> =
            own.map(|(name, text)| File { name: (*name).to_owned(), text: (*text).to_owned() }).collect();
        if let Some(path) = overlay {
            files.push(File::read(path)?);
        }
        Self::load(&files)
    }

    /// What one component's function needs of an embedded manifest, without YAML, checks and the sections
    /// of other components: a test holds every embedded manifest to the checks, and every fixture to this
    /// form of it.
    ///
    /// # Errors
    /// An unknown name, with the known ones.
    pub fn embedded_for(name: &str, component: Component) -> Result<Self, Vec<Problem>> {
        let embedded = find(name)?;
        let index = Component::ALL.iter().position(|c| *c == component).unwrap_or_default();
        let document: Document = expression::later(|| serde_json::from_str(embedded.components[index]))
            .map_err(|e| vec![Problem::new(format!("the embedded manifest `{name}` cannot be read: {e}"))])?;
        Ok(Self::assembled(document, embedded.hash.to_owned(), Vec::new()))
    }

    /// The names of the embedded manifests.
    pub fn embedded_names() -> Vec<&'static str> {
        EMBEDDED.iter().map(|embedded| embedded.name).collect()
    }
}

fn find(name: &str) -> Result<&'static Embedded, Vec<Problem>> {
    EMBEDDED.iter().find(|embedded| embedded.name == name).ok_or_else(|| {
        let problem = Problem::new(format!("there is no integration `{name}`"));
        vec![problem.allowing(name, Manifest::embedded_names())]
    })
}
