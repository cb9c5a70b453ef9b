//! Counted pages (numbers, offsets) of a list in a known order, read so that a row that leaves the list
//! cannot push another one past a border unread: every page begins before the last row that was read,
//! and counts only when it shows a row that stands there. Else the walk goes back. Where it is in the
//! list is no more than a guess; that no row was passed over is seen on the page itself.

use std::cmp::Ordering;

use super::Key;
use super::place::Place;
use super::shown::Last;
use crate::crm::page::Position;
use crate::error::{Class, Failure};
use crate::manifest::model::Page;

/// Which rows a page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// How many rows of the list come before it.
    pub start: u64,
    /// How many it may have.
    pub size: u64,
    /// What the request says.
    pub position: Position,
}

/// The window that begins shortly before row `at` and goes furthest beyond it. Numbered pages overlap by
/// being of another size each.
///
/// # Errors
/// `NoProgress` where pages are too small for that.
pub(super) fn window(at: u64, size: u64, page: &Page) -> Result<Window, Failure> {
    if at == 0 {
        return Ok(Window { start: 0, size, position: Position::First });
    }
    if let Some(first) = page.offset {
        let start = at.saturating_sub(1.max(size / 10));
        let position = Position::Page((first.start + start).to_string());
        return Ok(Window { start, size, position });
    }
    let first = page.number.map_or(0, |number| number.start);
    let reaches = |size: u64| ((at - 1) / size + 1) * size;
    let best = (1.max(size / 2)..=size).rev().max_by_key(|size| reaches(*size));
    match best.filter(|size| reaches(*size) > at) {
        Some(size) => {
            let number = (at - 1) / size;
            let position = Position::Page((first + number).to_string());
            Ok(Window { start: number * size, size, position })
        }
        None => {
            Err(Failure::new(Class::NoProgress, "pages that overlap need limits.page_size of 20 or more"))
        }
    }
}

/// A page of a list.
pub(super) struct Walk<'a> {
    pub from: i64,
    pub to: Option<i64>,
    /// The last row that was read before.
    pub last: Option<&'a Last>,
    /// How many rows of the list come before the page, and how many it was asked for.
    pub start: u64,
    pub size: u64,
    pub keys: &'a [Key],
}

impl Walk<'_> {
    /// Where to go on when the page does not show what stands before it: half a page back.
    pub fn back(&self) -> Place {
        let at = self.start.saturating_sub(self.size / 2);
        Place::Walk { from: self.from, to: self.to, at, last: self.last.cloned() }
    }

    /// Where to go on after the page, whose last row is `last`.
    pub fn on(&self, last: Option<Last>) -> Place {
        let at = self.start + self.keys.len() as u64;
        Place::Walk { from: self.from, to: self.to, at, last: last.or_else(|| self.last.cloned()) }
    }

    /// Whether a page of an ascending list follows what was read, without a gap; and its last row.
    ///
    /// # Errors
    /// A row without `order`, or rows that are not in its order.
    pub fn follows(&self, order: impl Fn(&Key) -> Option<&String>) -> Result<(bool, Option<Last>), Failure> {
        let orders: Option<Vec<&String>> = self.keys.iter().map(order).collect();
        let orders = orders.ok_or_else(|| unreadable("a row has no value of what the list is sorted by"))?;
        if !orders.is_sorted_by(|a, b| compare(a, b) != Ordering::Greater) {
            return Err(unreadable("the rows are not in ascending order of the id (or `order`)"));
        }
        let shown = |last: &Last| {
            self.keys.iter().zip(&orders).any(|(key, order)| match compare(order, &last.order) {
                Ordering::Less => true,
                Ordering::Equal => last.id.is_none() || key.id == last.id,
                Ordering::Greater => false,
            })
        };
        let ends = self.keys.last().zip(orders.last());
        let last = ends.map(|(key, order)| Last { order: (*order).clone(), id: key.id.clone() });
        Ok((self.start == 0 || self.last.is_some_and(shown), last))
    }
}

/// Numbers as numbers, anything else as text.
fn compare(a: &str, b: &str) -> Ordering {
    match (a.parse::<i128>(), b.parse::<i128>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.cmp(b),
    }
}

/// Refuses numbered pages that are smaller than asked for: the numbers then stand for other rows.
///
/// # Errors
/// Such a page.
pub(super) fn whole(page: &Page, size: u64, rows: usize, more: bool) -> Result<(), Failure> {
    if page.number.is_some() && more && (rows as u64) < size {
        return Err(unreadable(
            "a numbered page has fewer rows than were asked for, although more follow: make limits.page_size as small as the CRM's pages are",
        ));
    }
    Ok(())
}

fn unreadable(detail: &str) -> Failure {
    Failure::new(Class::CrmUnreadable, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered() -> Page {
        serde_json::from_str(r#"{"number": {"start": 1}}"#).unwrap()
    }

    #[test]
    fn numbered_pages_overlap_and_reach_further_wherever_the_walk_is() {
        for size in [20, 25, 100, 1_000] {
            for at in 1..20_000 {
                let window = window(at, size, &numbered()).unwrap();
                assert!(window.start < at && window.start + window.size > at, "{at} of {size}: {window:?}");
                assert!(window.size <= size);
                let Position::Page(number) = window.position else { panic!("{at}") };
                assert_eq!((number.parse::<u64>().unwrap() - 1) * window.size, window.start);
            }
        }
    }

    #[test]
    fn offsets_begin_a_tenth_of_a_page_before() {
        let page: Page = serde_json::from_str(r#"{"offset": {"start": 0}}"#).unwrap();
        let asked = window(200, 100, &page).unwrap();
        assert_eq!((asked.start, asked.size, asked.position), (190, 100, Position::Page("190".to_owned())));
        assert_eq!(window(0, 100, &page).unwrap().position, Position::First);
    }

    #[test]
    fn pages_that_are_too_small_to_overlap_are_no_progress() {
        assert_eq!(window(2, 2, &numbered()).unwrap_err().class, Class::NoProgress);
        assert_eq!(window(5, 1, &numbered()).unwrap_err().class, Class::NoProgress);
    }

    #[test]
    fn a_page_follows_only_if_it_shows_what_stands_before_it() {
        let key = |id: &str| Key { stamp: None, id: Some(id.to_owned()), order: None };
        let keys: Vec<Key> = ["9", "10", "11"].map(key).to_vec();
        let follows = |last: &str, keys: &[Key]| {
            let last = Last { order: last.to_owned(), id: Some(last.to_owned()) };
            let walk = Walk { from: 0, to: None, last: Some(&last), start: 5, size: 3, keys };
            walk.follows(|key| key.id.as_ref()).map(|(follows, _)| follows).map_err(|f| f.class)
        };
        assert_eq!(follows("9", &keys), Ok(true));
        assert_eq!(follows("10", &keys), Ok(true));
        assert_eq!(follows("8", &keys), Ok(false), "a row between 8 and 9 may have been passed over");
        assert_eq!(follows("8", &[]), Ok(false));
        assert_eq!(follows("8", &["11", "10"].map(key)), Err(Class::CrmUnreadable));
    }
}
