//! AWS Lambda's side: API Gateway events, v1 and v2, in and out of the gateway.

use std::net::IpAddr;
use std::sync::Arc;

use lambda_http::http::Response;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Error, Request, RequestExt, service_fn};

use super::{Bridge, HttpRequest, HttpResponse};
use crate::config::Settings;
use crate::contract::Component;
use crate::telemetry::{self, Style};
use crate::time::Moment;

/// Runs one component as a Lambda function: what every function's `main` calls.
///
/// # Errors
/// What is wrong with the settings or the manifest; Lambda shows it as a failed start.
pub async fn run(component: Component) -> Result<(), Error> {
    telemetry::start(Style::Json, "info");
    let settings = Settings::read(|name| std::env::var(name).ok());
    let bridge =
        settings.and_then(|settings| Bridge::for_component(component, settings)).map_err(|problem| {
            tracing::error!(component = component.name(), problem, "the function cannot start");
            problem
        })?;
    let bridge = Arc::new(bridge.with_metrics());
    lambda_http::run(service_fn(move |event: Request| {
        let bridge = bridge.clone();
        async move { Ok::<_, Error>(to_event(bridge.handle(component, from_event(event)).await)) }
    }))
    .await
}

/// An event as a request. `lambda_http` has decoded base64 already.
pub fn from_event(event: Request) -> HttpRequest {
    let context = event.lambda_context_ref();
    let request_id = context.map(|c| c.request_id.clone()).unwrap_or_default();
    let deadline = context.and_then(|c| i64::try_from(c.deadline).ok()).filter(|d| *d > 0);
    let source = event.request_context_ref().and_then(source);
    HttpRequest {
        source,
        method: event.method().as_str().to_owned(),
        path: event.raw_http_path().to_owned(),
        request_id,
        deadline: deadline.map(|millis| Moment::from_micros(millis.saturating_mul(1000))),
        body: match event.into_body() {
            Body::Text(text) => text.into_bytes(),
            Body::Binary(bytes) => bytes,
            _ => Vec::new(),
        },
    }
}

/// Who called API Gateway.
fn source(context: &RequestContext) -> Option<IpAddr> {
    let address = match context {
        RequestContext::ApiGatewayV2(context) => &context.http.source_ip,
        RequestContext::ApiGatewayV1(context) => &context.identity.source_ip,
        _ => return None,
    };
    address.as_deref()?.parse().ok()
}

/// An answer as an event.
pub fn to_event(answer: HttpResponse) -> Response<Body> {
    // Text keeps API Gateway from base64, which some clients would get to see.
    answer.into_http(|body| Body::Text(String::from_utf8(body).unwrap_or_default()))
}
