//! Time as the bridge sees it, which tests replace.

use std::time::Duration;

pub use futures_util::future::BoxFuture;

use crate::time::Moment;

/// Tells and passes time.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Moment;
    /// Waits.
    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()>;

    /// A number from 0 to 1 by chance, for waits. Always the same one where time is not real.
    fn chance(&self) -> f64 {
        0.5
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment::now()
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(span))
    }

    fn chance(&self) -> f64 {
        fastrand::f64()
    }
}
