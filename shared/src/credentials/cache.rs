//! Secrets in memory: fresh for a while, stale rather than none, fetched again when they may have
//! rotated.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::crm::transport::Clock;
use crate::time::Moment;

use super::{Secret, SecretError, SecretStore};

/// A rotated secret is looked for at most this often, so that wrong keys cost no calls.
const RECHECK: Duration = Duration::from_secs(10);
/// How long a missing secret stays missing.
const MISSING: Duration = Duration::from_secs(30);
/// Most names kept: callers choose them.
const MOST: usize = 1000;

/// The cache.
pub struct SecretCache {
    store: Arc<dyn SecretStore>,
    clock: Arc<dyn Clock>,
    ttl: Duration,
    entries: Mutex<HashMap<String, Entry>>,
}

#[derive(Clone)]
struct Entry {
    secret: Result<Arc<Secret>, SecretError>,
    fetched: Moment,
}

impl SecretCache {
    /// A cache over a store.
    pub fn new(store: Arc<dyn SecretStore>, clock: Arc<dyn Clock>, ttl: Duration) -> Self {
        Self { store, clock, ttl, entries: Mutex::default() }
    }

    /// The secret of a name.
    ///
    /// # Errors
    /// Why there is none. A transient failure is hidden as long as an old value is there.
    pub async fn get(&self, name: &str) -> Result<Arc<Secret>, SecretError> {
        let entry = self.entry(name);
        if let Some(entry) = &entry {
            let life = if entry.secret.is_ok() { self.ttl } else { MISSING };
            if self.clock.now() < entry.fetched.plus(life) {
                return entry.secret.clone();
            }
        }
        match self.fetch(name).await {
            Err(SecretError::Unavailable(why)) => match entry.map(|e| e.secret) {
                Some(Ok(stale)) => {
                    tracing::warn!(reason = %why, "secret not refreshed, going on with the old one");
                    Ok(stale)
                }
                _ => Err(SecretError::Unavailable(why)),
            },
            other => other,
        }
    }

    /// The secret fetched again, because the one in memory was refused; `None` when it is the same
    /// or was fetched a moment ago.
    pub async fn renewed(&self, name: &str, refused: &Arc<Secret>) -> Option<Arc<Secret>> {
        let entry = self.entry(name)?;
        if self.clock.now() < entry.fetched.plus(RECHECK) {
            return entry.secret.ok().filter(|current| !Arc::ptr_eq(current, refused));
        }
        self.fetch(name).await.ok()
    }

    fn entry(&self, name: &str) -> Option<Entry> {
        self.entries.lock().ok()?.get(name).cloned()
    }

    async fn fetch(&self, name: &str) -> Result<Arc<Secret>, SecretError> {
        let text = self.store.fetch(name).await;
        let secret = text.and_then(|text| Secret::parse(&text)).map(Arc::new);
        if !matches!(secret, Err(SecretError::Unavailable(_)))
            && let Ok(mut entries) = self.entries.lock()
        {
            if entries.len() >= MOST {
                entries.clear();
            }
            entries.insert(name.to_owned(), Entry { secret: secret.clone(), fetched: self.clock.now() });
        }
        secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crm::transport::BoxFuture;
    use secrecy::SecretString;

    struct Scripted(Mutex<Vec<Result<&'static str, SecretError>>>);

    impl SecretStore for Scripted {
        fn fetch<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>> {
            let next = self.0.lock().unwrap().remove(0);
            Box::pin(async move { next.map(SecretString::from) })
        }
    }

    struct Hand(Mutex<Moment>);

    impl Clock for Hand {
        fn now(&self) -> Moment {
            *self.0.lock().unwrap()
        }
        fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
            Box::pin(async {})
        }
    }

    const ONE: &str = r#"{"caller_keys": "0123456789abcdef", "api_key": "1"}"#;
    const TWO: &str = r#"{"caller_keys": "0123456789abcdef", "api_key": "2"}"#;

    fn cache(script: Vec<Result<&'static str, SecretError>>) -> (SecretCache, Arc<Hand>, Arc<Scripted>) {
        let clock = Arc::new(Hand(Mutex::new(Moment::EPOCH)));
        let store = Arc::new(Scripted(Mutex::new(script)));
        (SecretCache::new(store.clone(), clock.clone(), Duration::from_secs(300)), clock, store)
    }

    fn pass(clock: &Hand, seconds: u64) {
        let mut now = clock.0.lock().unwrap();
        *now = now.plus(Duration::from_secs(seconds));
    }

    #[tokio::test]
    async fn a_secret_is_fetched_once_while_it_is_fresh() {
        let (cache, clock, store) = cache(vec![Ok(ONE), Ok(TWO)]);
        cache.get("a").await.unwrap();
        pass(&clock, 299);
        cache.get("a").await.unwrap();
        assert_eq!(store.0.lock().unwrap().len(), 1);
        pass(&clock, 2);
        let second = cache.get("a").await.unwrap();
        assert!(second.same_as(&Secret::parse(&SecretString::from(TWO)).unwrap()));
    }

    #[tokio::test]
    async fn a_stale_secret_is_served_while_the_store_does_not_answer() {
        let down = Err(SecretError::Unavailable("down".to_owned()));
        let (cache, clock, _) = cache(vec![Ok(ONE), down.clone(), down]);
        let first = cache.get("a").await.unwrap();
        pass(&clock, 1000);
        assert!(Arc::ptr_eq(&cache.get("a").await.unwrap(), &first));
        assert!(cache.get("b").await.is_err());
    }

    #[tokio::test]
    async fn a_denied_secret_is_not_served_stale() {
        let (cache, clock, _) = cache(vec![Ok(ONE), Err(SecretError::Denied)]);
        cache.get("a").await.unwrap();
        pass(&clock, 1000);
        assert_eq!(cache.get("a").await.unwrap_err(), SecretError::Denied);
    }

    #[tokio::test]
    async fn a_refused_secret_is_fetched_again_but_not_in_a_storm() {
        let (cache, clock, store) = cache(vec![Ok(ONE), Ok(TWO), Ok(TWO)]);
        let first = cache.get("a").await.unwrap();
        assert!(cache.renewed("a", &first).await.is_none(), "it was fetched a moment ago");
        pass(&clock, 11);
        let second = cache.renewed("a", &first).await.unwrap();
        assert!(!second.same_as(&first));
        assert!(cache.renewed("a", &second).await.is_none());
        assert_eq!(store.0.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_missing_secret_is_not_asked_for_at_every_request() {
        let (cache, _, store) = cache(vec![Err(SecretError::Missing), Ok(ONE)]);
        for _ in 0..3 {
            assert_eq!(cache.get("nobody").await.unwrap_err(), SecretError::Missing);
        }
        assert_eq!(store.0.lock().unwrap().len(), 1);
    }
}
