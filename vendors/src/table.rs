//! The people that an emulator serves, changing while they are read.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bridge::time::Moment;

/// One person as the vendor stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Counts from 1; emulators print it as their vendor prints ids.
    pub number: u64,
    /// Given name.
    pub first_name: String,
    /// Family name; ends in `v<revision>`, so that a stale copy shows.
    pub last_name: String,
    /// Address.
    pub email: Option<String>,
    /// Numbers as typed.
    pub phones: Vec<String>,
    /// How often the row was changed.
    pub revision: u64,
    /// When it was last changed, in the vendor's stored precision (microseconds).
    pub stamp: Moment,
    /// From when on lists and searches show this version.
    pub visible_at: Moment,
    /// The version that lists show until then.
    pub before: Option<Box<Person>>,
    /// Archived, inactive or deleted, as the vendor has it.
    pub archived: bool,
}

/// A table behind a lock, with a clock that it may share with another table. Copies share both.
#[derive(Clone, Debug)]
pub struct Table {
    state: Arc<Mutex<State>>,
    clock: Arc<Mutex<Moment>>,
}

#[derive(Debug)]
struct State {
    people: Vec<Person>,
    lag: Duration,
    random: u64,
}

impl Table {
    /// `count` people, changed at times before `now`; every tenth shares one stamp with others.
    pub fn new(count: u64, now: &str) -> Self {
        let now = Moment::parse(now).expect("a time");
        Self::at(count, Arc::new(Mutex::new(now)), 7)
    }

    /// Another table of the same vendor, with so many people of its own: one clock stamps both.
    #[must_use]
    pub fn beside(&self, count: u64) -> Self {
        Self::at(count, self.clock.clone(), 11)
    }

    fn at(count: u64, clock: Arc<Mutex<Moment>>, random: u64) -> Self {
        let mut state = State { people: Vec::new(), lag: Duration::ZERO, random };
        let now = *clock.lock().expect("the clock's lock");
        let shared = now.minus(Duration::from_secs(40_000));
        for number in 1..=count {
            let back = Duration::from_micros(3_600_000_000 + state.next() % 900_000_000_000);
            let stamp = if number % 10 == 0 { shared } else { now.minus(back) };
            state.people.push(Person {
                number,
                first_name: format!("Given{number}"),
                last_name: "Family v1".to_owned(),
                email: (number % 7 != 0).then(|| format!("person{number}@example.com")),
                phones: vec![format!("+1415555{number:04}")],
                revision: 1,
                stamp,
                visible_at: stamp,
                before: None,
                archived: false,
            });
        }
        Self { state: Arc::new(Mutex::new(state)), clock }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the table's lock")
    }

    fn clock(&self) -> MutexGuard<'_, Moment> {
        self.clock.lock().expect("the clock's lock")
    }

    /// The vendor's clock.
    pub fn now(&self) -> Moment {
        *self.clock()
    }

    /// Lets time pass.
    pub fn pass(&self, span: Duration) {
        let mut now = self.clock();
        *now = now.plus(span);
    }

    /// From now on changes become visible up to this much later than they are stamped.
    pub fn set_lag(&self, lag: Duration) {
        self.lock().lag = lag;
    }

    /// Changes `count` random people, each with a stamp of its own.
    pub fn touch(&self, count: usize) {
        let mut state = self.lock();
        for _ in 0..count {
            let step = state.next() % 5000 + 1;
            self.pass(Duration::from_micros(step));
            let index = (state.next() % state.people.len().max(1) as u64) as usize;
            state.change(index, self.now());
        }
    }

    /// Changes `count` people with one single stamp, as bulk jobs do.
    pub fn burst(&self, count: usize) {
        let mut state = self.lock();
        let stamp = self.now();
        for index in 0..count.min(state.people.len()) {
            state.change(index, stamp);
        }
    }

    /// Adds a person; gives back its number.
    pub fn add(&self, first_name: &str, last_name: &str, email: Option<&str>, phones: &[&str]) -> u64 {
        let mut state = self.lock();
        let (number, now) = (state.people.len() as u64 + 1, self.now());
        state.people.push(Person {
            number,
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            email: email.map(str::to_owned),
            phones: phones.iter().map(|p| (*p).to_owned()).collect(),
            revision: 1,
            stamp: now,
            visible_at: now,
            before: None,
            archived: false,
        });
        number
    }

    /// Gives a person another first name.
    pub fn rename(&self, number: u64, first_name: &str) {
        let mut state = self.lock();
        let stamp = self.now();
        if let Some(index) = state.people.iter().position(|p| p.number == number) {
            state.change(index, stamp);
            first_name.clone_into(&mut state.people[index].first_name);
        }
    }

    /// Archives a person, as the vendor has it: a converted lead, a deleted contact.
    pub fn archive(&self, number: u64) {
        let mut state = self.lock();
        let stamp = self.now();
        if let Some(index) = state.people.iter().position(|p| p.number == number) {
            state.change(index, stamp);
            state.people[index].archived = true;
        }
    }

    /// What lists and searches show now, in an order of no meaning.
    pub fn shown(&self) -> Vec<Person> {
        let (state, now) = (self.lock(), self.now());
        let shown = state.people.iter().filter_map(|person| {
            let mut person = person;
            while person.visible_at > now {
                person = person.before.as_deref()?;
            }
            Some(person.clone())
        });
        let mut shown: Vec<_> = shown.collect();
        shown.sort_by_key(|p| p.number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        shown
    }

    /// The last version of everybody: what must have arrived in the end.
    pub fn truth(&self) -> Vec<Person> {
        self.lock().people.clone()
    }
}

impl State {
    fn change(&mut self, index: usize, stamp: Moment) {
        let lag = self.lag.as_micros() as u64;
        let late = if lag == 0 { 0 } else { self.next() % lag };
        let old = self.people[index].clone();
        let person = &mut self.people[index];
        person.revision += 1;
        person.last_name = format!("Family v{}", person.revision);
        person.stamp = stamp;
        // A later version is never visible before an earlier one.
        person.visible_at = stamp.plus(Duration::from_micros(late)).max(old.visible_at);
        person.before = Some(Box::new(old));
    }

    /// A small generator (xorshift): the same numbers in every run.
    fn next(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}
