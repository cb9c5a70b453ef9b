//! What can go wrong, as a closed list of classes.
//!
//! One table, [`Class::row`], says for every class which status each component answers, under
//! which code, and how loudly it is logged. Nothing converts into a [`Failure`] by
//! itself: whoever meets an error must choose its class.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::contract::Component;

/// The kind of a failure. The code is part of what callers see and of the metrics: never rename one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The caller key is missing or is not one of the secret's.
    CallerRefused,
    /// The body is not JSON, or a value has the wrong type.
    BadRequest,
    /// `meta.offset` is not one that we handed out.
    BadOffset,
    /// `meta.synchronization_checkpoint` is not one that we handed out.
    BadCheckpoint,
    /// A method other than POST.
    MethodNotAllowed,
    /// The manifest does not have this component or action.
    NotOffered,
    /// The CRM refuses the credentials, or the token has expired.
    CredentialsRefused,
    /// The CRM knows us but does not allow this.
    Forbidden,
    /// The CRM does not know the record.
    NotFound,
    /// The CRM says that such a record exists already.
    Conflict,
    /// The CRM refuses a value.
    Invalid,
    /// The CRM asks us to slow down.
    RateLimited,
    /// The CRM's quota (of the day, say) is used up: waiting a little does not help.
    QuotaExhausted,
    /// The CRM's page token or cursor is no longer valid.
    CursorGone,
    /// The CRM answers with a fault of its own.
    CrmUnavailable,
    /// The CRM did not answer within the time that was left.
    CrmTimeout,
    /// No connection to the CRM, or its address is not allowed.
    CrmUnreachable,
    /// The CRM answered something that the manifest cannot read.
    CrmUnreadable,
    /// The CRM's answer does not fit into the function's memory.
    CrmTooLarge,
    /// The CRM's pages do not move on: going on would loop for ever.
    NoProgress,
    /// The secret is missing, forbidden or malformed.
    SecretUnusable,
    /// Secrets Manager did not answer.
    SecretUnavailable,
    /// A fault of ours.
    Internal,
}

/// One row of the table: how a class is answered, counted and logged.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The code in the error body, in metrics and in logs.
    pub code: &'static str,
    /// Statuses in the order of [`Component::ALL`]: validation, contacts, agents, interactions, actions.
    pub statuses: [u16; 5],
    /// How loudly the request's log line speaks.
    pub level: tracing::Level,
    /// What the caller reads when there is nothing more precise to say.
    pub message: &'static str,
}

const fn row(code: &'static str, statuses: [u16; 5], level: tracing::Level, message: &'static str) -> Row {
    Row { code, statuses, level, message }
}

impl Class {
    /// Every class, in the order of the table.
    pub const ALL: [Class; 23] = [
        Class::CallerRefused,
        Class::BadRequest,
        Class::BadOffset,
        Class::BadCheckpoint,
        Class::MethodNotAllowed,
        Class::NotOffered,
        Class::CredentialsRefused,
        Class::Forbidden,
        Class::NotFound,
        Class::Conflict,
        Class::Invalid,
        Class::RateLimited,
        Class::QuotaExhausted,
        Class::CursorGone,
        Class::CrmUnavailable,
        Class::CrmTimeout,
        Class::CrmUnreachable,
        Class::CrmUnreadable,
        Class::CrmTooLarge,
        Class::NoProgress,
        Class::SecretUnusable,
        Class::SecretUnavailable,
        Class::Internal,
    ];

    /// The class's row of the table.
    #[rustfmt::skip]
    pub const fn row(self) -> Row {
        use tracing::Level;
        const INFO: Level = Level::INFO;
        const WARN: Level = Level::WARN;
        const ERROR: Level = Level::ERROR;
        match self {
            Class::CallerRefused => row("caller_refused", [401; 5], WARN, "The caller key is missing or wrong."),
            Class::BadRequest => row("bad_request", [401, 400, 400, 400, 400], INFO, "The request is not valid."),
            Class::BadOffset => row("bad_offset", [401, 400, 400, 400, 400], WARN, "The offset is not one that this bridge handed out. Start the synchronization again without it."),
            Class::BadCheckpoint => row("bad_checkpoint", [401, 400, 400, 400, 400], WARN, "The synchronization checkpoint is not one that this bridge handed out. Start an initial synchronization without it."),
            Class::MethodNotAllowed => row("method_not_allowed", [405; 5], INFO, "Only POST is allowed here."),
            Class::NotOffered => row("not_offered", [404; 5], INFO, "This integration does not offer that."),
            Class::CredentialsRefused => row("credentials_refused", [401, 401, 401, 401, 400], WARN, "The CRM does not accept the credentials."),
            Class::Forbidden => row("forbidden", [401, 403, 403, 403, 400], WARN, "The CRM does not allow this with the given credentials."),
            Class::NotFound => row("not_found", [401, 400, 400, 400, 400], INFO, "The CRM does not know this record."),
            Class::Conflict => row("conflict", [401, 400, 400, 403, 400], INFO, "The CRM has such a record already."),
            Class::Invalid => row("invalid", [401, 400, 400, 403, 400], INFO, "The CRM does not accept the request."),
            Class::RateLimited => row("rate_limited", [401, 429, 429, 429, 400], WARN, "The CRM limits the number of requests. Try again later."),
            Class::QuotaExhausted => row("quota_exhausted", [401, 503, 503, 503, 400], ERROR, "The CRM's quota is used up. Try again later."),
            Class::CursorGone => row("cursor_gone", [401, 502, 502, 502, 400], WARN, "The CRM's list has expired. Try again."),
            Class::CrmUnavailable => row("crm_unavailable", [401, 502, 502, 502, 400], ERROR, "The CRM is not available. Try again later."),
            Class::CrmTimeout => row("crm_timeout", [401, 504, 504, 504, 400], ERROR, "The CRM did not answer in time."),
            Class::CrmUnreachable => row("crm_unreachable", [401, 502, 502, 502, 400], ERROR, "The CRM cannot be reached."),
            Class::CrmUnreadable => row("crm_unreadable", [401, 502, 502, 502, 400], ERROR, "The CRM's answer cannot be read."),
            Class::CrmTooLarge => row("crm_too_large", [401, 502, 502, 502, 400], ERROR, "The CRM's answer is too large."),
            Class::NoProgress => row("no_progress", [401, 502, 502, 502, 400], ERROR, "The CRM's pages do not move on."),
            Class::SecretUnusable => row("secret_unusable", [500; 5], ERROR, "The bridge is not configured for this account."),
            Class::SecretUnavailable => row("secret_unavailable", [503; 5], ERROR, "The bridge is temporarily not available."),
            Class::Internal => row("internal", [500; 5], ERROR, "The bridge has a fault."),
        }
    }

    /// The status that `component` answers for this class.
    pub fn status(self, component: Component) -> u16 {
        let index = Component::ALL.iter().position(|c| *c == component);
        self.row().statuses[index.unwrap_or(0)]
    }

    /// Whether another try, a little later, may succeed without anybody changing anything.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Class::RateLimited
                | Class::CrmUnavailable
                | Class::CrmTimeout
                | Class::CrmUnreachable
                | Class::SecretUnavailable
        )
    }
}

/// A failure on its way to the caller and to the log.
///
/// `message` is for the caller; `detail` is for the log and must hold neither secrets nor
/// personal data: statuses, names of fields, kinds of errors.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What kind of failure this is.
    pub class: Class,
    /// What the caller may read; may quote the CRM's own sentence.
    pub message: Cow<'static, str>,
    /// What the operator may read.
    pub detail: String,
    /// When another try makes sense, if that is known.
    pub retry_after: Option<Duration>,
    /// Whether something was already written to the CRM.
    pub written: bool,
    /// Whether the CRM refused what was sent: nothing happened, and another content may pass.
    pub refused: bool,
    /// The id of the record that stands in the way, for [`Class::Conflict`].
    pub existing_id: Option<String>,
    /// Whether `message` quotes the CRM.
    pub quotes_crm: bool,
    /// Whether that quotation is a sentence of the manifest's own, which names nobody.
    pub own_words: bool,
}

impl Failure {
    /// A failure with its class's own message.
    pub fn new(class: Class, detail: impl Into<String>) -> Self {
        Self {
            class,
            message: Cow::Borrowed(class.row().message),
            detail: detail.into(),
            retry_after: None,
            written: false,
            refused: false,
            existing_id: None,
            quotes_crm: false,
            own_words: false,
        }
    }

    /// The same failure with a message for the caller.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }

    /// The same failure, saying when another try makes sense.
    #[must_use]
    pub fn after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// The same failure, remembering that the CRM has been written to.
    #[must_use]
    pub fn having_written(mut self) -> Self {
        self.written = true;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class.row().code, self.detail)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_own_code_and_only_failure_statuses() {
        let mut codes: Vec<_> = Class::ALL.iter().map(|c| c.row().code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Class::ALL.len());
        for class in Class::ALL {
            for component in Component::ALL {
                let status = class.status(component);
                assert!((400..600).contains(&status), "{class:?} {component:?}");
            }
        }
    }

    #[test]
    fn the_validator_answers_401_to_everything_that_is_not_our_own_fault() {
        for class in Class::ALL {
            let status = class.status(Component::AuthValidation);
            let ours = matches!(class, Class::SecretUnusable | Class::SecretUnavailable | Class::Internal);
            let routing = matches!(class, Class::MethodNotAllowed | Class::NotOffered);
            assert_eq!(status == 401, !ours && !routing, "{class:?}");
        }
    }

    #[test]
    fn an_action_answers_400_to_whatever_the_crm_says() {
        for class in Class::ALL {
            let routing_or_ours = matches!(
                class,
                Class::CallerRefused
                    | Class::MethodNotAllowed
                    | Class::NotOffered
                    | Class::SecretUnusable
                    | Class::SecretUnavailable
                    | Class::Internal
            );
            if !routing_or_ours {
                assert_eq!(class.status(Component::Actions), 400, "{class:?}");
            }
        }
    }
}
