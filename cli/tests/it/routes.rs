//! Methods, paths, bodies and keys.

use bridge::contract::Component;
use serde_json::{Value, json};

use crate::world::World;

async fn raw(world: &World, method: &str, path: &str, body: &[u8]) -> (u16, String, Value, String) {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(bridge::crm::client::tls().unwrap())
        .build()
        .unwrap();
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let response = client
        .request(method, format!("{}{path}", world.server.url()))
        .body(body.to_vec())
        .send()
        .await
        .unwrap();
    let header = |name: &str| {
        response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
    };
    let (status, content_type, allow) = (response.status().as_u16(), header("content-type"), header("allow"));
    let body = response.json().await.unwrap_or(Value::Null);
    (status, content_type, body, allow)
}

fn paths() -> Vec<(Component, String)> {
    Component::ALL.into_iter().map(|c| (c, c.path_of("create_ticket"))).collect()
}

#[tokio::test]
async fn methods_other_than_post_are_405_with_allow() {
    let world = World::start().await;
    for (_, path) in paths() {
        for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"] {
            let (status, content_type, body, allow) = raw(&world, method, &path, b"").await;
            assert_eq!((status, allow.as_str()), (405, "POST"), "{method} {path}");
            assert_eq!(content_type, "application/json");
            assert_eq!(body["error"]["code"], "method_not_allowed");
        }
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_400_and_401_for_the_validator() {
    let world = World::start().await;
    let deep = "[".repeat(100_000);
    let bodies: [&[u8]; 9] = [
        b"",
        b"garbage",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{\"auth\": []}",
        b"{\"auth\": {\"account\": {}}}",
        b"{",
        deep.as_bytes(),
    ];
    for (component, path) in paths() {
        for body in bodies {
            let (status, content_type, answer, _) = raw(&world, "POST", &path, body).await;
            let expected = if component == Component::AuthValidation { 401 } else { 400 };
            assert_eq!(status, expected, "{path} {}", String::from_utf8_lossy(&body[..body.len().min(30)]));
            assert_eq!(content_type, "application/json");
            assert!(answer["error"]["request_id"].is_string(), "{answer}");
            assert_eq!(answer["message"].is_string(), component == Component::Actions, "{answer}");
        }
    }
}

#[tokio::test]
async fn a_missing_or_wrong_caller_key_is_401_everywhere_and_the_crm_is_not_asked() {
    let world = World::start().await;
    for component in Component::ALL {
        for key in ["wrong-key-wrong-key", "", "demo-bridge-key-012345678"] {
            let stranger = world.player.with_auth("bridge_key", key);
            let reply = stranger.call(component, "create_ticket", json!({}), json!({})).await.unwrap();
            assert_eq!(reply.status, 401, "{component:?} {key}");
            assert_eq!(reply.body["error"]["code"], "caller_refused");
        }
        let other = world.player.with_auth("account", "../../other");
        assert_eq!(other.call(component, "create_ticket", json!({}), json!({})).await.unwrap().status, 401);
    }
    assert!(world.control().requests().is_empty());
}

#[tokio::test]
async fn unknown_actions_and_paths_are_404_in_json() {
    let world = World::start().await;
    let reply = world.act("launch_rocket", json!({}), json!({})).await;
    assert_eq!((reply.status, reply.body["error"]["code"].as_str()), (404, Some("not_offered")));
    assert!(reply.body["message"].is_string());
    let (status, content_type, _, _) = raw(&world, "POST", "/nothing", b"{}").await;
    assert_eq!((status, content_type.as_str()), (404, "application/json"));
}

#[tokio::test]
async fn a_stage_in_front_of_the_path_and_a_slash_behind_it_do_not_matter() {
    let world = World::start().await;
    let body = json!({"auth": {"account": "acme", "bridge_key": crate::world::KEY}}).to_string();
    for path in ["/prod/agent_sync", "/agent_sync/", "/a/b/agent_sync"] {
        assert_eq!(raw(&world, "POST", path, body.as_bytes()).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn a_component_that_the_manifest_lacks_is_404() {
    let world = World::with_overlay("agents: null\n").await;
    let reply = world.call(Component::Agents, json!({}), Value::Null).await;
    assert_eq!((reply.status, reply.body["error"]["code"].as_str()), (404, Some("not_offered")));
}

#[tokio::test]
async fn the_validator_answers_an_empty_object_and_nothing_that_talkdesk_would_store() {
    let world = World::start().await;
    let reply = world.call(Component::AuthValidation, Value::Null, Value::Null).await;
    assert_eq!((reply.status, reply.body), (200, json!({})));
}
