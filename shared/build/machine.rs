//! Patterns over digits as tables: what a regular expression says of a text of ASCII digits, one step a digit.

use std::collections::HashMap;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind, nfa::thompson};

/// A deterministic machine. State 0 is the end of all hope, state 1 the start.
pub struct Machine {
    /// For every state the next one by digit.
    pub next: Vec<[u16; 10]>,
    /// Whether entering a state means that a match has ended before the digit that led there.
    pub passed: Vec<bool>,
    /// Whether a match ends with the text, when it ends in this state.
    pub ends: Vec<bool>,
}

type Failure = Box<dyn std::error::Error>;

impl Machine {
    /// The machine of a pattern that begins with `^`, with the preferences of `regex`: first alternative first.
    pub fn new(pattern: &str) -> Result<Self, Failure> {
        let dfa = dense::Builder::new()
            .configure(
                dense::Config::new().start_kind(StartKind::Anchored).match_kind(MatchKind::LeftmostFirst),
            )
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .thompson(thompson::Config::new().utf8(false))
            .build(pattern)?;
        let begin = dfa.start_state(&start::Config::new().anchored(Anchored::Yes))?;
        let mut machine = Self { next: vec![[0; 10]], passed: vec![false], ends: vec![false] };
        let mut known = HashMap::from([(begin, 1_u16)]);
        let mut open = vec![begin];
        let mut at = 0;
        while let Some(&state) = open.get(at) {
            at += 1;
            let mut row = [0; 10];
            for (digit, cell) in (b'0'..=b'9').zip(&mut row) {
                let next = dfa.next_state(state, digit);
                if !dfa.is_dead_state(next) {
                    let fresh = u16::try_from(known.len() + 1)?;
                    *cell = *known.entry(next).or_insert_with(|| {
                        open.push(next);
                        fresh
                    });
                }
            }
            machine.next.push(row);
            machine.passed.push(dfa.is_match_state(state));
            machine.ends.push(dfa.is_match_state(dfa.next_eoi_state(state)));
        }
        Ok(machine.smallest())
    }

    /// The machine of the texts that `general` and one of `kinds` match whole, each in its lengths (a bit each).
    pub fn both(general: &(Machine, u32), kinds: &[(Machine, u32)]) -> Result<Self, Failure> {
        let mut result = Self { next: vec![[0; 10]], passed: vec![false], ends: vec![false] };
        let begin: Vec<u16> = std::iter::once(0).chain(std::iter::repeat_n(1, kinds.len() + 1)).collect();
        let mut known = HashMap::from([(begin.clone(), 1_u16)]);
        let mut open = vec![begin];
        let mut at = 0;
        while let Some(state) = open.get(at).cloned() {
            at += 1;
            let length = state[0];
            let whole = |(machine, lengths): &(Machine, u32), state: u16| {
                machine.ends[usize::from(state)] && lengths & (1 << length) != 0
            };
            let kind = kinds.iter().zip(&state[2..]).any(|(kind, state)| whole(kind, *state));
            let mut row = [0; 10];
            for (digit, cell) in row.iter_mut().enumerate() {
                let step =
                    |(machine, _): &(Machine, u32), state: u16| machine.next[usize::from(state)][digit];
                let mut next = vec![length + 1, step(general, state[1])];
                next.extend(kinds.iter().zip(&state[2..]).map(|(kind, state)| step(kind, *state)));
                if next[0] < 18 && next[1] != 0 && next[2..].iter().any(|state| *state != 0) {
                    let fresh = u16::try_from(known.len() + 1)?;
                    *cell = *known.entry(next).or_insert_with_key(|next| {
                        open.push(next.clone());
                        fresh
                    });
                }
            }
            result.next.push(row);
            result.passed.push(false);
            result.ends.push(kind && whole(general, state[1]));
        }
        Ok(result.smallest())
    }

    /// The same with as few states as possible: states that nothing tells apart become one (Moore).
    fn smallest(self) -> Self {
        let mut class: Vec<u16> =
            self.passed.iter().zip(&self.ends).map(|(a, b)| u16::from(*a) * 2 + u16::from(*b)).collect();
        let mut count = 0;
        loop {
            let mut numbers: HashMap<(u16, [u16; 10]), u16> = HashMap::new();
            let signature =
                |state: usize| (class[state], self.next[state].map(|next| class[usize::from(next)]));
            let refined: Vec<u16> = (0..class.len())
                .map(|state| {
                    let fresh = numbers.len() as u16;
                    *numbers.entry(signature(state)).or_insert(fresh)
                })
                .collect();
            class = refined;
            if numbers.len() == count {
                break;
            }
            count = numbers.len();
        }
        self.renumbered(&class)
    }

    /// One state a class, the start being 1 even when nothing is ever matched.
    fn renumbered(self, class: &[u16]) -> Self {
        let mut number: HashMap<u16, u16> = HashMap::from([(class[0], 0)]);
        let mut kept = vec![0, 1];
        number.entry(class[1]).or_insert(1);
        for (state, class) in class.iter().enumerate().skip(2) {
            let fresh = kept.len() as u16;
            number.entry(*class).or_insert_with(|| {
                kept.push(state);
                fresh
            });
        }
        let next = |state: &usize| self.next[*state].map(|next| number[&class[usize::from(next)]]);
        Self {
            next: kept.iter().map(next).collect(),
            passed: kept.iter().map(|state| self.passed[*state]).collect(),
            ends: kept.iter().map(|state| self.ends[*state]).collect(),
        }
    }

    /// Eleven cells a state: the next states, and what [`Machine::passed`] (1) and [`Machine::ends`] (2) say.
    /// A cell has one byte, or two when there are more than 256 states.
    pub fn cells(&self) -> (bool, Vec<u8>) {
        let wide = self.next.len() > 256;
        let mut cells = Vec::new();
        for (state, row) in self.next.iter().enumerate() {
            let flags = u16::from(self.passed[state]) + 2 * u16::from(self.ends[state]);
            for cell in row.iter().copied().chain([flags]) {
                let bytes = cell.to_le_bytes();
                cells.extend_from_slice(&bytes[..if wide { 2 } else { 1 }]);
            }
        }
        (wide, cells)
    }
}
