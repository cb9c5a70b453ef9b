//! A trial from its first run to the last, and what became of it.

use super::player::Talkdesk;
use super::setup::{SECOND, Setup};

/// What became of a trial.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    pub runs: usize,
    pub pages: usize,
    pub calls: usize,
    pub deliveries: usize,
    pub changes: usize,
    pub lost: usize,
    pub stale: usize,
}

impl Outcome {
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            runs: self.runs + other.runs,
            pages: self.pages + other.pages,
            calls: self.calls + other.calls,
            deliveries: self.deliveries + other.deliveries,
            changes: self.changes + other.changes,
            lost: self.lost + other.lost,
            stale: self.stale + other.stale,
        }
    }
}

/// Plays a trial.
///
/// # Errors
/// The first broken promise.
pub fn play(setup: &Setup) -> Result<Outcome, String> {
    Talkdesk::new(setup).play()
}

/// The rows that are not as they should be at the end, even if promises were broken on the way.
pub fn lost_whatever_happens(setup: &Setup) -> usize {
    let mut talkdesk = Talkdesk::new(setup);
    talkdesk.strict = false;
    talkdesk.play().map_or(setup.rows, |outcome| outcome.lost + outcome.stale)
}

impl Talkdesk {
    fn play(mut self) -> Result<Outcome, String> {
        for round in 0..5 {
            self.run()?;
            let mut state = self.server.state();
            let longest = if state.crm.random.percent(50) { 1_800 * SECOND } else { 5 * SECOND };
            state.crm.pass(longest);
            if round < 3 {
                state.crm.work();
            }
        }
        self.server.state().crm.rest();
        for _ in 0..60 {
            self.run()?;
            if self.server.state().exhausted {
                return Ok(self.finish());
            }
        }
        Err("60 quiet runs do not reach the end".to_owned())
    }

    fn finish(mut self) -> Outcome {
        let state = self.server.state();
        for row in state.crm.visible().iter().filter(|row| !state.crm.is_company(row.id)) {
            match self.delivered.get(&row.id) {
                None => self.outcome.lost += 1,
                Some(version) if *version != row.version => self.outcome.stale += 1,
                Some(_) => {}
            }
        }
        self.outcome.changes = state.crm.changes();
        self.outcome.calls = state.calls;
        self.outcome
    }
}
