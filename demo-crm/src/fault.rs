//! Faults on demand: which request meets which one. How they are played is in `front/play.rs`.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::lock::lock;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers with [`Fault::status`] and the error body that belongs to it.
    Status,
    /// Answers properly, [`Fault::millis`] later.
    Slow,
    /// Does not answer until the client gives up, at most two minutes.
    Hang,
    /// Promises the whole body in `Content-Length` and closes the connection half way.
    CutOff,
    /// Answers with a page for people, status 200 unless [`Fault::status`] says otherwise.
    Html,
    /// Answers with something that claims to be JSON, status 200 unless told otherwise.
    Garbage,
}

/// Whether the request still did its work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apply {
    /// Nothing was done.
    #[default]
    Before,
    /// The work was done, and the client cannot know.
    After,
}

/// A fault and the requests that meet it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Paths that begin with this meet the fault.
    pub path: String,
    /// Only this method, in capitals; every method when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// So many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// So many matching requests then meet the fault.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    pub kind: FaultKind,
    /// The status to answer with; mandatory for [`FaultKind::Status`].
    #[serde(default)]
    pub status: Option<u16>,
    /// Seconds for a `Retry-After` header.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// How much later a slow answer comes; mandatory for [`FaultKind::Slow`].
    #[serde(default)]
    pub millis: Option<u32>,
    /// Whether the request still did its work.
    #[serde(default)]
    pub apply: Apply,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// A fault that the next request to the path meets, once; the other fields are for the caller.
    pub fn new(path: &str, kind: FaultKind) -> Self {
        Self {
            path: path.to_owned(),
            method: None,
            skip: 0,
            times: 1,
            kind,
            status: None,
            retry_after: None,
            millis: None,
            apply: Apply::Before,
        }
    }

    /// What is wrong with the fault itself; a test with a mistyped fault must not pass.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        if !self.path.starts_with("/api/") {
            return Some("path: Must begin with /api/.");
        }
        if self.method.as_ref().is_some_and(|name| *name != name.to_uppercase()) {
            return Some("method: Must be in capitals.");
        }
        if self.times == 0 {
            return Some("times: Must be at least 1.");
        }
        let status = self.status;
        match self.kind {
            FaultKind::Status if !status.is_some_and(|code| (400..600).contains(&code)) => {
                Some("status: Must be from 400 to 599.")
            }
            FaultKind::Html | FaultKind::Garbage
                if status.is_some_and(|code| !(200..600).contains(&code)) =>
            {
                Some("status: Must be from 200 to 599.")
            }
            FaultKind::Slow | FaultKind::Hang | FaultKind::CutOff if status.is_some() => {
                Some("status: This kind keeps the real status.")
            }
            FaultKind::Slow if self.millis.is_none() => Some("millis: Mandatory for this kind."),
            kind if kind != FaultKind::Slow && self.millis.is_some() => {
                Some("millis: Only for the kind slow.")
            }
            _ => None,
        }
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        path.starts_with(&self.path) && self.method.as_deref().is_none_or(|wanted| wanted == method)
    }
}

/// The faults that wait for their requests, in the order in which they were asked for.
#[derive(Debug, Default)]
pub(crate) struct FaultQueue(Mutex<Vec<Fault>>);

impl FaultQueue {
    pub fn add(&self, faults: Vec<Fault>) {
        lock(&self.0).extend(faults);
    }

    pub fn clear(&self) {
        lock(&self.0).clear();
    }

    pub fn waiting(&self) -> Vec<Fault> {
        lock(&self.0).clone()
    }

    /// The fault that this request meets. A fault that still lets requests pass counts this one.
    pub fn take(&self, method: &str, path: &str) -> Option<Fault> {
        let mut faults = lock(&self.0);
        let mut met = None;
        for fault in faults.iter_mut().filter(|fault| fault.matches(method, path)) {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            fault.times -= 1;
            met = Some(fault.clone());
            break;
        }
        faults.retain(|fault| fault.times > 0);
        met
    }
}
