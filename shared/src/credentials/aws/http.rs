//! The SDK's requests over `reqwest`: no second HTTP client and no HTTP/2 in the functions.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use rustls::pki_types::TrustAnchor;

use crate::crm::client::{builder, tls_with};

/// Amazon Root CA 1 to 4 and Starfield Services G2, which every AWS endpoint chains to
/// (amazontrust.com/repository), by a part of their names.
const ROOTS: [&str; 2] = ["Amazon Root CA", "Starfield Services Root Certificate Authority - G2"];
/// The longest that a connection may take; the cache gives up a try after two seconds.
const CONNECT: Duration = Duration::from_secs(2);

fn roots() -> Vec<TrustAnchor<'static>> {
    let named = |subject: &[u8], name: &str| subject.windows(name.len()).any(|part| part == name.as_bytes());
    let ours = |anchor: &&TrustAnchor<'_>| ROOTS.iter().any(|name| named(&anchor.subject, name));
    webpki_roots::TLS_SERVER_ROOTS.iter().filter(ours).cloned().collect()
}

/// The HTTP client of the SDK: TLS as for the CRM, with AWS's roots only, no proxy and no redirects.
///
/// # Errors
/// When the TLS configuration cannot be built.
pub fn http_client() -> Result<SharedHttpClient, String> {
    let client = builder(tls_with(roots())?).connect_timeout(CONNECT).build().map_err(|e| e.to_string())?;
    let connector = SharedHttpConnector::new(Connector(Arc::new(client)));
    Ok(http_client_fn(move |_, _| connector.clone()))
}

#[derive(Clone, Debug)]
struct Connector(Arc<reqwest::Client>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move { exchange(&client, &request).await })
    }
}

/// One exchange; Secrets Manager's questions and answers are short texts.
async fn exchange(client: &reqwest::Client, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let method = reqwest::Method::from_bytes(request.method().as_bytes());
    let method = method.map_err(|e| ConnectorError::user(e.into()))?;
    let mut outgoing = client.request(method, request.uri());
    for (name, value) in request.headers() {
        outgoing = outgoing.header(name, value);
    }
    let answer = outgoing.body(request.body().bytes().unwrap_or_default().to_vec()).send().await;
    let answer = answer.map_err(failed)?;
    let status = answer.status();
    let headers = answer.headers().clone();
    let body = SdkBody::from(answer.bytes().await.map_err(failed)?.to_vec());
    let status = StatusCode::try_from(status.as_u16()).map_err(|e| ConnectorError::other(e.into(), None))?;
    let mut response = HttpResponse::new(status, body);
    for (name, value) in &headers {
        if let Ok(value) = value.to_str() {
            response.headers_mut().append(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(response)
}

/// A failure without its address.
fn failed(error: reqwest::Error) -> ConnectorError {
    let error = error.without_url();
    if error.is_timeout() { ConnectorError::timeout(error.into()) } else { ConnectorError::io(error.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_five_of_awss_roots_are_trusted_and_no_other() {
        assert_eq!(roots().len(), 5);
    }
}
