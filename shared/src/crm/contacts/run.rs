//! A run: where it began, how far it came, where it goes on.

use super::checkpoint::{self, Mark};
use super::place::Place;
use crate::error::Failure;
use crate::manifest::model::{Checkpoint, Mode};
use crate::time::Moment;

/// A run between two pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The CRM's clock when the run's first query ran.
    pub started: Option<Moment>,
    /// The checkpoint that the run began with, as text: marks never fall behind it.
    pub base: String,
    /// The checkpoint of the page before.
    pub mark: String,
    /// Pages so far.
    pub pages: u64,
    /// Whether the CRM had any row.
    pub rows_seen: bool,
    /// Where the next page begins.
    pub place: Place,
}

impl Run {
    /// A run from a checkpoint, or from the manifest's start.
    ///
    /// # Errors
    /// A checkpoint that is not ours.
    pub fn begin(rules: &Checkpoint, received: Option<&str>) -> Result<Self, Failure> {
        let start = checkpoint::start(rules);
        let mark = received.map(Mark::parse).transpose()?;
        let from = match mark {
            Some(Mark::Time(moment)) => moment.minus(rules.overlap.0).max(start),
            _ => start,
        };
        let from = from.floor(checkpoint::step(rules)).max(start).micros();
        let place = match (rules.mode, mark) {
            (Mode::Range, _) => Place::Query { from },
            (Mode::Snapshot, _) => Place::Snapshot { from, page: None },
            (Mode::Cursor, Some(Mark::Cursor(cursor))) => {
                Place::Cursor { from, cursor: Some(cursor), frozen: false }
            }
            (Mode::Cursor, _) => Place::Cursor { from, cursor: None, frozen: false },
        };
        let base = received.map_or_else(|| Mark::Time(start).text(), str::to_owned);
        Ok(Self { started: None, mark: base.clone(), base, pages: 0, rows_seen: false, place })
    }

    /// Goes on to the next page.
    pub fn go_to(&mut self, place: Place, mark: String) {
        self.place = place;
        self.mark = mark;
        self.pages += 1;
    }

    /// After `cursor_gone`: back to where no server's page is needed. False when there is no such
    /// place, or the run is there already.
    pub fn restart(&mut self, rules: &Checkpoint) -> bool {
        let place = match &self.place {
            Place::Stable { from, .. } => Place::Query { from: *from },
            Place::Drain { from, to, page: Some(_), .. } => {
                Place::Drain { from: *from, to: *to, last_id: None, page: None }
            }
            Place::Snapshot { from, page: Some(_) } => Place::Snapshot { from: *from, page: None },
            Place::Cursor { cursor: Some(_), .. } => {
                let from = checkpoint::start(rules).micros();
                // The cursor that the base names is gone as well.
                self.base = Mark::Time(Moment::from_micros(from)).text();
                Place::Cursor { from, cursor: None, frozen: false }
            }
            _ => return false,
        };
        self.mark = self.base.clone();
        self.place = place;
        true
    }

    /// The checkpoint that the run began with.
    pub fn base_time(&self) -> Moment {
        match Mark::parse(&self.base) {
            Ok(Mark::Time(moment)) => moment,
            _ => Moment::EPOCH,
        }
    }
}
