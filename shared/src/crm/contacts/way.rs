//! What a mode is: where its runs begin, what it makes of a page, which places it has. Each mode is one
//! file; everything else about a run is the same for all of them. [`modes`](super::modes) lists them.

use super::clock::Clocks;
use super::place::Place;
use super::reading::Reading;
use super::run::Run;
use super::shown::{Last, Shown};
use super::walk::{Walk, whole};
use super::{Spec, Turn};
use crate::error::Failure;
use crate::manifest::model::Checkpoint;

/// One page and what is known around it.
pub(super) struct Seen<'a> {
    pub spec: &'a Spec,
    pub rules: &'a Checkpoint,
    pub run: &'a Run,
    pub clocks: Clocks,
    pub page: &'a Reading,
}

impl<'a> Seen<'a> {
    /// The page as one of a list that is walked from `from` (to `to`), after its row `last`.
    ///
    /// # Errors
    /// As [`whole`].
    pub fn walk(&self, from: i64, to: Option<i64>, last: Option<&'a Last>) -> Result<Walk<'a>, Failure> {
        let page = self.page;
        if let Some(spec) = &self.spec.page {
            whole(spec, page.size, page.keys.len(), page.more && !page.cut)?;
        }
        Ok(Walk { from, to, last, start: page.start, size: page.size, keys: &page.keys })
    }
}

/// Where a run begins.
pub(super) struct Begin<'a> {
    pub spec: &'a Spec,
    pub rules: &'a Checkpoint,
    /// The lower bound in microseconds.
    pub from: i64,
    /// The server's position of the checkpoint, if it is one.
    pub cursor: Option<String>,
    /// What must be shown again there.
    pub shown: Option<Shown>,
}

/// A way to read changes.
pub(super) trait Way: Sync {
    /// The place of a run's first page.
    fn begin(&self, begin: Begin<'_>) -> Place;

    /// What of a page is delivered, and where to go on. Without any I/O.
    ///
    /// # Errors
    /// What would lose rows without a word.
    fn decide(&self, seen: &Seen<'_>) -> Result<Turn, Failure>;

    /// Whether a run of this section can be at `place`.
    fn has(&self, spec: &Spec, rules: &Checkpoint, place: &Place) -> bool;

    /// Whether the mark moves with every page, so that a run may end early and the next one go on.
    fn moves_on(&self) -> bool;

    /// Whether the server's own pages are followed outside of a bucket.
    fn follows(&self, spec: &Spec) -> bool {
        spec.page.as_ref().is_some_and(|page| page.stable)
    }
}
