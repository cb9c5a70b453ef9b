//! The page's own server: on loopback only, apart from the endpoints, so that nobody who is let to these
//! (a tunnel for Talkdesk) sees the page. It only reads, and everything that it sends lies in this program.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use super::Inspect;
use crate::serve::Listening;

/// Where the page is when nothing else is asked for.
pub const PORT: u16 = 8788;

/// Files of the page: path, kind, content.
pub const FILES: [(&str, &str, &str); 8] = [
    ("/", "text/html; charset=utf-8", include_str!("page/index.html")),
    ("/icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("/style.css", "text/css; charset=utf-8", include_str!("page/style.css")),
    ("/main.js", SCRIPT, include_str!("page/main.js")),
    ("/list.js", SCRIPT, include_str!("page/list.js")),
    ("/detail.js", SCRIPT, include_str!("page/detail.js")),
    ("/rows.js", SCRIPT, include_str!("page/rows.js")),
    ("/make.js", SCRIPT, include_str!("page/make.js")),
];
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What every answer says: nothing from elsewhere is loaded, nobody frames, embeds or keeps it.
const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-store"),
];

/// Serves the page until it is dropped.
pub struct Page {
    listening: Listening,
}

impl Page {
    /// Starts on a loopback address; port 0 takes any free one.
    ///
    /// # Errors
    /// When the address is none of this machine alone, or the port is taken.
    pub async fn start(inspect: Arc<Inspect>, address: SocketAddr) -> Result<Self, String> {
        if !address.ip().is_loopback() {
            return Err(not_loopback(&address.to_string()));
        }
        let taken = |e| {
            format!("{address} cannot be used for the inspector: {e}; choose another with --inspect PORT")
        };
        let listener = tokio::net::TcpListener::bind(address).await.map_err(taken)?;
        let router = Router::new().fallback(answer).with_state(inspect);
        Ok(Self { listening: Listening::start(listener, router)? })
    }

    /// `http://127.0.0.1:PORT/`
    pub fn url(&self) -> String {
        self.listening.url() + "/"
    }
}

/// Reads `--inspect`: a port, or a loopback address with a port.
///
/// # Errors
/// A sentence: neither of them, or an address that others can reach.
pub fn parse_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse() {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    let named = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address = named.as_deref().unwrap_or(text).parse::<SocketAddr>();
    let address =
        address.map_err(|_| format!("`{text}` is no port and no address such as 127.0.0.1:{PORT}"))?;
    if address.ip().is_loopback() { Ok(address) } else { Err(not_loopback(text)) }
}

fn not_loopback(address: &str) -> String {
    format!(
        "{address}: the inspector shows what goes to the CRM, so it is served on this machine alone; from another \
         one use a tunnel, such as ssh -L {PORT}:127.0.0.1:{PORT}"
    )
}

async fn answer(State(inspect): State<Arc<Inspect>>, request: Request) -> Response {
    if !is_for_this_machine(request.headers()) {
        let why =
            "The inspector answers to the names of this machine only: http://127.0.0.1 or http://localhost.";
        return reply(StatusCode::MISDIRECTED_REQUEST, "text/plain; charset=utf-8", why.to_owned());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let why = "The inspector only shows.".to_owned();
        return reply(StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", why);
    }
    let path = request.uri().path();
    if let Some((_, kind, text)) = FILES.iter().find(|(name, ..)| *name == path) {
        return reply(StatusCode::OK, kind, (*text).to_owned());
    }
    if path == "/feed.json" {
        let seen = request.uri().query().and_then(|query| query.strip_prefix("seen=")?.parse().ok());
        return match inspect.feed(seen) {
            Some(feed) => reply(StatusCode::OK, "application/json", feed.to_string()),
            None => reply(StatusCode::NO_CONTENT, "application/json", String::new()),
        };
    }
    let number = path.strip_prefix("/entries/").and_then(|rest| rest.strip_suffix(".json")?.parse().ok());
    match number.and_then(|number| inspect.entry(number)) {
        Some(entry) => reply(StatusCode::OK, "application/json", entry.to_string()),
        None => {
            let gone =
                json!({ "error": "There is no such request, or not any more: only the last ones are kept." });
            reply(StatusCode::NOT_FOUND, "application/json", gone.to_string())
        }
    }
}

/// Whether a browser asked for this machine by one of its own names. A page from elsewhere whose name was made
/// to lead here (DNS rebinding) keeps its own name in `Host`; its port is that of a tunnel, maybe.
fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or("", |(name, _)| name),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address =
        name.parse::<Ipv4Addr>().map(IpAddr::from).or_else(|_| name.parse::<Ipv6Addr>().map(IpAddr::from));
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn reply(status: StatusCode, kind: &str, body: String) -> Response {
    let mut reply = Response::builder().status(status).header(header::CONTENT_TYPE, kind);
    for (name, value) in HEADERS {
        reply = reply.header(name, value);
    }
    reply.body(Body::from(body)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_taken() {
        for (text, address) in [
            ("8788", "127.0.0.1:8788"),
            ("0", "127.0.0.1:0"),
            ("127.0.0.2:1", "127.0.0.2:1"),
            ("localhost:9", "127.0.0.1:9"),
            ("[::1]:9", "[::1]:9"),
        ] {
            assert_eq!(parse_address(text).map(|it| it.to_string()).as_deref(), Ok(address));
        }
        for text in ["0.0.0.0:8788", "[::]:1", "192.0.2.1:80", "[::ffff:192.0.2.1]:80"] {
            assert!(parse_address(text).is_err_and(|why| why.contains("this machine alone")), "{text}");
        }
        for text in ["", "example.com:80", "70000", "127.0.0.1"] {
            assert!(parse_address(text).is_err_and(|why| why.contains("is no port")), "{text}");
        }
    }
}
