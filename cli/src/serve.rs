//! `serve`: the five endpoints on this machine, through the same gateway as in Lambda.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use bridge::config::{ManifestChoice, Settings, loopback};
use bridge::contract::{Component, ErrorBody, ErrorDetail};
use bridge::credentials::aws::{AwsSecrets, http_client};
use bridge::credentials::{FixedSecret, SecretStore};
use bridge::crm::SystemClock;
use bridge::crm::client::HttpClient;
use bridge::gateway::{Bridge, HttpRequest, HttpResponse, Parts, lines, load, route};
use bridge::phone::{PhoneNumbers, parse_region};
use bridge::zone::Zone;
use demo_crm::{DemoCrm, Options};

/// API Gateway's own limit of a request body.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// A server that runs until it is dropped.
pub struct Server {
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    bridge: Bridge,
    requests: AtomicU64,
}

impl Server {
    /// Starts on a loopback port; 0 takes any free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(bridge: Bridge, port: u16) -> Result<Self, String> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
            .await
            .map_err(|e| format!("port {port} cannot be used: {e}; choose another with --port"))?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let shared = Arc::new(Shared { bridge, requests: AtomicU64::new(0) });
        let router = Router::new().fallback(answer).with_state(shared);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the server stopped");
            }
        });
        Ok(Self { address, task })
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let number = shared.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let request_id = format!("local-{number}");
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Some(component) = route::component(&path) else {
        return refusal(
            404,
            "not_found",
            "There is no such endpoint. See the README for the five paths.",
            request_id,
        );
    };
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return refusal(413, "too_large", "The request body is larger than 10 MB.", request_id);
    };
    let request = HttpRequest {
        method: parts.method.as_str().to_owned(),
        path,
        body: body.to_vec(),
        request_id,
        deadline: None,
    };
    shared.bridge.handle(component, request).await.into_http(Body::from)
}

/// What API Gateway itself would answer, in our form.
fn refusal(status: u16, code: &str, message: &str, request_id: String) -> Response {
    let body = ErrorBody {
        error: ErrorDetail { code: code.to_owned(), message: message.to_owned(), request_id },
        message: None,
    };
    let body = serde_json::to_vec(&body).unwrap_or_default();
    HttpResponse { status, headers: Vec::new(), body }.into_http(Body::from)
}

/// Arguments of `serve`.
#[derive(clap::Args, Debug)]
pub struct ServeArguments {
    /// A folder with a manifest.yaml, or a manifest file.
    #[arg(long)]
    manifest: PathBuf,
    /// The port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// The CRM's address on this machine, instead of the manifest's (loopback only).
    #[arg(long)]
    crm_url: Option<String>,
    /// A file with the account's secret, as Secrets Manager would hold it; else AWS is asked.
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// A file laid over the manifest.
    #[arg(long)]
    overlay: Option<PathBuf>,
    /// Region of phone numbers without a country code, such as US.
    #[arg(long)]
    phone_region: Option<String>,
    /// Time zone of the account's people, such as `America/New_York`: whose day a date is. Default UTC.
    #[arg(long)]
    time_zone: Option<String>,
}

/// What stands in `local.json` beside a manifest that can be tried without any set-up.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Local {
    /// Start the demo CRM.
    pub demo_crm: bool,
    /// Talkdesk's `auth`, for the example call.
    pub auth: serde_json::Value,
    /// The account's secret.
    pub secret: serde_json::Value,
}

impl ServeArguments {
    /// Serves until the process is ended.
    ///
    /// # Errors
    /// What is wrong with the arguments, the manifest or the port.
    pub async fn run(self) -> Result<(), String> {
        bridge::telemetry::start(bridge::telemetry::Style::Text, "info");
        let mut settings = Settings::new(ManifestChoice::Path(self.manifest.clone()));
        settings.overlay = self.overlay;
        if let Some(url) = &self.crm_url {
            settings.crm_base_url = Some(loopback(url).map_err(|why| format!("--crm-url: {why}"))?);
        }
        if let Some(region) = &self.phone_region {
            let region = parse_region(region).map_err(|why| format!("--phone-region: {why}"))?;
            settings.phones = PhoneNumbers { default_region: Some(region) };
        }
        if let Some(name) = &self.time_zone {
            settings.time_zone = Some(Zone::named(name).map_err(|why| format!("--time-zone: {why}"))?);
        }
        let manifest =
            load(&settings).map_err(|problems| format!("the manifest is not right\n{}", lines(&problems)))?;
        let mut example_auth = None;
        let mut demo = None;
        let store: Arc<dyn SecretStore> = match (&self.secret_file, local(&self.manifest)?) {
            (Some(path), _) => Arc::new(FixedSecret::new(
                std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?,
            )),
            (None, Some(local)) => {
                if local.demo_crm && settings.crm_base_url.is_none() {
                    let crm = DemoCrm::start(Options::default()).await.map_err(|e| e.to_string())?;
                    settings.crm_base_url = Some(loopback(crm.url())?);
                    demo = Some(crm);
                }
                example_auth = Some(local.auth);
                Arc::new(FixedSecret::new(local.secret.to_string()))
            }
            (None, None) => Arc::new(secrets_of_this_person().await?),
        };
        let transport = HttpClient::new(settings.crm_base_url.clone())?;
        let parts = Parts { transport: Arc::new(transport), clock: Arc::new(SystemClock), store };
        let crm = settings.crm_base_url.clone();
        let name = manifest.name().to_owned();
        let offered: Vec<_> = Component::ALL.into_iter().filter(|c| manifest.offers(*c)).collect();
        let server = Server::start(Bridge::new(manifest, settings, parts), self.port).await?;
        let mut text = format!("{name} on {}\n", server.url());
        for component in offered {
            text.push_str(&format!("  POST {}{}\n", server.url(), component.path()));
        }
        if let Some(crm) = crm {
            text.push_str(&format!(
                "CRM: {crm}{}\n",
                if demo.is_some() { " (the demo CRM, started here)" } else { "" }
            ));
        }
        if let Some(auth) = example_auth {
            let body = serde_json::json!({ "auth": auth });
            text.push_str(&format!("try: curl -s {}/auth_validation -d '{body}'\n", server.url()));
        }
        text.push_str("Ctrl-C ends it.\n");
        let _ = std::io::stdout().write_all(text.as_bytes());
        let _ = tokio::signal::ctrl_c().await;
        if let Some(crm) = demo {
            crm.stop().await;
        }
        Ok(())
    }
}

/// The `local.json` beside a manifest; nothing when there is none.
///
/// # Errors
/// When it cannot be read as what it should be.
pub fn local(manifest: &Path) -> Result<Option<Local>, String> {
    let folder = if manifest.is_dir() { manifest } else { manifest.parent().unwrap_or(Path::new(".")) };
    let path = folder.join("local.json");
    match std::fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|e| format!("{}: {e}", path.display())),
        Err(_) => Ok(None),
    }
}

/// Secrets Manager with the credentials that AWS's own tools would use: variables, profile, container.
async fn secrets_of_this_person() -> Result<AwsSecrets, String> {
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http_client()?);
    Ok(AwsSecrets::with(config.load().await))
}
