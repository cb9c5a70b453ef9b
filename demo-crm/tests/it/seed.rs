use demo_crm::{Database, DemoCrm, Kind, Options};

use crate::client::Crm;

#[tokio::test]
async fn the_same_seed_holds_the_same_and_another_one_something_else() {
    let held = async |seed| {
        let crm = DemoCrm::start(Options { seed, ..Options::default() }).await.unwrap();
        crm.control().contacts().unwrap()
    };
    assert_eq!(held(1).await, held(1).await);
    assert_ne!(held(1).await, held(2).await);
}

#[tokio::test]
async fn the_default_seed_is_awkward_and_older_than_now() {
    let crm = Crm::start().await;
    let held = crm.server.control().contacts().unwrap();
    assert_eq!(held.len(), 300);
    let count =
        |wanted: fn(&demo_crm::HeldContact) -> bool| held.iter().filter(|contact| wanted(contact)).count();
    assert!(count(|contact| contact.kind == Kind::Supplier) > 10);
    assert!(count(|contact| contact.archived) > 5);
    assert!(count(|contact| contact.last_name.is_none()) > 10);
    assert!(count(|contact| contact.email.as_deref() == Some("")) > 1);
    assert!(count(|contact| contact.last_name.as_ref().is_some_and(|name| !name.is_ascii())) > 20);
    assert_eq!(count(|contact| contact.revision > 0 || !contact.visible), 0);
    let newest = held.iter().map(|contact| contact.updated_at_us).max().unwrap();
    assert!(newest < 1_767_225_600_000_000, "newer than 2025");
}

#[tokio::test]
async fn a_file_is_used_again_as_it_was_left() {
    let file = std::env::temp_dir().join(format!("demo-crm-{}.sqlite", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let start = async |contacts| {
        let database = Database::File(file.clone());
        DemoCrm::start(Options { contacts, database, ..Options::default() }).await.unwrap()
    };
    let first = start(20).await;
    first.control().burst(1).unwrap();
    let left = first.control().contacts().unwrap();
    first.stop().await;
    assert_eq!(start(99).await.control().contacts().unwrap(), left);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
}

#[tokio::test]
async fn a_large_bucket_with_one_stamp_can_be_walked_by_id() {
    let crm = Crm::with(12_000).await;
    crm.server.control().burst(7_000).unwrap();
    let held = crm.server.control().contacts().unwrap();
    let bucket: Vec<i64> =
        held.iter().filter(|contact| contact.revision > 0).map(|contact| contact.id).collect();
    let (mut walked, mut after) = (Vec::new(), 0);
    loop {
        let query = format!("updated_from=2026-01-01T00:00:00Z&sort=id&limit=200&id_after={after}");
        let answer = crm.get(&format!("/api/v1/contacts?{query}")).await;
        walked.extend(crate::client::ids(&answer));
        match walked.last() {
            Some(last) if answer.json()["has_more"] == true => after = *last,
            _ => break,
        }
    }
    assert_eq!(walked, bucket);
}
