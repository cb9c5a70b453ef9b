//! What the floors share: a client like the bridge's own, and the CRM's address.
//!
//! A floor is what somebody would write by hand for one CRM and one component, with the same libraries and
//! without any of the bridge's care. Figures of the bridge are ratios to it, measured in the same run.

pub mod page;

use lambda_http::{Error, Request};

/// The HTTP client of a floor: the TLS configuration of the bridge, nothing else.
///
/// # Errors
/// When the TLS configuration cannot be built.
pub fn client() -> Result<reqwest::Client, Error> {
    let tls = bridge::crm::client::tls()?;
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build()?)
}

/// The CRM's address: `CRM_BASE_URL`, as the bridge reads it.
///
/// # Errors
/// When the variable is not set.
pub fn crm() -> Result<String, Error> {
    Ok(std::env::var("CRM_BASE_URL")?)
}

/// Talkdesk's `auth` fields of a request.
///
/// # Errors
/// A body that is not JSON.
pub fn auth(event: &Request) -> Result<serde_json::Value, Error> {
    let body: serde_json::Value = serde_json::from_slice(event.body())?;
    Ok(body["auth"].clone())
}

/// A Secrets Manager client over the bridge's own kind of connection, with the keys and the region of the
/// environment, as a careful person would build it: the SDK's own search for credentials costs more.
///
/// # Errors
/// When no region is set.
pub fn secrets(version: aws_config::BehaviorVersion) -> Result<aws_sdk_secretsmanager::Client, Error> {
    use aws_config::environment::EnvironmentVariableCredentialsProvider;
    use aws_sdk_secretsmanager::config::{Region, SharedCredentialsProvider};
    let keys = SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new());
    let mut config = aws_config::SdkConfig::builder()
        .behavior_version(version)
        .credentials_provider(keys)
        .region(Region::new(std::env::var("AWS_REGION")?))
        .http_client(bridge::credentials::aws::http_client()?);
    if let Ok(url) = std::env::var("AWS_ENDPOINT_URL") {
        config = config.endpoint_url(url);
    }
    Ok(aws_sdk_secretsmanager::Client::new(&config.build()))
}
