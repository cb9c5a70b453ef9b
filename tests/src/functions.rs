//! The five built functions as one stack.

use std::time::Instant;

use bridge::contract::Component;
use bridge::gateway::route;
use player::{Endpoint, Kept, Player, Reply, Run};
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
        let event = api_gateway_event(&component.path_of(action), &request(auth, meta, data));
        json_response(self.of(component).invoke(&event).await)
    }

    /// As [`Functions::call`], through a REST API.
    ///
    /// # Panics
    /// As [`Functions::call`].
    pub async fn call_rest(&self, component: Component, action: &str, meta: Value, data: Value) -> Response {
        let event = rest_event(&component.path_of(action), &request(&self.auth, meta, data));
        json_response(self.of(component).invoke(&event).await)
    }

    /// Everything that the five functions printed.
    pub fn log(&self) -> String {
        self.functions.iter().map(LambdaFunction::log).collect()
    }

    /// Runs a contact synchronization to its end; `between` happens after every page but the last. Answers how many
    /// pages there were.
    ///
    /// # Panics
    /// When a page is not a 200 with contacts, or the run does not end.
    pub async fn sync(&self, kept: &mut Kept, mut between: impl AsyncFnMut()) -> usize {
        let player = Player::of(self, fields(&self.auth));
        let after = async |run: &Run| {
            if !run.ended {
                between().await;
            }
        };
        let run = player.sync_beside(kept, MOST_PAGES, after).await.unwrap_or_else(|why| panic!("{why}"));
        assert!(run.ended, "no end after {MOST_PAGES} pages");
        assert!(kept.checkpoint.is_some(), "every page has a checkpoint");
        run.pages
    }
}

impl Endpoint for Functions {
    async fn send(&self, method: &str, path: &str, body: &str) -> Result<Reply, String> {
        let component = route::component(path).ok_or_else(|| format!("{path}: no function has it"))?;
        assert_eq!(method, "POST", "Talkdesk sends nothing else");
        let begun = Instant::now();
        let body = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let response = json_response(self.of(component).invoke(&api_gateway_event(path, &body)).await);
        let Response { status, headers, body, .. } = response;
        Ok(Reply { status, headers, body, took: begun.elapsed() })
    }
}

fn request(auth: &Value, meta: Value, data: Value) -> Value {
    player::request(&fields(auth), meta, data)
}

fn fields(auth: &Value) -> Map<String, Value> {
    auth.as_object().cloned().expect("auth is an object")
}

/// What holds for every answer.
fn json_response(response: Response) -> Response {
    assert_eq!(response.headers["content-type"], "application/json");
    assert!(response.body.is_object() || response.body.is_array(), "no JSON: {}", response.text);
    response
}
