//! What every single page must keep, besides losing nothing in the end.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bridge::crm::contacts::checkpoint::{Kept, mark_of};
use bridge::manifest::model::MAIN_LIST;
use bridge::time::Moment;
use serde_json::Value;

use super::crm::Crm;
use super::player::cursor_of;
use super::server::State;

/// Watches one run.
#[derive(Clone)]
pub struct Watch {
    base: Option<String>,
    before: Option<String>,
}

impl Watch {
    pub fn new(base: Option<String>) -> Self {
        Self { base, before: None }
    }

    /// An offset leads on, never back to itself.
    pub fn progress(&self, state: &State, received: Option<&str>, next: Option<&str>) -> Result<(), String> {
        let Some(next) = next else { return Ok(()) };
        if received == Some(next) {
            return Err(format!("the offset leads to itself: {next}"));
        }
        let (list, pages, place) = content(next);
        let (old_pages, old_place) = match received.map(content) {
            Some((old, pages, place)) if old == list => (pages, Some(place)),
            // The run of another list begins.
            Some(_) => return Ok(()),
            None if list != MAIN_LIST => return Ok(()),
            None => (0, None),
        };
        if pages <= old_pages {
            return Err(format!("the page counter stands still: {old_place:?} → {place}"));
        }
        if let Some(old) = old_place
            && let (Some(a), Some(b)) = (rank(&old), rank(&place))
            && a >= b
            // A bucket whose token is gone is begun again.
            && state.crm.setup.gone == 0
        {
            return Err(format!("the state does not grow: {old} → {place}"));
        }
        Ok(())
    }

    /// The checkpoint neither goes back nor too far ahead.
    pub fn mark(&mut self, state: &State, mark: &str) -> Result<(), String> {
        if let (Some(now), Some(old)) = (moment(mark), self.before.as_deref().and_then(moment))
            && now < old
            // A cursor that is gone takes its checkpoints along.
            && state.crm.setup.gone == 0
        {
            return Err(format!("the checkpoint goes back within a run: {old} → {now}"));
        }
        if let (Some(now), Some(old)) = (cursor_of(mark), self.before.as_deref().and_then(cursor_of))
            && now < old
            && state.crm.setup.gone == 0
        {
            return Err(format!("the cursor goes back within a run: {old:?} → {now:?}"));
        }
        if let Some(now) = moment(mark)
            && now.micros() % state.crm.setup.step != 0
        {
            return Err(format!("the checkpoint {mark} stands between two steps"));
        }
        let latest = state.first_query.unwrap_or(state.crm.now) - state.crm.setup.settle;
        let stands = cursor_of(mark).map(|(stamp, _)| stamp).or(moment(mark).map(Moment::micros));
        if stands.is_some_and(|stands| stands > latest)
            && self.base.as_deref().map(mark_of) != Some(mark_of(mark))
        {
            return Err(format!("the checkpoint {mark} passes started − settle, {latest}"));
        }
        self.before = Some(mark.to_owned());
        Ok(())
    }
}

/// Whatever stands before the checkpoint has been delivered as it is now.
pub fn covered(crm: &Crm, mark: &str, delivered: &HashMap<usize, usize>) -> Result<(), String> {
    // Read once for each list, not once for each row: a world has thousands of pages.
    let covers = Kept::parse_all(mark, "model").unwrap().into_iter().map(|(list, kept)| {
        let (mark, back) = (kept.mark.text(), kept.history.as_ref().unwrap().back);
        (list, (moment(&mark).map(|mark| mark.micros() - back), cursor_of(&mark), mark))
    });
    let covers: HashMap<_, _> = covers.collect();
    for row in crm.visible().iter().filter(|row| !crm.is_company(row.id)) {
        let Some((bound, cursor, mark)) = covers.get(crm.setup.kind.list(row.id)) else { continue };
        let before = bound.is_some_and(|bound| row.stamp < bound)
            || cursor.is_some_and(|cursor| (row.stamp, row.id) <= cursor);
        if before && delivered.get(&row.id) != Some(&row.version) {
            let has = delivered.get(&row.id);
            return Err(format!("the checkpoint {mark} covers {row:?}, but Talkdesk has {has:?}"));
        }
    }
    Ok(())
}

fn moment(mark: &str) -> Option<Moment> {
    Moment::parse(mark_of(mark).strip_suffix(" UTC")?)
}

/// The list, the page counter and the place inside of an offset.
fn content(offset: &str) -> (String, u64, Value) {
    let content = offset.rsplit('.').next().unwrap();
    let decoded =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let (run, besides) = content.split_once('~').unzip();
    let wire = decoded(run.unwrap_or(content));
    let list = besides.map_or(MAIN_LIST.to_owned(), |part| decoded(part)[0].as_str().unwrap().to_owned());
    (list, wire[3].as_u64().unwrap(), wire[5].clone())
}

/// Places of mode range in their order: the bound, a query before its drain, the id.
fn rank(place: &Value) -> Option<(i64, u8, i64)> {
    if let Some(query) = place.get("q") {
        return Some((query["f"].as_i64()?, 0, 0));
    }
    let drain = place.get("d")?;
    let reached = drain["i"].as_str().or(drain["p"].as_str());
    Some((drain["f"].as_i64()?, 1, reached.map_or(-1, |text| super::server::id(text) as i64)))
}
