//! A real CRM's server with a folder of its own: what every one of them is started from and asked through.

use std::process::Command;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::folder::Folder;
use crate::http::client;
use crate::process::Server;
use crate::{paths, setup};

/// A server that works in a copy of its CRM's template, on loopback.
#[derive(Debug)]
pub struct Served {
    // Before the folder: the server ends first, then its database goes.
    server: Server,
    folder: Folder,
    base_url: String,
    http: reqwest::Client,
}

impl Served {
    /// Copies the template of `crm` and starts the command that `command` makes for the copy and so many free
    /// ports; it is up when `ready` says so, which gets the copy, a client and the address of the first port.
    ///
    /// # Panics
    /// When it is not up within `deadline`, with the end of its log.
    pub(crate) async fn start(
        crm: &'static str,
        ports: usize,
        deadline: Duration,
        command: impl Fn(&Folder, &[u16]) -> Command,
        ready: impl AsyncFn(&Folder, &reqwest::Client, &str) -> bool,
    ) -> Self {
        let folder = Folder::copy_of(&setup::crm_environment(crm).join("template"), crm);
        let http = client();
        let address = |port: u16| format!("http://127.0.0.1:{port}");
        let command = |ports: &[u16]| command(&folder, ports);
        let knock = async |ports: &[u16]| ready(&folder, &http, &address(ports[0])).await;
        let server = Server::start(crm, ports, deadline, command, knock).await;
        Self { base_url: address(server.port(0)), server, folder, http }
    }

    /// Where the server is, without a path.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Everything that the server printed.
    pub(crate) fn log(&self) -> String {
        self.server.process().log()
    }

    /// The folder that the server works in.
    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// What setup.sh wrote into a file.
    pub(crate) fn written(&self, file: &str) -> String {
        self.folder.written(file)
    }

    /// A request for a path of the server, which begins without a slash.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/{path}", self.base_url))
    }

    /// The headers and the body of an answer; a body of nothing is null.
    ///
    /// # Panics
    /// When the server refuses, or does not answer with JSON.
    pub(crate) async fn send(&self, request: RequestBuilder) -> (HeaderMap, Value) {
        self.try_send(request).await.unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    /// As [`Served::send`]; a refusal is a text with its path, status and body.
    pub(crate) async fn try_send(&self, request: RequestBuilder) -> Result<(HeaderMap, Value), String> {
        let told = |problem: String| format!("{problem}\n{}", self.server.process().log_tail());
        let answer = request.send().await.map_err(|error| told(error.to_string()))?;
        let (status, headers, path) =
            (answer.status(), answer.headers().clone(), answer.url().path().to_owned());
        let body = answer.text().await.unwrap_or_default();
        if !status.is_success() {
            return Err(format!("{path}: {status} {body}"));
        }
        let read = if body.trim().is_empty() { Ok(Value::Null) } else { serde_json::from_str(&body) };
        Ok((headers, read.map_err(|error| told(format!("{path}: {error}: {body}")))?))
    }
}

/// `tests/<crm>/serve.sh`, which the caller gives its arguments.
pub(crate) fn script(crm: &str) -> Command {
    let mut command = Command::new("bash");
    command.arg(paths::workspace().join(format!("tests/{crm}/serve.sh")));
    command
}
