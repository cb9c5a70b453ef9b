//! The examination: one finding after the other, the later ones only where the earlier ones allow them.

use std::time::Duration;

use bridge::contract::Component;
use bridge::crm::contacts::checkpoint::Kept;
use bridge::gateway::route;
use bridge::manifest::Manifest;
use bridge::time::Moment;
use serde_json::{Value, json};
use url::Url;

use super::{CLOCKS, advice};
use player::{Player, Reply};

/// A validation that takes longer than this makes people wait when they activate the integration.
const SLOW: Duration = Duration::from_secs(5);

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Whether it is as it should be.
    pub good: bool,
    /// What was looked at.
    pub what: String,
    /// What was seen.
    pub seen: String,
    /// What to fix, and where; empty when it is good.
    pub fix: String,
}

impl Finding {
    /// For people: one line, and what to do below it.
    pub fn text(&self) -> String {
        let mark = if self.good { "ok  " } else { "FAIL" };
        let fix = if self.fix.is_empty() { String::new() } else { format!("\n      -> {}", self.fix) };
        format!("{mark}  {:<28} {}{fix}\n", self.what, self.seen)
    }
}

/// A bridge under examination.
pub struct Examination<'a> {
    manifest: &'a Manifest,
    url: Url,
    player: Player,
    clock: fn() -> Moment,
}

type Report<'r> = &'r mut dyn FnMut(&Finding);

fn good(what: &str, seen: impl Into<String>) -> Finding {
    Finding { good: true, what: what.to_owned(), seen: seen.into(), fix: String::new() }
}

fn bad(what: &str, seen: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { good: false, what: what.to_owned(), seen: seen.into(), fix: fix.into() }
}

impl<'a> Examination<'a> {
    /// An examination of a bridge at `url`; `player` has the good credentials, `clock` is ours.
    pub fn new(manifest: &'a Manifest, url: Url, player: Player, clock: fn() -> Moment) -> Self {
        Self { manifest, url, player, clock }
    }

    /// Looks at everything.
    pub async fn run(&mut self, report: Report<'_>) {
        if !self.address(report).await || !self.endpoints(report).await {
            return;
        }
        if self.credentials(report).await {
            self.pages(report).await;
        }
    }

    /// Scheme, name and connection.
    async fn address(&self, report: Report<'_>) -> bool {
        let host = self.url.host_str().unwrap_or_default().to_owned();
        let local = matches!(self.url.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback());
        if self.url.scheme() != "https" && !local {
            report(&bad(
                "address",
                self.url.as_str(),
                "Talkdesk calls https only: use the stack's output BaseUrl",
            ));
            return false;
        }
        let port = self.url.port_or_known_default().unwrap_or(443);
        if route::component(self.url.path()).is_some() {
            let fix = "this is one endpoint: give what stands before it, the stack's output BaseUrl";
            report(&bad("address", self.url.as_str(), fix));
            return false;
        }
        match tokio::net::lookup_host((host.as_str(), port)).await {
            Ok(mut addresses) => {
                let first = addresses.next().map_or_else(String::new, |address| address.ip().to_string());
                report(&good("name", format!("{host} is {first}")));
            }
            Err(_) => {
                let fix = "this machine finds no such name: if it finds others, copy BaseUrl from the outputs, or let your \
                           DNS point the domain name to the output DomainTarget; if it finds none, it is offline";
                report(&bad("name", host.clone(), fix));
                return false;
            }
        }
        match self.player.raw("GET", Component::AuthValidation.path(), "").await {
            Ok(reply) => {
                let how = if self.url.scheme() == "https" {
                    "TLS, the certificate is trusted"
                } else {
                    "plain http"
                };
                report(&good("connection", how));
                report(&self.clocks(&reply));
                true
            }
            Err(problem) => {
                let reason = problem.rsplit(": ").next().unwrap_or_default().to_owned();
                report(&bad(
                    "connection",
                    problem.clone(),
                    advice::of_connection(&format!("{problem} {reason}")),
                ));
                false
            }
        }
    }

    /// Whoever answered against this machine.
    fn clocks(&self, reply: &Reply) -> Finding {
        let Some(theirs) = Moment::parse_http_date(reply.header("date")) else {
            return good("clock", "the answer has no Date");
        };
        let apart = theirs.skew((self.clock)());
        let seen = format!("{} s apart from this machine's", apart.as_secs());
        if apart <= CLOCKS {
            return good("clock", seen);
        }
        let fix = "one of the two clocks is wrong; AWS's is right, so it is this machine's: switch on its time \
                   synchronization, or tokens and checkpoints made here will be refused";
        bad("clock", seen, fix)
    }

    /// Every endpoint that the manifest offers answers a GET as the contract says.
    async fn endpoints(&self, report: Report<'_>) -> bool {
        let mut all = true;
        for component in Component::ALL.into_iter().filter(|it| self.manifest.offers(*it)) {
            let action = self.manifest.document().actions.keys().next().cloned().unwrap_or_default();
            let path = component.path_of(&action);
            let what = format!("endpoint {path}");
            let finding = match self.player.raw("GET", &path, "").await {
                Ok(reply) if reply.status == 405 && reply.header("allow") == "POST" => {
                    good(&what, "405 to GET, as it should")
                }
                Ok(reply) => bad(&what, seen(&reply), fix(&reply)),
                Err(problem) => bad(&what, problem.clone(), advice::of_connection(&problem)),
            };
            all &= finding.good;
            report(&finding);
        }
        all
    }

    /// Wrong ones are refused, good ones are taken.
    async fn credentials(&self, report: Report<'_>) -> bool {
        let document = self.manifest.document();
        let fields = &document.integration.authentication;
        let key = match &document.credentials {
            Some(credentials) => Some(credentials.caller_key.clone()),
            None => fields.iter().find(|(_, field)| field.secret).map(|(name, _)| name.clone()),
        };
        let none = || Value::Null;
        if let Some(key) = &key {
            let stranger = self.player.with_auth(key, "doctor-wrong-key-0123456789");
            let refused = stranger.call(Component::AuthValidation, "", none(), none()).await;
            report(&refusal("wrong key", &refused));
            let account = fields.iter().find(|(_, field)| !field.secret && field.mandatory);
            if let (Some((account, _)), Some(_)) = (account, &document.credentials) {
                let unknown = stranger.with_auth(account, "doctor-no-such-account");
                let unknown = unknown.call(Component::AuthValidation, "", none(), none()).await;
                report(&same("unknown account", &unknown, &refused));
            }
        }
        let finding = match self.player.call(Component::AuthValidation, "", none(), none()).await {
            Ok(reply) if reply.status == 200 => {
                report(&latency(&reply));
                good("good credentials", "200 accepted")
            }
            Ok(reply) => bad("good credentials", seen(&reply), fix(&reply)),
            Err(problem) => bad("good credentials", problem.clone(), advice::of_connection(&problem)),
        };
        report(&finding);
        finding.good
    }

    /// Whether the checkpoint of a page is one of this manifest's integration: a stack that runs another manifest has
    /// the same endpoints. Nothing where the page has none that says it.
    fn integration(&self, page: &Result<Reply, String>) -> Option<Finding> {
        let checkpoint = page.as_ref().ok()?.body["synchronization_checkpoint"].as_str()?;
        let name = self.manifest.name();
        match Kept::parse(checkpoint, name) {
            Ok(kept) => kept.history.map(|_| good("integration", format!("the bridge runs {name}"))),
            Err(_) => Some(bad(
                "integration",
                format!("the bridge's checkpoints are not those of {name}"),
                "the stack runs another manifest: compare its parameters Integration and Overlay with --manifest and \
                 --overlay",
            )),
        }
    }

    /// One page of contacts, one of agents, one look-up.
    async fn pages(&self, report: Report<'_>) {
        let mut contact = None;
        for (component, key) in [(Component::Contacts, "contacts"), (Component::Agents, "agents")] {
            if !self.manifest.offers(component) {
                continue;
            }
            let what = format!("a page of {key}");
            let reply = self.player.call(component, "", json!({}), Value::Null).await;
            report(&answered(&what, &reply, |body| {
                let rows = body[key].as_array()?;
                if component == Component::Contacts {
                    contact = rows.first().map(|row| row["id"].clone());
                }
                Some(format!("{} {key}", rows.len()))
            }));
            if let Some(finding) = self.integration(&reply) {
                report(&finding);
            }
        }
        if self.manifest.offers(Component::Interactions) {
            let data = json!({"contact_external_id": contact.unwrap_or_else(|| json!("1"))});
            let reply = self.player.call(Component::Interactions, "", json!({}), data).await;
            report(&answered("a contact's interactions", &reply, |body| {
                body.as_array().map(|rows| format!("{} interactions", rows.len()))
            }));
        }
    }
}

fn latency(reply: &Reply) -> Finding {
    let seen = format!("{} ms for a validation", reply.took.as_millis());
    if reply.took <= SLOW {
        return good("latency", seen);
    }
    bad(
        "latency",
        seen,
        "the CRM is slow (the function's log has crm_ms), or far away: deploy in a nearer region",
    )
}

/// A reply that must be a refusal of the caller.
fn refusal(what: &str, reply: &Result<Reply, String>) -> Finding {
    match reply {
        Ok(reply) if reply.status == 401 => good(what, seen(reply)),
        Ok(reply) if reply.status == 200 => bad(
            what,
            "200 accepted",
            "anybody gets in: the stack does not run this manifest; take it down and report it",
        ),
        Ok(reply) => bad(what, seen(reply), fix(reply)),
        Err(problem) => bad(what, problem.clone(), advice::of_connection(problem)),
    }
}

/// A refusal that tells no more than another one.
fn same(what: &str, reply: &Result<Reply, String>, other: &Result<Reply, String>) -> Finding {
    let code = |reply: &Reply| (reply.status, reply.body["error"]["code"].clone());
    match (reply, other) {
        (Ok(reply), Ok(other)) if code(reply) == code(other) => good(what, seen(reply)),
        (Ok(reply), Ok(_)) => {
            bad(what, seen(reply), "whoever tries learns which accounts exist: deploy the present version")
        }
        (Err(problem), _) | (_, Err(problem)) => bad(what, problem.clone(), advice::of_connection(problem)),
    }
}

fn answered(
    what: &str,
    reply: &Result<Reply, String>,
    mut describe: impl FnMut(&Value) -> Option<String>,
) -> Finding {
    match reply {
        Ok(reply) => match describe(&reply.body).filter(|_| reply.status == 200) {
            Some(found) => good(what, format!("200 {found}, {} ms", reply.took.as_millis())),
            None => bad(what, seen(reply), fix(reply)),
        },
        Err(problem) => bad(what, problem.clone(), advice::of_connection(problem)),
    }
}

/// Status, code and request id: what a log can be searched for.
fn seen(reply: &Reply) -> String {
    let error = &reply.body["error"];
    match (error["code"].as_str(), error["request_id"].as_str()) {
        (Some(code), Some(id)) => format!("{} {code} (request {id})", reply.status),
        _ => format!("{} without a body of the bridge's", reply.status),
    }
}

fn fix(reply: &Reply) -> &'static str {
    match reply.body["error"]["code"].as_str() {
        Some(code) => advice::of_code(code),
        None => advice::of_status(reply.status),
    }
}
