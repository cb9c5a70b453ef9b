//! The rules of secrets in memory, with time that passes by hand and a store that answers by script.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Poll, Waker};

use secrecy::SecretString;

use super::entries::MOST;
use super::*;
use crate::clock::BoxFuture;

const ONE: &str = r#"{"caller_keys": "0123456789abcdef", "api_key": "1"}"#;
const TWO: &str = r#"{"caller_keys": "0123456789abcdef", "api_key": "2"}"#;
const LONG: Duration = Duration::from_secs(8);

#[derive(Clone)]
enum Step {
    Says(&'static str),
    Fails(SecretError),
    Hangs,
}
use Step::{Fails, Hangs, Says};

fn down() -> Step {
    Fails(SecretError::Unavailable("down".to_owned()))
}

/// Answers in order; the last answer stays.
struct Script(Mutex<(VecDeque<Step>, usize)>);

impl Script {
    fn asked(&self) -> usize {
        self.0.lock().unwrap().1
    }
}

impl SecretStore for Script {
    fn fetch<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>> {
        let mut script = self.0.lock().unwrap();
        script.1 += 1;
        let step = if script.0.len() > 1 { script.0.pop_front() } else { script.0.front().cloned() };
        Box::pin(async move {
            match step.unwrap() {
                Says(text) => Ok(SecretString::from(text)),
                Fails(error) => Err(error),
                Hangs => std::future::pending().await,
            }
        })
    }
}

struct Hand(Mutex<(Moment, Vec<Waker>)>);

impl Hand {
    async fn pass(&self, span: Duration) {
        let wakers = {
            let mut state = self.0.lock().unwrap();
            state.0 = state.0.plus(span);
            std::mem::take(&mut state.1)
        };
        wakers.into_iter().for_each(Waker::wake);
        settle().await;
    }
}

impl Clock for Hand {
    fn now(&self) -> Moment {
        self.0.lock().unwrap().0
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        let end = self.now().plus(span);
        Box::pin(poll_fn(move |context| {
            let mut state = self.0.lock().unwrap();
            if state.0 >= end {
                return Poll::Ready(());
            }
            state.1.push(context.waker().clone());
            Poll::Pending
        }))
    }
}

/// Lets everything run that can.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

struct World {
    cache: Arc<SecretCache>,
    clock: Arc<Hand>,
    store: Arc<Script>,
}

impl World {
    fn new(script: &[Step]) -> Self {
        let clock = Arc::new(Hand(Mutex::new((Moment::EPOCH.plus(LONG), Vec::new()))));
        let store = Arc::new(Script(Mutex::new((script.iter().cloned().collect(), 0))));
        let cache = SecretCache::new(store.clone(), clock.clone(), Duration::from_secs(300));
        Self { cache: Arc::new(cache), clock, store }
    }

    async fn pass(&self, seconds: u64) {
        self.clock.pass(Duration::from_secs(seconds)).await;
    }

    /// Asks for `a` in a task of its own, and says what came when `span` has passed.
    async fn get_within(&self, span: Duration, limit: Duration) -> Option<Answer> {
        let cache = self.cache.clone();
        let task = tokio::spawn(async move { cache.get("a", limit).await });
        settle().await;
        if !span.is_zero() {
            self.clock.pass(span).await;
        }
        if task.is_finished() { Some(task.await.unwrap()) } else { None }
    }

    /// What `a` is at once.
    async fn get(&self) -> Answer {
        self.get_within(Duration::ZERO, LONG).await.expect("an answer at once")
    }
}

fn is(answer: Answer, text: &str) -> bool {
    answer.unwrap().same_as(&Secret::parse(&SecretString::from(text)).unwrap())
}

#[tokio::test]
async fn a_secret_is_asked_for_once_while_it_is_fresh() {
    let world = World::new(&[Says(ONE), Says(TWO)]);
    assert!(is(world.get().await, ONE));
    world.pass(239).await;
    assert!(is(world.get().await, ONE));
    assert_eq!(world.store.asked(), 1);
}

#[tokio::test]
async fn a_secret_is_asked_for_behind_the_request_before_it_is_out_of_date() {
    let world = World::new(&[Says(ONE), Says(TWO)]);
    world.get().await.unwrap();
    world.pass(241).await;
    assert!(is(world.get().await, ONE), "nobody waits for the new one");
    settle().await;
    assert!(is(world.get().await, TWO));
    assert_eq!(world.store.asked(), 2);
}

#[tokio::test]
async fn an_old_secret_is_answered_while_the_store_does_not_answer_and_then_rests() {
    let world = World::new(&[Says(ONE), down(), down(), down(), Says(TWO)]);
    world.get().await.unwrap();
    world.pass(1000).await;
    let answer = world.get_within(GRACE, LONG).await.expect("50 ms are enough");
    assert!(is(answer, ONE));
    world.pass(1).await;
    world.pass(1).await;
    assert_eq!(world.store.asked(), 4, "three tries");
    world.pass(27).await;
    assert!(is(world.get().await, ONE));
    assert_eq!(world.store.asked(), 4, "it counts as fresh for 30 s");
    world.pass(3).await;
    assert!(is(world.get().await, TWO));
}

#[tokio::test]
async fn nobody_who_has_a_secret_waits_for_a_store_that_hangs() {
    let world = World::new(&[Says(ONE), Hangs]);
    world.get().await.unwrap();
    world.pass(300).await;
    assert!(world.get_within(Duration::from_millis(49), LONG).await.is_none(), "it may come in time");
    world.clock.pass(Duration::from_millis(1)).await;
    for _ in 0..10 {
        assert!(is(world.get().await, ONE), "the others do not wait at all");
    }
    assert_eq!(world.store.asked(), 2);
    world.pass(2).await;
    world.pass(2).await;
    assert!(is(world.get().await, ONE));
    assert_eq!(world.store.asked(), 3, "two tries of 2 s, then a rest");
}

#[tokio::test]
async fn without_a_secret_the_wait_ends_after_four_seconds_or_with_the_requests_time() {
    let world = World::new(&[Hangs]);
    let short = world.get_within(Duration::from_secs(1), Duration::from_secs(1)).await;
    assert!(matches!(short, Some(Err(SecretError::Unavailable(_)))));
    let world = World::new(&[Hangs]);
    let cache = world.cache.clone();
    let task = tokio::spawn(async move { cache.get("a", LONG).await });
    settle().await;
    for _ in 0..3 {
        world.pass(1).await;
        assert!(!task.is_finished());
    }
    world.pass(1).await;
    assert!(task.is_finished());
    assert!(matches!(task.await.unwrap(), Err(SecretError::Unavailable(_))));
}

#[tokio::test]
async fn everybody_shares_one_question() {
    let world = World::new(&[Hangs, Says(ONE)]);
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let cache = world.cache.clone();
            tokio::spawn(async move { cache.get("a", LONG).await })
        })
        .collect();
    settle().await;
    assert_eq!(world.store.asked(), 1);
    world.pass(2).await;
    world.pass(1).await;
    for task in tasks {
        assert!(is(task.await.unwrap(), ONE));
    }
    assert_eq!(world.store.asked(), 2, "the second try of the same question");
}

/// Lambda stops the process after an answer; a question that was on its way may never end.
#[tokio::test]
async fn a_question_that_was_lost_while_the_process_slept_holds_nobody_up() {
    let world = World::new(&[Says(ONE), Hangs, Says(TWO)]);
    world.get().await.unwrap();
    world.pass(300).await;
    let cache = world.cache.clone();
    let request = tokio::spawn(async move { cache.get("a", LONG).await });
    settle().await;
    request.abort();
    settle().await;
    world.clock.0.lock().unwrap().0 = world.clock.now().plus(Duration::from_secs(3600));
    assert!(is(world.get().await, TWO));
}

#[tokio::test]
async fn a_secret_that_may_no_longer_be_read_is_not_answered() {
    let world = World::new(&[Says(ONE), Fails(SecretError::Denied)]);
    world.get().await.unwrap();
    world.pass(1000).await;
    assert_eq!(world.get().await.unwrap_err(), SecretError::Denied);
}

#[tokio::test]
async fn a_refused_secret_is_asked_for_again_but_not_in_a_storm() {
    let world = World::new(&[Says(ONE), Says(TWO)]);
    let first = world.get().await.unwrap();
    assert!(world.cache.renewed("a", &first, LONG).await.is_none(), "it was fetched a moment ago");
    world.pass(11).await;
    let second = world.cache.renewed("a", &first, LONG).await.unwrap();
    assert!(!second.same_as(&first));
    assert!(Arc::ptr_eq(&second, &world.cache.renewed("a", &first, LONG).await.unwrap()));
    assert!(world.cache.renewed("a", &second, LONG).await.is_none());
    assert_eq!(world.store.asked(), 2);
}

#[tokio::test]
async fn names_without_a_secret_are_few_short_lived_and_push_out_no_good_one() {
    let world = World::new(&[Says(ONE), Fails(SecretError::Missing)]);
    world.get().await.unwrap();
    for number in 0..MOST + 50 {
        world.clock.pass(Duration::from_millis(1)).await;
        let name = format!("nobody-{number}");
        for _ in 0..2 {
            assert_eq!(world.cache.get(&name, LONG).await.unwrap_err(), SecretError::Missing);
        }
    }
    assert_eq!(world.store.asked(), 1 + MOST + 50, "one question for each name");
    assert!(is(world.get().await, ONE));
    assert_eq!(world.store.asked(), 1 + MOST + 50, "the good one is still there");
    world.cache.get("nobody-0", LONG).await.unwrap_err();
    assert_eq!(world.store.asked(), 2 + MOST + 50, "the oldest made room");
    world.pass(11).await;
    world.cache.get("nobody-40", LONG).await.unwrap_err();
    assert_eq!(world.store.asked(), 3 + MOST + 50, "after 10 s it is asked for again");
}
