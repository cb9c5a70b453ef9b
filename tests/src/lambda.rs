//! A built function under AWS's own Runtime Interface Emulator.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::http::client;
use crate::process::{Server, within};
use crate::{paths, setup};

/// One function in one emulator, as Lambda runs it: started at the first event, one event at a time.
#[derive(Debug)]
pub struct LambdaFunction {
    server: Server,
    url: String,
    http: reqwest::Client,
}

/// What an invocation ends with when the function did not answer.
#[derive(Debug)]
pub struct FunctionError {
    /// Lambda's name for it, `Task.TimedOut` for a function that ran too long.
    pub kind: String,
    /// What the runtime or the emulator says.
    pub message: String,
}

/// A function's answer to an API Gateway event.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers; names in lower case, several values of one name joined with `, `.
    pub headers: HashMap<String, String>,
    /// The body as it is sent.
    pub text: String,
    /// The body as JSON, or null when it is none.
    pub body: Value,
}

impl LambdaFunction {
    /// Starts the emulator for a binary. The function sees `env` and nothing else of ours, and is stopped by the
    /// system when it takes more memory than it has.
    ///
    /// # Panics
    /// When there is no such binary, or the emulator does not listen within ten seconds.
    pub async fn start(binary: &Path, env: &[(&str, &str)], timeout_secs: u32, memory_mb: u32) -> Self {
        assert!(binary.is_file(), "{} is missing", binary.display());
        let name = binary.file_stem().expect("a file has a name").to_string_lossy();
        let architecture = match std::env::consts::ARCH {
            "aarch64" => "arm64",
            other => other,
        };
        let emulator = paths::site_packages(
            &setup::aws_tools(),
            &format!("samcli/local/rapid/aws-lambda-rie-{architecture}"),
        );
        let server = Server::start(
            &name,
            2,
            Duration::from_secs(10),
            |ports| {
                let mut command = Command::new(&emulator);
                command
                    .env_clear()
                    .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                    .env("AWS_LAMBDA_FUNCTION_NAME", name.as_ref())
                    .env("AWS_LAMBDA_FUNCTION_TIMEOUT", timeout_secs.to_string())
                    .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory_mb.to_string())
                    .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
                    .env("AWS_REGION", "us-east-1")
                    .envs(env.iter().copied())
                    .arg("--runtime-interface-emulator-address")
                    .arg(format!("127.0.0.1:{}", ports[0]))
                    .arg("--runtime-api-address")
                    .arg(format!("127.0.0.1:{}", ports[1]))
                    .args(["--log-level", "info"])
                    .args(within(memory_mb, binary));
                command
            },
            async |ports| TcpStream::connect(("127.0.0.1", ports[0])).await.is_ok(),
        )
        .await;
        let url = format!("http://127.0.0.1:{}/2015-03-31/functions/function/invocations", server.port(0));
        Self { server, url, http: client() }
    }

    /// Sends an API Gateway event and answers the function's HTTP response.
    ///
    /// # Panics
    /// When the function fails, is stopped by its time limit, or answers something else than an HTTP
    /// response; with the end of its log.
    pub async fn invoke(&self, event: &Value) -> Response {
        match self.try_invoke(event).await {
            Ok(response) => response,
            Err(FunctionError { kind, message }) => {
                panic!("{kind}: {message}\n{}", self.server.process().log_tail())
            }
        }
    }

    /// As [`LambdaFunction::invoke`], for tests that expect a failing function.
    pub async fn try_invoke(&self, event: &Value) -> Result<Response, FunctionError> {
        let answer = self
            .http
            .post(&self.url)
            .body(event.to_string())
            .send()
            .await
            .unwrap_or_else(|error| panic!("{error}\n{}", self.server.process().log_tail()));
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        // The emulator answers 200 for failures too: what happened is in the body only.
        let Ok(payload) = serde_json::from_str::<Value>(&text) else {
            let kind = if text.contains("Task timed out") {
                "Task.TimedOut".to_owned()
            } else {
                format!("HTTP {status}")
            };
            let message = text;
            return Err(FunctionError { kind, message });
        };
        if let Some(kind) = payload["errorType"].as_str() {
            return Err(FunctionError {
                kind: kind.to_owned(),
                message: payload["errorMessage"].as_str().unwrap_or_default().to_owned(),
            });
        }
        Response::parse(&payload)
            .ok_or_else(|| FunctionError { kind: "not an HTTP response".to_owned(), message: text })
    }

    /// Everything that the function and the emulator printed.
    pub fn log(&self) -> String {
        self.server.process().log()
    }

    /// Ends the function and answers everything that it printed.
    pub fn stop(self) -> String {
        self.server.stop()
    }
}

impl Response {
    /// Reads the form that API Gateway wants from a function; nothing when it is another.
    pub(crate) fn parse(payload: &Value) -> Option<Self> {
        let status = payload["statusCode"].as_u64()?.try_into().ok()?;
        let mut headers = HashMap::new();
        for (name, value) in payload["headers"].as_object().into_iter().flatten() {
            headers.insert(name.to_ascii_lowercase(), value.as_str()?.to_owned());
        }
        for (name, values) in payload["multiValueHeaders"].as_object().into_iter().flatten() {
            let values: Option<Vec<&str>> = values.as_array()?.iter().map(Value::as_str).collect();
            headers.insert(name.to_ascii_lowercase(), values?.join(", "));
        }
        let text = payload["body"].as_str().unwrap_or_default();
        let text = if payload["isBase64Encoded"] == json!(true) {
            String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok()?
        } else {
            text.to_owned()
        };
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Some(Self { status, headers, text, body })
    }
}

/// The event that an HTTP API (payload 2.0) sends for a POST of `body`.
pub fn api_gateway_event(path: &str, body: &Value) -> Value {
    json!({
        "version": "2.0",
        "routeKey": format!("POST {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "content-type": "application/json",
            "host": "example.execute-api.us-east-1.amazonaws.com",
            "user-agent": "Talkdesk",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "example",
            "domainName": "example.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "example",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "Talkdesk",
            },
            "requestId": "end-to-end-request",
            "routeKey": format!("POST {path}"),
            "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1_795_348_800_000_u64,
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
}

/// The event that a REST API (payload 1.0) sends for a POST of `body` at its stage `prod`.
pub fn rest_event(path: &str, body: &Value) -> Value {
    json!({
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "headers": {
            "Content-Type": "application/json",
            "Host": "example.execute-api.us-east-1.amazonaws.com",
            "User-Agent": "Talkdesk",
        },
        "multiValueHeaders": {
            "Content-Type": ["application/json"],
            "Host": ["example.execute-api.us-east-1.amazonaws.com"],
            "User-Agent": ["Talkdesk"],
        },
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "example",
            "domainName": "example.execute-api.us-east-1.amazonaws.com",
            "httpMethod": "POST",
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "Talkdesk"},
            "path": format!("/prod{path}"),
            "protocol": "HTTP/1.1",
            "requestId": "end-to-end-request",
            "requestTime": "22/Nov/2026:12:00:00 +0000",
            "requestTimeEpoch": 1_795_348_800_000_u64,
            "resourceId": "example",
            "resourcePath": path,
            "stage": "prod",
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
}
