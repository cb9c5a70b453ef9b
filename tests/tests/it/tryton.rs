//! The built functions against a real CRM: Tryton, with its key in (moto's) Secrets Manager.

use bridge::contract::Component;
use end_to_end::{Contact, Kept, Stack, Tryton, checks};
use serde_json::{Value, json};

const WEB: &str = Tryton::WEB_CLIENT;

async fn contact_of(crm: &Tryton, id: &Value) -> Contact {
    let id = id.as_str().expect("ids are texts").parse().expect("Tryton's ids are numbers");
    crm.contact(id).await.expect("the contact is in the CRM")
}

#[tokio::test]
async fn credentials_are_checked_by_the_crm_itself() {
    let stack = Stack::<Tryton>::start().await;
    checks::credentials_are_checked(&stack, "add_note").await;
    assert_eq!(stack.crm.notes(1).await.len(), 2, "nobody wrote anything");
}

#[tokio::test]
async fn agents_are_the_users_with_an_email() {
    let stack = Stack::<Tryton>::start().await;
    let mut expected: Vec<Value> = Vec::new();
    for agent in stack.crm.agents().await.into_iter().filter(|agent| agent.active) {
        if let Some(email) = agent.email {
            let name = agent.name.unwrap_or(agent.login);
            expected.push(json!({"id": agent.id.to_string(), "name": name, "email": email}));
        }
    }
    assert_eq!(expected.len(), 21);
    checks::agents_are(&stack, &expected).await;
}

#[tokio::test]
async fn notes_are_found_by_id_by_email_and_by_phone() {
    let stack = Stack::<Tryton>::start().await;
    let functions = &stack.functions;
    let id = stack.crm.create_contact("Ada", &["Ada.L_100%@Example.com"], &["+44 20 7946 0958"]).await;
    stack.crm.create_contact("Not Ada", &["Ada.LX100%@Example.com"], &[]).await;
    let note = stack.crm.add_note(id, "Asked about\nthe invoice.").await;
    let identities = [
        json!({"contact_external_id": id.to_string()}),
        json!({"contact_emails": ["unknown@example.com", "ada.l_100%@example.com"]}),
        json!({"contact_phones": ["+44 (20) 7946-0958"]}),
        json!({"contact_emails": ["unknown@example.com"], "contact_phones": ["+442079460958"]}),
        json!({"contact_phones": ["020 7946 0958"]}),
    ];
    for identity in identities {
        for rest in [false, true] {
            let meta = json!({"interaction_types": ["note"]});
            let answer = match rest {
                false => functions.call(Component::Interactions, "", meta, identity.clone()).await,
                true => functions.call_rest(Component::Interactions, "", meta, identity.clone()).await,
            };
            assert_eq!(answer.status, 200, "{identity}: {}", answer.text);
            let found = answer.body.as_array().unwrap();
            assert_eq!(found.len(), 1, "{identity}");
            assert_eq!(found[0]["id"], note.to_string());
            assert_eq!(found[0]["subject"], "Asked about the invoice.");
            assert_eq!(found[0]["description"], "Asked about\nthe invoice.");
            assert_eq!(found[0]["url"], format!("{WEB}/model/party.party/{id}"));
        }
    }
    checks::nobody_is_found(&stack, &["note"]).await;
    for nobody in [
        // The signs of its patterns, and a way to escape them, in the address of somebody who is there.
        json!({"contact_emails": ["ada.l%@example.com", "ada.l\\_100%@example.com"]}),
        json!({"contact_name": "Ada"}),
    ] {
        assert!(stack.interactions("note", &nobody).await.is_empty(), "{nobody}");
    }
}

#[tokio::test]
async fn actions_write_what_they_say() {
    let stack = Stack::<Tryton>::start().await;
    let (crm, functions) = (&stack.crm, &stack.functions);
    let meta = || json!({"contact_external_id": "7", "agent_external_id": "2"});

    let data = json!({"note": "Olá \"mundo\" <b>\n🙂"});
    let note = functions.call(Component::Actions, "add_note", meta(), data).await;
    assert_eq!((note.status, &note.body["message"]), (201, &json!("Note added")));
    let data = json!({"direction": "inbound", "seconds": "75", "summary": "Wants a call back."});
    let call = functions.call_rest(Component::Actions, "log_call", meta(), data).await;
    assert_eq!(call.status, 201, "{}", call.text);
    assert_eq!(crm.notes(7).await, ["Olá \"mundo\" <b>\n🙂", "Incoming call\n75 s\nWants a call back."]);
    let shown =
        functions.call(Component::Interactions, "", Value::Null, json!({"contact_external_id": "7"})).await;
    let ids: Vec<&Value> = shown.body.as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, [&call.body["external_id"], &note.body["external_id"]], "newest first");

    let data = json!({"name": "Grace Hopper", "email": "grace@example.com", "phone": "+1 212 555 0123"});
    let created = functions.call(Component::Actions, "create_contact", meta(), data.clone()).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let contact = contact_of(crm, &created.body["contact_external_id"]).await;
    assert_eq!(contact.name.as_deref(), Some("Grace Hopper"));
    assert_eq!(contact.emails, ["grace@example.com"]);
    assert_eq!(contact.phones, ["+12125550123"]);
    assert_eq!(created.body["contact_external_url"], format!("{WEB}/model/party.party/{}", contact.id));

    let before = crm.contacts().await.len();
    let mut again = data;
    again["email"] = json!("GRACE@example.com");
    let again = functions.call(Component::Actions, "create_contact", meta(), again).await;
    assert_eq!((again.status, &again.body["message"]), (201, &json!("The contact exists already")));
    assert_eq!(again.body["contact_external_id"], created.body["contact_external_id"]);
    assert_eq!(crm.contacts().await.len(), before);

    let wrong = json!({"name": "Nobody", "phone": "12"});
    let refused = functions.call(Component::Actions, "create_contact", meta(), wrong).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.body["message"], "The phone number \"12\" for party \"Nobody\" is not valid.");
    let missing = functions.call(Component::Actions, "create_contact", meta(), json!({"name": " "})).await;
    assert_eq!((missing.status, &missing.body["message"]), (400, &json!("Please fill in: Name.")));
    for id in ["999999", "not-a-number", "7,party.address"] {
        let meta = json!({"contact_external_id": id});
        let stray = functions.call(Component::Actions, "add_note", meta, json!({"note": "stray"})).await;
        assert_eq!(stray.status, 400, "{id}: {}", stray.text);
        assert_eq!(stray.body["error"]["code"], "not_found", "{id}");
    }
    assert_eq!(crm.contacts().await.len(), before);
}

#[tokio::test]
async fn contacts_come_completely_and_then_what_changed() {
    let stack = Stack::<Tryton>::with_small_pages().await;
    let (crm, functions) = (&stack.crm, &stack.functions);
    let mut kept = Kept::default();
    let pages = checks::first_sync_is_complete(&stack, &mut kept).await;
    assert_eq!((pages, kept.received), (16, 309));
    let two = &kept.contacts["2"];
    assert_eq!(two["address"], "2 Market Street, San Francisco, United States");
    assert_eq!(two["url"], format!("{WEB}/model/party.party/2"));
    assert_eq!(kept.contacts["5"]["websites"], json!(["https://contact0005.example.com"]));

    crm.rename_contact(3, "Renamed").await;
    let phone = crm.add_phone(10, "+1 415 555 8001").await;
    crm.add_phone(12, "+1 415 555 8002").await;
    crm.change_mechanism(phone, "+1 415 555 8003").await;
    let mechanisms = json!([["party", "=", 14], ["type", "=", "phone"]]);
    let silenced = crm.search("party.contact_mechanism", &["value"], &mechanisms, 1).await;
    crm.archive_mechanism(silenced[0]["id"].as_i64().unwrap()).await;
    let new = crm.create_contact("New", &["new@example.com"], &["+351 912 345 678"]).await;
    crm.archive(20).await;

    let changed = ["3", "10", "12", "14", &new.to_string()].map(str::to_owned);
    checks::next_sync_brings(&stack, &mut kept, changed.len()).await;
    assert_eq!(kept.contacts["10"]["phones"], json!(["+14155550010", "+14155558003"]));
    assert_eq!(kept.contacts["14"]["phones"], json!([]));

    let mut from_scratch = Kept::default();
    functions.sync(&mut from_scratch, async || {}).await;
    assert_eq!(from_scratch.received, 309, "one new, one archived");
}

#[tokio::test]
async fn changes_between_pages_are_not_lost() {
    let stack = Stack::<Tryton>::with_small_pages().await;
    let mut churn = Churn::new(&stack.crm).await;
    checks::changes_between_pages_are_not_lost(&stack, 10, async |crm, n| churn.change(crm, n).await).await;
}

/// What users of the CRM do meanwhile: every kind of change, a different contact each time.
struct Churn {
    contacts: Vec<i64>,
    phones: Vec<i64>,
}

impl Churn {
    async fn new(crm: &Tryton) -> Self {
        let contacts = crm.contacts().await.into_iter().filter(|it| it.active).map(|it| it.id).collect();
        let phones = json!([["type", "=", "phone"]]);
        let phones = crm.search_all("party.contact_mechanism", &["value"], &phones).await;
        let phones = phones.iter().filter_map(|row| row["id"].as_i64()).collect();
        Self { contacts, phones }
    }

    /// The n-th change.
    async fn change(&mut self, crm: &Tryton, n: usize) {
        // Steps that are coprime with the numbers of rows reach all of them in a mixed order.
        let row = n * 67 % self.contacts.len();
        let contact = self.contacts[row];
        let place = n * 61 % self.phones.len();
        let phone = self.phones[place];
        let number = format!("+1 212 55{} {:04}", n / 10_000 % 10, n % 10_000);
        match n % 20 {
            0 => self.contacts.push(crm.create_contact(&format!("New {n}"), &[], &[&number]).await),
            5 => self.phones.push(crm.add_phone(contact, &number).await),
            // Rows that leave: whoever pages by offset skips one for each.
            15 => crm.archive(self.contacts.swap_remove(row)).await,
            10 => crm.archive_mechanism(self.phones.swap_remove(place)).await,
            1 | 3 | 7 | 9 | 11 | 13 | 17 | 19 => crm.change_mechanism(phone, &number).await,
            _ => crm.rename_contact(contact, &format!("Renamed {n}")).await,
        }
    }
}
