//! The inspector over the fixtures of every manifest: rows are found for what was delivered, and the people of
//! the fixtures are not on the page.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::crm::Transport;
use bridge::crm::transport::{Incoming, Outgoing, TransportError};
use bridge::lock::lock;
use bridge::manifest::Manifest;
use bridge::time::Moment;
use serde_json::Value;
use talkdesk_bridge::fixture::{Exchange, Fixture, Sent, read_all};
use talkdesk_bridge::replay::{Played, Stage, component};
use talkdesk_bridge::watch::inspect::Inspect;
use talkdesk_bridge::watch::mask::Mask;
use talkdesk_bridge::watch::{Conversation, Observer as _, Watched, collected};

/// A CRM that answers the exchanges of a turn: the one that fits best of those that were not asked yet.
#[derive(Default)]
struct Exchanges(Mutex<Vec<Exchange>>);

impl Transport for Exchanges {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let sent = Sent::of(&request);
        let mut left = lock(&self.0);
        let fit = |one: &Exchange| {
            let place = one.request.method == sent.method && one.request.url == sent.url;
            usize::from(place)
                * (4 + usize::from(one.request.query == sent.query)
                    + usize::from(one.request.body == sent.body))
        };
        let best = (0..left.len())
            .rev()
            .max_by_key(|index| fit(&left[*index]))
            .filter(|index| fit(&left[*index]) > 0);
        let answer = best.map(|index| left.remove(index).response);
        Box::pin(async move {
            let answer = answer.ok_or(TransportError::Broken)?;
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let headers =
                answer.headers.iter().map(|(name, value)| (name.to_lowercase(), text(value))).collect();
            let body = answer.body.as_ref().map_or_else(String::new, text);
            Ok(Incoming { status: answer.status, headers, body: body.into_bytes() })
        })
    }
}

/// Plays a fixture; gives back what the page gets of every turn.
async fn seen(manifest: &Arc<Manifest>, mask: Mask, fixture: &Fixture) -> Vec<Value> {
    let (component, path) = component(&fixture.component).unwrap();
    let crm = Arc::new(Exchanges::default());
    let stage = Stage::of(manifest, fixture, Arc::new(Watched(crm.clone()))).unwrap();
    let inspect = Inspect::new(manifest.clone(), mask, false);
    let mut before: Option<Played> = None;
    let mut entries = Vec::new();
    for (number, turn) in (1..).zip(&fixture.turns) {
        *lock(&crm.0) = turn.exchanges.clone();
        let (played, heard) = collected(stage.play(turn, before.as_ref())).await;
        let conversation = Conversation {
            component,
            path: path.clone(),
            request: played.request.clone(),
            begun: Moment::EPOCH,
            took: Duration::ZERO,
            calls: heard.calls,
            lines: heard.lines,
            status: played.status,
            answer: played.answer.clone(),
        };
        inspect.see(&conversation).await;
        entries.push(serde_json::from_str(&inspect.entry(number).unwrap()).unwrap());
        before = Some(played);
    }
    entries
}

/// Names and addresses that a fixture's turn answers; words of the manifest, and what stands for people in a
/// recorded fixture, are none.
fn people(answer: &Value, manifest: &str) -> Vec<String> {
    let lists =
        ["contacts", "agents"].into_iter().flat_map(|list| answer[list].as_array().into_iter().flatten());
    let texts = lists.flat_map(|one| {
        let emails = one["emails"].as_array().into_iter().flatten().chain([&one["name"], &one["email"]]);
        emails.filter_map(Value::as_str).map(str::to_lowercase).collect::<Vec<_>>()
    });
    let stand_in = regex::Regex::new(r"^(text \d+|person-\d+@example\.com)$").unwrap();
    let named = |text: &String| !manifest.contains(text.as_str()) && !stand_in.is_match(text);
    texts.filter(|text| text.contains([' ', '@']) && named(text)).collect()
}

#[tokio::test]
async fn every_record_of_every_manifests_fixtures_has_its_row_and_nobody_is_named() {
    let (mut records, mut without, mut named) = (0, Vec::new(), Vec::new());
    for name in Manifest::embedded_names() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests").join(name);
        let shipped = Arc::new(Manifest::read(&folder, None).unwrap());
        let files = Manifest::files(&folder).unwrap();
        let text: String = files.iter().map(|file| file.text.to_lowercase()).collect();
        for (file, fixture) in read_all(&folder).unwrap() {
            let manifest = fixture.manifest(&shipped).unwrap();
            let mask = Mask::of(&files, &manifest);
            let entries = seen(&manifest, mask, &fixture).await;
            for (entry, turn) in entries.iter().zip(&fixture.turns) {
                let told = entry.to_string().to_lowercase();
                named.extend(
                    people(&turn.expect.body, &text).into_iter().filter(|it| told.contains(it.as_str())),
                );
                for group in
                    entry["rows"].as_array().unwrap().iter().filter(|group| group["kind"] != "action")
                {
                    let rows = group["rows"].as_array().unwrap().iter();
                    let made: Vec<_> = rows.filter(|row| !row["made"].is_null()).collect();
                    records += made.len();
                    let alone = made.iter().filter(|row| row["row"].is_null()).count();
                    if alone > 0 {
                        without.push(format!("{file}: {alone} of {} {}", made.len(), group["kind"]));
                    }
                }
            }
        }
    }
    assert!(records > 200, "{records}");
    assert_eq!(without, Vec::<String>::new());
    assert_eq!(named, Vec::<String>::new());
}
