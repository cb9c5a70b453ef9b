//! Secrets Manager, played: it can be slow, refuse and fail, and counts who asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::asked::Asked;
use super::stub::{Fault, Reply, Stub};

/// A Secrets Manager of its own for one function.
pub struct Secrets {
    stub: Stub,
    stored: Arc<Mutex<HashMap<String, String>>>,
    trouble: Arc<Mutex<Option<Trouble>>>,
}

/// How Secrets Manager fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// On the wire.
    Wire(Fault),
    /// With a status and an error code of the API's own.
    Says(u16, &'static str),
}

impl Secrets {
    /// Starts it, empty.
    pub async fn start() -> Self {
        let (stored, trouble) = (Arc::new(Mutex::new(HashMap::new())), Arc::new(Mutex::new(None)));
        let (secrets, now) = (Arc::clone(&stored), Arc::clone(&trouble));
        let stub = Stub::start(move |asked| {
            let trouble: Option<Trouble> = *now.lock().expect("no test panics here");
            let secrets: &HashMap<String, String> = &secrets.lock().expect("no test panics here");
            let reply = match trouble {
                Some(Trouble::Wire(fault)) => Reply::raw(200, "{}").fault(fault),
                Some(Trouble::Says(status, code)) => error(status, code),
                None => answer(asked, secrets),
            };
            reply.header("content-type", "application/x-amz-json-1.1")
        })
        .await;
        Self { stub, stored, trouble }
    }

    /// Stores a secret.
    pub fn put(&self, name: &str, secret: &Value) {
        self.put_text(name, &secret.to_string());
    }

    /// Stores any text as a secret.
    pub fn put_text(&self, name: &str, secret: &str) {
        self.stored.lock().expect("no test panics here").insert(name.to_owned(), secret.to_owned());
    }

    /// Fails from now on, or no longer.
    pub fn fail(&self, trouble: Option<Trouble>) {
        *self.trouble.lock().expect("no test panics here") = trouble;
    }

    /// How often it was asked since the last time.
    pub fn asked(&self) -> usize {
        self.stub.take().len()
    }

    /// Where it is.
    pub fn url(&self) -> String {
        self.stub.url()
    }
}

fn answer(asked: &Asked, secrets: &HashMap<String, String>) -> Reply {
    let name = asked.json()["SecretId"].as_str().unwrap_or_default().to_owned();
    match secrets.get(&name) {
        Some(text) => {
            let version = "EXAMPLE1-90ab-cdef-fedc-ba987SECRET1";
            Reply::json(
                200,
                &json!({"ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:lab",
                "Name": name, "SecretString": text, "VersionId": version}),
            )
        }
        None => error(400, "ResourceNotFoundException"),
    }
}

fn error(status: u16, code: &str) -> Reply {
    Reply::json(status, &json!({"__type": code, "message": "as planned"}))
}
