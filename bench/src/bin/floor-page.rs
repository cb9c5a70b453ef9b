//! Floor: one page of 200 HubSpot contacts by hand, typed, phone numbers in E.164 by the same library.

use bench::page::{answer, e164};
use lambda_http::{Body, Error, Request, Response, run, service_fn};

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
            let page = bytes.bytes().await?;
            Ok::<_, Error>(Response::new(Body::from(answer(&page, e164)?)))
        }
    }))
    .await
}
