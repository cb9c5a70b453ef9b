//! Whoever writes a wrong `Date` (a proxy, a CRM) must not move Talkdesk's checkpoint past contacts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge::contract::Component;
use bridge::time::Moment;
use end_to_end::lab::{Asked, Lab, Reply};
use serde_json::{Value, json};

use super::crm::{contact, page};

type Rows = Arc<Mutex<Vec<(u64, Moment)>>>;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn no_date_header_makes_a_sync_lose_contacts() {
    let year_9999 = "Fri, 31 Dec 9999 23:59:59 GMT".to_owned();
    let header = |moment: Moment| moment.calendar().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let now = Moment::now();
    let dates = [
        None,
        Some(header(now.plus(Duration::from_secs(125)))),
        Some(header(now.plus(HOUR))),
        Some(header(now.minus(HOUR))),
        Some(year_9999),
        Some("nonsense".to_owned()),
    ];
    for date in dates {
        let rows: Rows = Arc::default();
        // A quarter of an hour old: settled by every clock that is right.
        let old = Moment::now().minus(Duration::from_secs(900));
        rows.lock().unwrap().extend((1..=20).map(|id| (id, old)));
        let (there, stamp) = (Arc::clone(&rows), date.clone());
        let lab = Lab::of("demo", Component::Contacts)
            .start(move |asked| {
                let reply = Reply::json(200, &answer(asked, &there.lock().unwrap()));
                if let Some(date) = &stamp { reply.header("date", date) } else { reply }
            })
            .await;
        let (mut found, mut checkpoint) = (Vec::new(), Value::Null);
        sync(&lab, &mut found, &mut checkpoint).await;
        assert_eq!(found.len(), 20, "{date:?}");
        rows.lock().unwrap().extend((21..=30).map(|id| (id, Moment::now())));
        sync(&lab, &mut found, &mut checkpoint).await;
        sync(&lab, &mut found, &mut checkpoint).await;
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 30, "{date:?}: checkpoint {checkpoint}");
    }
}

#[tokio::test]
async fn a_checkpoint_from_the_future_passes_over_nothing_silently() {
    let rows: Rows = Arc::default();
    rows.lock().unwrap().push((1, Moment::now()));
    let there = Arc::clone(&rows);
    let lab = Lab::of("demo", Component::Contacts)
        .start(move |asked| Reply::json(200, &answer(asked, &there.lock().unwrap())))
        .await;
    let meta = json!({"synchronization_checkpoint": "9999-12-31 23:57:53 UTC"});
    let answer = lab.ask(meta, Value::Null).await.expect("the function lives");
    assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!("bad_checkpoint")));
    assert!(answer.text.contains("initial synchronization"), "it says what to do: {}", answer.text);
    let (mut found, mut checkpoint) = (Vec::new(), Value::Null);
    sync(&lab, &mut found, &mut checkpoint).await;
    assert_eq!(found, [1], "{checkpoint}");
}

/// One run, following the offsets.
async fn sync(lab: &Lab, found: &mut Vec<u64>, checkpoint: &mut Value) {
    let (begun, mut offset) = (checkpoint.clone(), Value::Null);
    for _ in 0..20 {
        let meta = json!({"synchronization_checkpoint": begun, "offset": offset});
        let answer = lab.ask(meta, Value::Null).await.expect("the function lives");
        assert_eq!(answer.status, 200, "{}", answer.text);
        let contacts = answer.body["contacts"].as_array().unwrap();
        found.extend(contacts.iter().map(|it| it["id"].as_str().unwrap().parse::<u64>().unwrap()));
        *checkpoint = answer.body["synchronization_checkpoint"].clone();
        offset = answer.body["next_offset"].clone();
        if offset.is_null() {
            return;
        }
    }
    panic!("no end after 20 pages");
}

fn answer(asked: &Asked, rows: &[(u64, Moment)]) -> Value {
    let bound = |name| asked.query(name).and_then(|text| Moment::parse(&text));
    let from = bound("updated_from").unwrap_or(Moment::EPOCH);
    let after = asked.query("id_after").and_then(|id| id.parse::<u64>().ok()).unwrap_or(0);
    let mut rows: Vec<_> = rows.iter().filter(|row| row.1 >= from && row.0 > after).collect();
    if let Some(to) = bound("updated_before") {
        rows.retain(|row| row.1 < to);
    }
    rows.sort_by_key(|row| (row.1.micros(), row.0));
    page(&rows.iter().map(|row| contact(row.0, &row.1.iso_us())).collect::<Vec<_>>())
}
