//! Arguments of `serve`, and what a bridge on this machine is put together from.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bridge::clock::SystemClock;
use bridge::config::{ManifestChoice, Settings, loopback};
use bridge::contract::Component;
use bridge::credentials::aws::{AwsSecrets, http_client};
use bridge::credentials::{FixedSecret, SecretStore};
use bridge::crm::Transport;
use bridge::crm::client::HttpClient;
use bridge::gateway::account::secret_prefix;
use bridge::gateway::{Bridge, Parts, lines, load};
use bridge::manifest::{File, Manifest, why_unread};
use bridge::phone::{PhoneNumbers, parse_region};
use bridge::zone::Zone;
use demo_crm::{DemoCrm, Options};
use serde_json::Value;

use super::{Server, local, usable};
use crate::fixture::folder_of;
use crate::given;
use crate::watch::inspect::Inspect;
use crate::watch::inspect::server::{Page, parse_address};
use crate::watch::mask::Mask;
use crate::watch::record::Record;
use crate::watch::record::account::{account, hide};
use crate::watch::trace::Trace;
use crate::watch::{Observer, Watched};

/// Arguments of `serve`.
#[derive(clap::Args, Debug)]
#[command(group = clap::ArgGroup::new("looked_at").args(["trace", "inspect"]).multiple(true))]
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
    /// Without --secret-file: the environment whose secret is asked for, as `secret` names it.
    #[arg(long, default_value = "production")]
    environment: String,
    /// A file laid over the manifest.
    #[arg(long)]
    overlay: Option<PathBuf>,
    /// Region of phone numbers without a country code, such as US.
    #[arg(long)]
    phone_region: Option<String>,
    /// Time zone of the account's people, such as `America/New_York`: whose day a date is. Default UTC.
    #[arg(long)]
    time_zone: Option<String>,
    /// Print what Talkdesk asks, what the CRM is asked and what both get; secrets and people are masked.
    #[arg(long)]
    trace: bool,
    /// Show the last requests on a page of this machine: what the CRM was asked and answered, rows beside
    /// contacts, checkpoints decoded. A port, or a loopback address with one; masked as --trace is.
    #[arg(long, value_name = "PORT", num_args = 0..=1, value_parser = parse_address)]
    #[arg(default_missing_value = "8788")]
    inspect: Option<SocketAddr>,
    /// With --trace or --inspect: show people as they are. Credentials stay hidden.
    #[arg(long, requires = "looked_at")]
    show: bool,
    /// Write every conversation as a fixture into this folder, without secrets and people.
    #[arg(long, requires = "source", value_name = "FOLDER")]
    record: Option<PathBuf>,
    /// With --record: the vendor's page or the server that the exchanges belong to.
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
}

/// Where the account's secret comes from, and what else `local.json` gives.
struct Account {
    store: Arc<dyn SecretStore>,
    /// The secret's text, when it is known here.
    secret: Option<String>,
    /// Talkdesk's `auth`, for the example call.
    auth: Option<Value>,
    demo: Option<DemoCrm>,
}

impl ServeArguments {
    /// Serves until the process is ended.
    ///
    /// # Errors
    /// What is wrong with the arguments, the manifest or the port.
    pub async fn run(self, print: fn(&str)) -> Result<(), String> {
        crate::watch::log::start("info");
        let mut settings = self.settings()?;
        let manifest = load(&settings);
        let manifest =
            manifest.map_err(|problems| format!("the manifest is not right\n{}", lines(&problems)))?;
        let manifest = Arc::new(manifest);
        settings.secret_prefix = Some(secret_prefix(manifest.name(), &self.environment));
        let account = self.account(&manifest, &mut settings).await?;
        let Watchers { observers, inspect } = self.watchers(&manifest, account.secret.as_deref(), print)?;
        let mut transport: Arc<dyn Transport> = Arc::new(HttpClient::new(settings.crm_base_url.clone())?);
        if !observers.is_empty() {
            transport = Arc::new(Watched(transport));
        }
        let parts = Parts { transport, clock: Arc::new(SystemClock), store: account.store };
        let crm = settings.crm_base_url.clone();
        let bridge = Bridge::new(manifest.clone(), settings, parts);
        let server = Server::observed(bridge, self.port, observers).await?;
        let mut text = format!("{} on {}\n", manifest.name(), server.url());
        for component in Component::ALL.into_iter().filter(|c| manifest.offers(*c)) {
            text.push_str(&format!("  POST {}{}\n", server.url(), component.path()));
        }
        if let Some(crm) = crm {
            let whose = if account.demo.is_some() { " (the demo CRM, started here)" } else { "" };
            text.push_str(&format!("CRM: {crm}{whose}\n"));
        }
        if let Some(auth) = account.auth {
            let body = serde_json::json!({ "auth": auth });
            text.push_str(&format!("try: curl -s {}/auth_validation -d '{body}'\n", server.url()));
        }
        let mut page = None;
        if let (Some(inspect), Some(address)) = (inspect, self.inspect) {
            let served = Page::start(inspect, address).await?;
            text.push_str(&format!("inspector: {}\n", served.url()));
            page = Some(served);
        }
        text.push_str("Ctrl-C ends it.\n");
        print(&text);
        let _ = tokio::signal::ctrl_c().await;
        drop(page);
        if let Some(crm) = account.demo {
            crm.stop().await;
        }
        Ok(())
    }

    fn settings(&self) -> Result<Settings, String> {
        let mut settings = Settings::new(ManifestChoice::Path(self.manifest.clone()));
        settings.overlay.clone_from(&self.overlay);
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
        Ok(settings)
    }

    async fn account(&self, manifest: &Manifest, settings: &mut Settings) -> Result<Account, String> {
        let fixed = |text: &str| -> Arc<dyn SecretStore> { Arc::new(FixedSecret::new(text.to_owned())) };
        match (&self.secret_file, local(&self.manifest)?) {
            (Some(path), _) => {
                let text = given::text(path)?;
                usable(manifest, &text).map_err(|why| {
                    let folder = self.manifest.display();
                    format!(
                        "{}: {why}. `talkdesk-bridge secret --manifest {folder}` writes one",
                        path.display()
                    )
                })?;
                Ok(Account { store: fixed(&text), secret: Some(text), auth: None, demo: None })
            }
            (None, Some(local)) => {
                let mut demo = None;
                if local.demo_crm && settings.crm_base_url.is_none() {
                    let crm = DemoCrm::start(Options::default()).await.map_err(|e| e.to_string())?;
                    settings.crm_base_url = Some(loopback(crm.url())?);
                    demo = Some(crm);
                }
                let text = local.secret.to_string();
                Ok(Account { store: fixed(&text), secret: Some(text), auth: Some(local.auth), demo })
            }
            (None, None) => {
                let store = Arc::new(secrets_of_this_person().await?);
                Ok(Account { store, secret: None, auth: None, demo: None })
            }
        }
    }

    /// Who looks at the conversations.
    fn watchers(
        &self,
        manifest: &Arc<Manifest>,
        secret: Option<&str>,
        print: fn(&str),
    ) -> Result<Watchers, String> {
        let mut watchers = Watchers::default();
        if !self.trace && self.inspect.is_none() && self.record.is_none() {
            return Ok(watchers);
        }
        if manifest.document().credentials.is_some() && secret.is_none() {
            let why =
                "--trace, --inspect and --record need --secret-file: what must not be shown has to be known";
            return Err(why.to_owned());
        }
        let mut files = Manifest::files(&self.manifest).map_err(|problems| lines(&problems))?;
        if let Some(overlay) = &self.overlay {
            files.push(File::read(overlay).map_err(|problems| lines(&problems))?);
        }
        let mut mask = Mask::of(&files, manifest);
        let account = account(folder_of(&self.manifest), manifest, secret);
        let made = account.as_ref().map(|(_, made)| made.clone()).unwrap_or_default();
        hide(&mut mask, manifest, secret, &made);
        if self.trace {
            let mask = Mutex::new(mask.clone());
            watchers.observers.push(Arc::new(Trace {
                manifest: manifest.clone(),
                mask,
                show: self.show,
                print,
            }));
        }
        if self.inspect.is_some() {
            let inspect = Arc::new(Inspect::new(manifest.clone(), mask.clone(), self.show));
            watchers.observers.push(inspect.clone());
            watchers.inspect = Some(inspect);
        }
        if let (Some(folder), Some(source)) = (&self.record, &self.source) {
            std::fs::create_dir_all(folder)
                .map_err(|error| format!("--record {}: {}", folder.display(), why_unread(folder, &error)))?;
            watchers.observers.push(Arc::new(Record {
                manifest: manifest.clone(),
                mask: Mutex::new(mask),
                folder: folder.clone(),
                source: source.clone(),
                account: account?,
                runs: Mutex::new(HashMap::new()),
                print,
            }));
        }
        Ok(watchers)
    }
}

/// Who looks at the conversations, and what the page shows of them.
#[derive(Default)]
struct Watchers {
    observers: Vec<Arc<dyn Observer>>,
    inspect: Option<Arc<Inspect>>,
}

/// Secrets Manager with the credentials that AWS's own tools would use: variables, profile, container.
async fn secrets_of_this_person() -> Result<AwsSecrets, String> {
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http_client()?);
    Ok(AwsSecrets::with(config.load().await))
}
