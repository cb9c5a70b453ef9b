//! `local`: what the functions need beside themselves under `sam local`: the demo CRM, and an API of Secrets
//! Manager with the demo's secret, on the address where Docker's containers reach this machine.
//!
//! The API is thirty lines of ours and not moto, so that this needs no Python and starts at once; it answers
//! the SDK's one call, `GetSecretValue`, as AWS does.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use demo_crm::{DemoCrm, Options};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::serve::{Local, local};

/// Arguments of `local`. The ports are those of `events/local.json`.
#[derive(clap::Args, Debug)]
pub struct LocalArguments {
    /// The address to listen on; Docker's gateway when Docker has one on this machine, else loopback.
    #[arg(long)]
    host: Option<Ipv4Addr>,
    /// The demo CRM's port.
    #[arg(long, default_value_t = 8788)]
    crm_port: u16,
    /// Secrets Manager's port.
    #[arg(long, default_value_t = 8789)]
    secrets_port: u16,
}

impl LocalArguments {
    /// Serves until the process is ended.
    ///
    /// # Errors
    /// When a port is taken, or the demo's folder is not here.
    pub async fn run(self, mut print: impl FnMut(&str)) -> Result<(), String> {
        let demo = local(Path::new("manifests/demo"))?
            .ok_or("manifests/demo/local.json is not here: run this in the repository's folder")?;
        let host = match self.host {
            Some(host) => host,
            None => reachable(gateway().await).await,
        };
        let taken = |what: &str, error: &dyn std::fmt::Display| {
            format!("{what} on {host}: {error}; is another `talkdesk-bridge local` running?")
        };
        let api_key = demo.secret["api_key"].as_str().unwrap_or_default().to_owned();
        let options = Options { host, port: self.crm_port, api_key, ..Options::default() };
        let crm = DemoCrm::start(options).await.map_err(|error| taken("the demo CRM", &error))?;
        let listener = TcpListener::bind((host, self.secrets_port))
            .await
            .map_err(|error| taken("Secrets Manager", &error))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let account = demo.auth["account"].as_str().unwrap_or_default().to_owned();
        print(&format!(
            "demo CRM         {}\nSecrets Manager  http://{address}, with the secret of the account {account}\n\n\
             Now, in another terminal:\n  sam local invoke ContactRetriever -e events/contact-retriever/initial.json\n  \
             sam local start-api\n{}Ctrl-C ends it.\n",
            crm.url(),
            if cfg!(target_arch = "aarch64") { "each with --config-env arm on this machine\n" } else { "" },
        ));
        let router = Router::new().fallback(secret_value).with_state(Arc::new(demo));
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        ended().await;
        server.abort();
        crm.stop().await;
        Ok(())
    }
}

/// Ctrl-C, or an orderly end from outside.
async fn ended() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// The gateway of Docker's network, by Docker's own word.
async fn gateway() -> Option<Ipv4Addr> {
    let format = "{{range .IPAM.Config}}{{.Gateway}} {{.Subnet}} {{end}}";
    let output = tokio::task::spawn_blocking(move || {
        std::process::Command::new("docker")
            .args(["network", "inspect", "bridge", "--format", format])
            .stderr(std::process::Stdio::null())
            .output()
    })
    .await;
    gateway_in(&String::from_utf8(output.ok()?.ok()?.stdout).ok()?)
}

/// The gateway, or where Docker names none before the first container, the first address of the network.
fn gateway_in(text: &str) -> Option<Ipv4Addr> {
    let first = |network: &str| {
        let (address, _) = network.split_once('/')?;
        Some(Ipv4Addr::from(u32::from(address.parse::<Ipv4Addr>().ok()?) + 1))
    };
    let mut words = text.split_whitespace();
    words.clone().find_map(|word| word.parse().ok()).or_else(|| words.find_map(first))
}

/// The gateway, where it is an address of this machine. Docker Desktop's is inside of its own virtual
/// machine, which leads `host.docker.internal` to this machine's loopback.
async fn reachable(gateway: Option<Ipv4Addr>) -> Ipv4Addr {
    match gateway {
        Some(address) if TcpListener::bind((address, 0)).await.is_ok() => address,
        _ => Ipv4Addr::LOCALHOST,
    }
}

/// `GetSecretValue`, whatever stands before the account in the secret's name.
async fn secret_value(State(demo): State<Arc<Local>>, headers: HeaderMap, body: String) -> Response {
    let refused = |kind: &str, message: &str| {
        (StatusCode::BAD_REQUEST, Json(json!({"__type": kind, "Message": message}))).into_response()
    };
    let operation = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    if operation != Some("secretsmanager.GetSecretValue") {
        return refused("InvalidAction", "only GetSecretValue is known here");
    }
    let asked: Value = serde_json::from_str(&body).unwrap_or_default();
    let name = asked["SecretId"].as_str().unwrap_or_default();
    let account = demo.auth["account"].as_str().unwrap_or_default();
    if name.rsplit('/').next() != Some(account) {
        return refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    }
    Json(json!({
        "ARN": format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}-AbCdEf"),
        "Name": name,
        "SecretString": demo.secret.to_string(),
        "VersionId": "00000000-0000-0000-0000-000000000001",
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": 1_700_000_000,
    }))
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateway_is_what_docker_names_or_its_networks_first_address() {
        let gateway = Some(Ipv4Addr::new(172, 17, 0, 1));
        for text in ["172.17.0.1 172.17.0.0/16 ", " 172.17.0.0/16 ", "<no value> 172.17.0.0/16"] {
            assert_eq!(gateway_in(text), gateway, "{text}");
        }
        assert_eq!(gateway_in(""), None);
    }
}
