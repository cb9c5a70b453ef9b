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
    /// Requests that were answered with a contradiction of the CRM.
    pub loud: usize,
    /// Rows lost or stale in a trial without a word.
    pub silent: usize,
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
            loud: self.loud + other.loud,
            silent: self.silent + other.silent,
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

/// Plays a trial in which the bridge may end requests with a contradiction.
///
/// # Errors
/// The first broken promise.
pub fn play_loudly(setup: &Setup) -> Result<Outcome, String> {
    let mut talkdesk = Talkdesk::new(setup);
    talkdesk.loud_allowed = true;
    // What becomes visible late is behind every checkpoint until everything is read again.
    talkdesk.strict = setup.world.hidden == 0;
    talkdesk.play()
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
            let loud = self.outcome.loud;
            self.run()?;
            // Where every run closes early, a day may pass until the stamps' clock is beyond doubt.
            self.server.state().crm.now += 7_200 * SECOND;
            // Who still says no at rest will say so at the next half hour too.
            if self.server.state().unread.is_empty() || self.outcome.loud > loud {
                let said = self.outcome.loud > loud;
                return Ok(self.finish(said));
            }
        }
        Err("60 quiet runs do not reach the end".to_owned())
    }

    fn finish(mut self, said: bool) -> Outcome {
        let state = self.server.state();
        for row in state.crm.visible().iter().filter(|row| !state.crm.is_company(row.id)) {
            match self.delivered.get(&row.id) {
                None => self.outcome.lost += 1,
                Some(version) if *version != row.version => self.outcome.stale += 1,
                Some(_) => {}
            }
        }
        if !said {
            self.outcome.silent = self.outcome.lost + self.outcome.stale;
        }
        self.outcome.changes = state.crm.changes();
        self.outcome.calls = state.calls;
        self.outcome
    }
}
