//! AWS Secrets Manager through AWS's SDK, over the HTTP stack that the CRM is called with.
//!
//! A Lambda function has its keys and its region in its environment: the SDK's own search for them
//! (profiles, containers, instance metadata) costs a seventh of a start, and is the command line's only.

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{Region, SdkConfig};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::BehaviorVersion;
use aws_sdk_secretsmanager::config::SharedCredentialsProvider;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use secrecy::SecretString;
use url::Url;

use super::{SecretError, SecretStore};
use crate::clock::BoxFuture;

mod http;

pub use http::http_client;

/// The store.
pub struct AwsSecrets(Client);

impl AwsSecrets {
    /// A store with the keys and the region of a Lambda function's environment; at an address of this
    /// machine, else AWS's own or what AWS's variables say. Nothing is asked yet.
    ///
    /// # Errors
    /// When the TLS configuration cannot be built.
    pub fn of_function(
        address: Option<&Url>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        let keys = EnvironmentVariableCredentialsProvider::new();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http_client()?)
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .region(region.map(Region::new));
        let endpoint = address.map(ToString::to_string);
        let endpoint = endpoint.or_else(|| variable("AWS_ENDPOINT_URL_SECRETS_MANAGER"));
        config.set_endpoint_url(endpoint.or_else(|| variable("AWS_ENDPOINT_URL")));
        let told = |name: &str| variable(name).map(|value| value.eq_ignore_ascii_case("true"));
        config.set_use_fips(told("AWS_USE_FIPS_ENDPOINT"));
        config.set_use_dual_stack(told("AWS_USE_DUALSTACK_ENDPOINT"));
        Ok(Self::with(config.build()))
    }

    /// A store with another configuration; retries are not taken from it.
    pub fn with(config: SdkConfig) -> Self {
        // Tries and their time are the cache's: one rule for every store.
        Self(Client::new(&config.into_builder().retry_config(RetryConfig::disabled()).build()))
    }
}

impl SecretStore for AwsSecrets {
    fn fetch<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>> {
        Box::pin(async move {
            let answer = self.0.get_secret_value().secret_id(name).send().await;
            match answer {
                Ok(answer) => match answer.secret_string {
                    Some(text) => Ok(SecretString::from(text)),
                    None => Err(SecretError::Malformed("it is binary, not text".to_owned())),
                },
                Err(error) => Err(meaning(&error)),
            }
        })
    }
}

/// What an SDK error means; codes only, because messages may name things.
fn meaning(error: &SdkError<GetSecretValueError>) -> SecretError {
    match error {
        SdkError::ServiceError(service) => {
            let inner = service.err();
            let code = inner.meta().code().unwrap_or("unknown").to_owned();
            match code.as_str() {
                _ if inner.is_resource_not_found_exception() => SecretError::Missing,
                "AccessDeniedException"
                | "AccessDenied"
                | "UnrecognizedClientException"
                | "InvalidClientTokenId" => SecretError::Denied,
                _ if inner.is_decryption_failure() => SecretError::Denied,
                "InvalidRequestException" => SecretError::Malformed("it is marked for deletion".to_owned()),
                "ValidationException" | "InvalidParameterException" => SecretError::Missing,
                _ => SecretError::Unavailable(code),
            }
        }
        SdkError::TimeoutError(_) => SecretError::Unavailable("timeout".to_owned()),
        SdkError::DispatchFailure(_) => SecretError::Unavailable("no connection".to_owned()),
        SdkError::ConstructionFailure(_) => {
            SecretError::Unavailable("no credentials of the function".to_owned())
        }
        _ => SecretError::Unavailable("unreadable answer".to_owned()),
    }
}
