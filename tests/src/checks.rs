//! What holds with every real CRM, as one check each.

use std::time::Duration;

use bridge::contract::Component;
use serde_json::{Value, json};

use crate::real_crm::{Differences, RealCrm, Stack};
use player::Kept;

/// A good account is let in; a wrong bridge key, a credential that the CRM refuses and an unknown account
/// are told apart, by every component. `action` is one that takes `{"note": …}`.
///
/// # Panics
/// When that is not so.
pub async fn credentials_are_checked<C: RealCrm>(stack: &Stack<C>, action: &str) {
    let functions = &stack.functions;
    let none = || Value::Null;
    let good = functions.call(Component::AuthValidation, "", none(), none()).await;
    assert_eq!((good.status, good.body), (200, json!({})));
    let good = functions.call_rest(Component::AuthValidation, "", none(), none()).await;
    assert_eq!((good.status, good.body), (200, json!({})));

    let stranger = functions.auth_with("bridge_key", "somebody-elses-key-9876543210");
    let expired = functions.auth_with("account", "expired");
    for component in Component::ALL {
        for (auth, code) in [(&stranger, "caller_refused"), (&expired, "credentials_refused")] {
            let (name, data) = match component {
                Component::Actions => (action, json!({"note": "x"})),
                _ => ("", json!({"contact_external_id": "1"})),
            };
            let meta = json!({"contact_external_id": "1"});
            let answer = functions.call_as(auth, component, name, meta, data).await;
            // An action's 401 would tell Talkdesk to renew an OAuth token; there is none here.
            let status =
                if component == Component::Actions && code == "credentials_refused" { 400 } else { 401 };
            assert_eq!(answer.body["error"]["code"], code, "{component:?}");
            assert_eq!(answer.status, status, "{component:?} {code}");
        }
    }
    let unknown = functions.auth_with("account", "nobody");
    let answer = functions.call_as(&unknown, Component::AuthValidation, "", none(), none()).await;
    assert_eq!((answer.status, &answer.body["error"]["code"]), (401, &json!("caller_refused")));
    let name = format!("talkdesk-bridge/{}/nobody", C::INTEGRATION);
    assert!(stack.secrets.get(&name).await.is_none());
}

/// The agents are exactly these, in this order, through both kinds of API.
///
/// # Panics
/// When they are others.
pub async fn agents_are<C: RealCrm>(stack: &Stack<C>, expected: &[Value]) {
    let meta = || json!({"offset": null});
    let functions = &stack.functions;
    for answer in [
        functions.call(Component::Agents, "", meta(), Value::Null).await,
        functions.call_rest(Component::Agents, "", meta(), Value::Null).await,
    ] {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body, json!({"agents": expected}));
    }
}

/// What nobody has: ids of nobody, wildcards of query languages, parts of addresses and numbers, a name alone. None
/// of it finds an interaction of these types, because an agent would see a stranger's history.
///
/// # Panics
/// When it does.
pub async fn nobody_is_found<C: RealCrm>(stack: &Stack<C>, kinds: &[&str]) {
    for nobody in [
        json!({"contact_external_id": "999999"}),
        json!({"contact_external_id": "not-a-number"}),
        json!({"contact_emails": ["%@example.com", "one_example.com", "contact1_example.com", "contact1%"]}),
        json!({"contact_emails": ["1@example.com", "contact1"]}),
        json!({"contact_phones": ["+14155559999", "+442079460000", "12"]}),
        json!({"contact_name": "Contact 0001"}),
    ] {
        for kind in kinds {
            assert!(stack.interactions(kind, &nobody).await.is_empty(), "{kind} {nobody}");
        }
    }
}

/// A first synchronization brings everything; a second one, right after it, nothing. Answers the pages of
/// the first one.
///
/// # Panics
/// When something is missing, old, or comes again.
pub async fn first_sync_is_complete<C: RealCrm>(stack: &Stack<C>, kept: &mut Kept) -> usize {
    let pages = stack.functions.sync(kept, async || {}).await;
    assert_eq!(stack.differences(kept).await, Differences::default());
    assert_eq!(kept.received, kept.contacts.len(), "nothing came twice");
    // So that what was changed by then is older than `settle` and the next run has to be precise.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let quiet = &mut Kept { checkpoint: kept.checkpoint.clone(), ..Kept::default() };
    stack.functions.sync(quiet, async || {}).await;
    assert_eq!(quiet.received, 0, "nothing changed");
    kept.checkpoint.clone_from(&quiet.checkpoint);
    pages
}

/// The next synchronization brings so many contacts, and Talkdesk knows everything then.
///
/// # Panics
/// When it brings more or less, or something is missing or old.
pub async fn next_sync_brings<C: RealCrm>(stack: &Stack<C>, kept: &mut Kept, contacts: usize) {
    let before = kept.received;
    stack.functions.sync(kept, async || {}).await;
    assert_eq!(kept.received - before, contacts, "only what changed");
    assert_eq!(stack.differences(kept).await, Differences::default());
}

/// Pages of a run at most that are followed by changes. Where as much changes between two pages as a page
/// holds, a run that reads in the order of the changes has no end until it is quiet.
const BUSY_PAGES: usize = 25;

/// Several synchronizations with twenty changes between any two pages: nothing is lost, nothing stale.
/// After each comes a quiet one, so that no later change of the same contact hides a loss.
/// `change` makes the n-th change.
///
/// # Panics
/// When something is lost or stale.
#[allow(clippy::print_stdout, reason = "how much was tried, for who runs it with --nocapture")]
pub async fn changes_between_pages_are_not_lost<C: RealCrm>(
    stack: &Stack<C>,
    runs: usize,
    mut change: impl AsyncFnMut(&C, usize),
) {
    let (mut kept, mut changes, mut pages) = (Kept::default(), 0, 0);
    let (mut lost, mut stale) = (Vec::new(), Vec::new());
    let mut twenty = async || {
        for _ in 0..20 {
            change(&stack.crm, changes).await;
            changes += 1;
        }
    };
    for _ in 0..runs {
        let mut busy = 0..BUSY_PAGES;
        let between = async || {
            if busy.next().is_some() {
                twenty().await;
            }
        };
        pages += stack.functions.sync(&mut kept, between).await;
        stack.functions.sync(&mut kept, async || {}).await;
        let found = stack.differences(&kept).await;
        lost.extend(found.lost);
        stale.extend(found.stale);
        for _ in 0..5 {
            twenty().await;
        }
    }
    println!(
        "{}: {changes} changes, {pages} pages, {} contacts received: lost={} stale={}",
        C::INTEGRATION,
        kept.received,
        lost.len(),
        stale.len()
    );
    assert!(lost.is_empty() && stale.is_empty(), "lost {lost:#?}, stale {stale:#?}");
}
