//! Floor: a validator for EspoCRM by hand, the key from Secrets Manager by AWS's SDK, then one call.

use aws_config::BehaviorVersion;
use lambda_http::{Body, Error, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (client, crm) = (bench::client()?, bench::crm()?);
    let secrets = bench::secrets(BehaviorVersion::latest())?;
    run(service_fn(move |event: Request| {
        let (client, secrets, url) = (client.clone(), secrets.clone(), format!("{crm}/api/v1/App/user"));
        async move {
            let auth = bench::auth(&event)?;
            let account = auth["account"].as_str().unwrap_or_default();
            let name = format!("talkdesk-bridge/espocrm/{account}");
            let secret = secrets.get_secret_value().secret_id(name).send().await?;
            let secret: serde_json::Value = serde_json::from_str(secret.secret_string().unwrap_or_default())?;
            let key = secret["api_key"].as_str().unwrap_or_default();
            let answer = client.get(url).header("x-api-key", key).send().await?;
            let status = if answer.status().is_success() { 200 } else { 401 };
            Ok::<_, Error>(Response::builder().status(status).body(Body::from("{}"))?)
        }
    }))
    .await
}
