//! The modes: which way each of them goes.

use super::place::Place;
use super::way::Way;
use super::{Spec, cursor, newest, range, snapshot};
use crate::manifest::model::Mode;

/// The way of a mode.
pub(super) fn of(mode: Mode) -> &'static dyn Way {
    match mode {
        Mode::Range => &range::Range,
        Mode::Cursor => &cursor::Cursor,
        Mode::Snapshot => &snapshot::Snapshot,
        Mode::Newest => &newest::Newest,
    }
}

/// Whether a run of this section can be at `place` at all. An offset comes from outside and may name any
/// place; one that the mode and the section do not have leads nowhere.
pub(super) fn have(place: &Place, spec: &Spec) -> bool {
    spec.checkpoint.as_ref().is_some_and(|rules| of(rules.mode).has(spec, rules, place))
}
