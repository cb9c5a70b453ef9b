//! The five built functions as one stack, and what Talkdesk keeps of a synchronization.

use std::collections::HashMap;

use bridge::contract::Component;
use serde_json::{Map, Value, json};

use crate::lambda::{LambdaFunction, Response, api_gateway_event, rest_event};
use crate::setup::function_binary;

/// Pages of one run at most, so that a run without an end fails.
const MOST_PAGES: usize = 1_000;

/// The five functions, each in an emulator of its own, with the same environment.
#[derive(Debug)]
pub struct Functions {
    functions: Vec<LambdaFunction>,
    auth: Value,
}

impl Functions {
    /// Builds and starts the functions. `auth` is what Talkdesk sends with every request.
    ///
    /// # Panics
    /// As [`LambdaFunction::start`].
    pub async fn start(env: &[(&str, &str)], auth: Value) -> Self {
        let mut functions = Vec::new();
        for component in Component::ALL {
            let binary = function_binary(component);
            functions.push(LambdaFunction::start(&binary, env, 30, 256).await);
        }
        Self { functions, auth }
    }

    /// The function of a component.
    pub fn of(&self, component: Component) -> &LambdaFunction {
        let index = Component::ALL.iter().position(|it| *it == component).expect("one of the five");
        &self.functions[index]
    }

    /// What Talkdesk sends as `auth`.
    pub fn auth(&self) -> &Value {
        &self.auth
    }

    /// The same `auth` with another value in one field.
    pub fn auth_with(&self, field: &str, value: &str) -> Value {
        let mut auth = self.auth.clone();
        auth[field] = json!(value);
        auth
    }

    /// Calls a component through an HTTP API; `action` names the action, else it is empty.
    ///
    /// # Panics
    /// As [`LambdaFunction::invoke`], and when the answer breaks the contract's common rules.
    pub async fn call(&self, component: Component, action: &str, meta: Value, data: Value) -> Response {
        self.call_as(&self.auth, component, action, meta, data).await
    }

    /// As [`Functions::call`], with another `auth`.
    ///
    /// # Panics
    /// As [`Functions::call`].
    pub async fn call_as(
        &self,
        auth: &Value,
        component: Component,
        action: &str,
        meta: Value,
        data: Value,
    ) -> Response {
        let event = api_gateway_event(&path(component, action), &request(auth, meta, data));
        json_response(self.of(component).invoke(&event).await)
    }

    /// As [`Functions::call`], through a REST API.
    ///
    /// # Panics
    /// As [`Functions::call`].
    pub async fn call_rest(&self, component: Component, action: &str, meta: Value, data: Value) -> Response {
        let event = rest_event(&path(component, action), &request(&self.auth, meta, data));
        json_response(self.of(component).invoke(&event).await)
    }

    /// Everything that the five functions printed.
    pub fn log(&self) -> String {
        self.functions.iter().map(LambdaFunction::log).collect()
    }

    /// Runs a contact synchronization to its end; `between` happens after every page but the last.
    ///
    /// # Panics
    /// When a page is not a 200 with contacts, or the run does not end.
    pub async fn sync(&self, kept: &mut Kept, mut between: impl AsyncFnMut()) -> usize {
        let (checkpoint, mut offset) = (kept.checkpoint.clone(), Value::Null);
        for pages in 1..=MOST_PAGES {
            let meta = json!({"synchronization_checkpoint": checkpoint, "offset": offset});
            let page = self.call(Component::Contacts, "", meta, Value::Null).await;
            assert_eq!(page.status, 200, "{}", page.text);
            kept.take(&page.body);
            match &page.body["next_offset"] {
                Value::Null => return pages,
                next => offset = next.clone(),
            }
            between().await;
        }
        panic!("no end after {MOST_PAGES} pages")
    }
}

/// What Talkdesk keeps of its synchronizations.
#[derive(Debug, Default)]
pub struct Kept {
    /// Contacts by id, each in the version that came last.
    pub contacts: HashMap<String, Value>,
    /// The last page's checkpoint.
    pub checkpoint: Option<String>,
    /// Contacts received, repetitions included.
    pub received: usize,
}

impl Kept {
    fn take(&mut self, page: &Value) {
        for contact in page["contacts"].as_array().expect("a page has contacts") {
            let id = contact["id"].as_str().expect("ids are texts");
            self.contacts.insert(id.to_owned(), contact.clone());
            self.received += 1;
        }
        let checkpoint = page["synchronization_checkpoint"].as_str();
        self.checkpoint = Some(checkpoint.expect("every page has a checkpoint").to_owned());
    }
}

fn path(component: Component, action: &str) -> String {
    component.path().replace("{name}", action)
}

fn request(auth: &Value, meta: Value, data: Value) -> Value {
    let mut body = Map::new();
    body.insert("auth".to_owned(), auth.clone());
    for (key, value) in [("meta", meta), ("data", data)] {
        if !value.is_null() {
            body.insert(key.to_owned(), value);
        }
    }
    Value::Object(body)
}

/// What holds for every answer.
fn json_response(response: Response) -> Response {
    assert_eq!(response.headers["content-type"], "application/json");
    assert!(response.body.is_object() || response.body.is_array(), "no JSON: {}", response.text);
    response
}
