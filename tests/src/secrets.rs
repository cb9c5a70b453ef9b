//! The Secrets Manager API, served by moto.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::http::client;
use crate::process::Server;
use crate::setup;

/// A Secrets Manager of its own for one test.
#[derive(Debug)]
pub struct SecretsManager {
    server: Server,
    url: String,
    http: reqwest::Client,
}

impl SecretsManager {
    /// Starts the server and waits until it answers.
    pub async fn start() -> Self {
        let http = client();
        let moto = setup::aws_tools().join("bin/moto_server");
        let server = Server::start(
            "moto",
            1,
            Duration::from_secs(30),
            |ports| {
                let mut command = Command::new(&moto);
                command.args(["-H", "127.0.0.1", "-p", &ports[0].to_string()]).env_remove("MOTO_PORT");
                command
            },
            async |ports| {
                let health = format!("http://127.0.0.1:{}/moto-api/", ports[0]);
                matches!(http.get(health).send().await, Ok(answer) if answer.status().is_success())
            },
        )
        .await;
        let url = format!("http://127.0.0.1:{}", server.port(0));
        Self { server, url, http }
    }

    /// Where the API is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The environment variables with which a function finds this server.
    pub fn env(&self) -> [(&'static str, &str); 4] {
        [
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.url.as_str()),
            ("AWS_ACCESS_KEY_ID", "testing"),
            ("AWS_SECRET_ACCESS_KEY", "testing"),
            ("AWS_REGION", "us-east-1"),
        ]
    }

    /// Stores a secret, as a new one or as the next version of one that exists.
    pub async fn put(&self, name: &str, secret: &Value) {
        let text = secret.to_string();
        let created = self.call("CreateSecret", &json!({"Name": name, "SecretString": text})).await;
        let Err(refusal) = created else { return };
        assert!(refusal.contains("ResourceExistsException"), "CreateSecret {name}: {refusal}");
        self.call("PutSecretValue", &json!({"SecretId": name, "SecretString": text}))
            .await
            .unwrap_or_else(|refusal| panic!("PutSecretValue {name}: {refusal}"));
    }

    /// The current version of a secret, or nothing when there is none.
    pub async fn get(&self, name: &str) -> Option<Value> {
        match self.call("GetSecretValue", &json!({"SecretId": name})).await {
            Ok(answer) => {
                let text = answer["SecretString"].as_str().expect("a text secret");
                Some(serde_json::from_str(text).expect("a secret that `put` stored"))
            }
            Err(refusal) if refusal.contains("ResourceNotFoundException") => None,
            Err(refusal) => panic!("GetSecretValue {name}: {refusal}"),
        }
    }

    /// Deletes a secret at once, without a time to change one's mind.
    pub async fn delete(&self, name: &str) {
        let body = json!({"SecretId": name, "ForceDeleteWithoutRecovery": true});
        self.call("DeleteSecret", &body)
            .await
            .unwrap_or_else(|refusal| panic!("DeleteSecret {name}: {refusal}"));
    }

    /// One API call; a refusal is the answer's text.
    async fn call(&self, operation: &str, body: &Value) -> Result<Value, String> {
        // moto looks at the credential's scope to know the service, and does not check the signature.
        let authorization = "AWS4-HMAC-SHA256 \
            Credential=testing/20260101/us-east-1/secretsmanager/aws4_request, \
            SignedHeaders=host, Signature=none";
        let answer = self
            .http
            .post(&self.url)
            .header("X-Amz-Target", format!("secretsmanager.{operation}"))
            .header("Content-Type", "application/x-amz-json-1.1")
            .header("Authorization", authorization)
            .body(body.to_string())
            .send()
            .await
            .unwrap_or_else(|error| panic!("{operation}: {error}\n{}", self.log_tail()));
        let success = answer.status().is_success();
        let text = answer.text().await.unwrap_or_default();
        if success { Ok(serde_json::from_str(&text).unwrap_or(Value::Null)) } else { Err(text) }
    }

    fn log_tail(&self) -> String {
        self.server.process().log_tail()
    }
}
