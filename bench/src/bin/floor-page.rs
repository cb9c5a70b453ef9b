//! Floor: one page of 200 HubSpot contacts by hand, typed, phone numbers in E.164 by the same library.

use lambda_http::{Body, Error, Request, Response, run, service_fn};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    results: Vec<Row<'a>>,
}

#[derive(Deserialize)]
struct Row<'a> {
    id: &'a str,
    #[serde(borrow)]
    properties: Properties<'a>,
    url: Option<&'a str>,
}

#[derive(Deserialize)]
struct Properties<'a> {
    firstname: Option<&'a str>,
    lastname: Option<&'a str>,
    company: Option<&'a str>,
    jobtitle: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    mobilephone: Option<&'a str>,
}

#[derive(Serialize)]
struct Contact<'a> {
    id: &'a str,
    name: String,
    company: Option<&'a str>,
    title: Option<&'a str>,
    emails: Vec<&'a str>,
    phones: Vec<String>,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Answer<'a> {
    synchronization_checkpoint: &'static str,
    contacts: Vec<Contact<'a>>,
}

fn e164(text: &str) -> String {
    match PHONE_NUMBER_UTIL.parse(text, None) {
        Ok(number) if PHONE_NUMBER_UTIL.is_valid_number(&number) => {
            PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned()
        }
        _ => text.to_owned(),
    }
}

fn contact<'a>(row: &Row<'a>) -> Contact<'a> {
    let p = &row.properties;
    let name: Vec<&str> = [p.firstname, p.lastname].into_iter().flatten().collect();
    Contact {
        id: row.id,
        name: name.join(" "),
        company: p.company,
        title: p.jobtitle,
        emails: p.email.into_iter().collect(),
        phones: [p.phone, p.mobilephone].into_iter().flatten().map(e164).collect(),
        url: row.url,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (client, crm) = (bench::client()?, bench::crm()?);
    run(service_fn(move |event: Request| {
        let (client, url) = (client.clone(), format!("{crm}/crm/objects/2026-03/contacts/search"));
        async move {
            let auth = bench::auth(&event)?;
            let token = auth["access_token"].as_str().unwrap_or_default();
            let body = r#"{"filterGroups":[],"limit":200}"#;
            let request = client.post(url).header("authorization", format!("Bearer {token}"));
            let bytes = request.header("content-type", "application/json").body(body).send().await?;
            let bytes = bytes.bytes().await?;
            let page: Page<'_> = serde_json::from_slice(&bytes)?;
            let contacts = page.results.iter().map(contact).collect();
            let answer = Answer { synchronization_checkpoint: "2026-11-22 11:00:00 UTC", contacts };
            Ok::<_, Error>(Response::new(Body::from(serde_json::to_string(&answer)?)))
        }
    }))
    .await
}
