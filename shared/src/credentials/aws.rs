//! AWS Secrets Manager through AWS's SDK. Built at the first use only: a manifest without secrets
//! never pays for it.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::BehaviorVersion;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use secrecy::SecretString;
use tokio::sync::OnceCell;
use url::Url;

use super::{SecretError, SecretStore};
use crate::crm::transport::BoxFuture;

/// Amazon Root CA 1 to 4 and Starfield Services G2, which every AWS endpoint chains to
/// (amazontrust.com/repository). Reading the system's roots would cost 2 ms at every cold start.
const ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// The store.
#[derive(Default)]
pub struct AwsSecrets {
    client: OnceCell<Client>,
    address: Option<Url>,
}

impl AwsSecrets {
    /// A store at an address of this machine; without one, AWS's own or what AWS's variables say.
    pub fn at(address: Option<Url>) -> Self {
        Self { client: OnceCell::new(), address }
    }

    async fn client(&self) -> &Client {
        self.client
            .get_or_init(|| async {
                let roots = TrustStore::empty().with_pem_certificate(ROOTS);
                let http = match TlsContext::builder().with_trust_store(roots).build() {
                    Ok(tls) => aws_smithy_http_client::Builder::new()
                        .tls_provider(Provider::Rustls(CryptoMode::Ring))
                        .tls_context(tls)
                        .build_https(),
                    Err(_) => aws_smithy_http_client::Builder::new()
                        .tls_provider(Provider::Rustls(CryptoMode::Ring))
                        .build_https(),
                };
                // Tries and their time are the cache's: one rule for every store.
                let mut config = aws_config::defaults(BehaviorVersion::latest())
                    .http_client(http)
                    .retry_config(RetryConfig::disabled());
                if let Some(address) = &self.address {
                    config = config.endpoint_url(address.as_str());
                }
                Client::new(&config.load().await)
            })
            .await
    }
}

impl SecretStore for AwsSecrets {
    fn fetch<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>> {
        Box::pin(async move {
            let answer = self.client().await.get_secret_value().secret_id(name).send().await;
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
