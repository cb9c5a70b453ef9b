//! *Build*: a request from the manifest's structure. Nothing is pasted: paths, queries and bodies
//! are put together from parts that are encoded one by one.

use minijinja::Value;
use percent_encoding::utf8_percent_encode;
use serde_json::Value as Json;
use url::Url;

use super::page::SameOrigin;
use super::render::{hollow, inherit, json, nothing, parameters, render_path, text_of, unbuildable, unfit};
use super::transport::Outgoing;
use super::{Engine, Scope, Session};
use crate::error::{Class, Failure};
use crate::manifest::expression::{PieceRef, STRICT, Template, as_text};
use crate::manifest::model::Fetch;

impl Engine {
    /// Builds a request.
    ///
    /// # Errors
    /// A value that a filter refuses, or a host that is not allowed.
    pub(super) fn build(
        &self,
        session: &Session,
        fetch: &Fetch,
        scope: &Scope,
        token: Option<&str>,
        page_url: Option<&SameOrigin>,
    ) -> Result<Outgoing, Failure> {
        let connection = &self.manifest.document().connection;
        let names = scope.value();
        let route = route(fetch);
        let mut url = match page_url {
            Some(link) => link.url().clone(),
            None => self.checked(self.address(session, fetch, &names)?)?,
        };
        let mut credentials = session.credentials.clone();
        credentials.set("token", token.map_or(Value::from(()), Value::from));
        if page_url.is_none() {
            let mut query = Vec::new();
            for (name, tree) in &fetch.query {
                for value in parameters(tree, &names).map_err(|e| unbuildable(&e))? {
                    query.push((name.clone(), value));
                }
            }
            if !fetch.anonymous {
                let secrets = credentials.value();
                for (name, template) in &connection.auth.query {
                    let value = template.eval(&secrets).map_err(|e| unbuildable(&e))?;
                    query.extend(as_text(&value).map(|text| (name.clone(), text)));
                }
            }
            let encoded: Vec<String> = query
                .iter()
                .map(|(n, v)| {
                    format!("{}={}", utf8_percent_encode(n, STRICT), utf8_percent_encode(v, STRICT))
                })
                .collect();
            if !encoded.is_empty() {
                url.set_query(Some(&encoded.join("&")));
            }
        }
        credentials.set(
            "request",
            minijinja::context! { method => fetch.method.name(), path => url.path().trim_start_matches('/') },
        );
        let secrets = credentials.value();
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, template: &Template, names: &Value| -> Result<(), Failure> {
            let value = template.eval(names).map_err(|e| unbuildable(&e))?;
            if let Some(text) = as_text(&value).filter(|_| !hollow(template, names)) {
                // A line break would start a header of its own.
                if text.chars().any(char::is_control) {
                    return Err(unfit(format!("header `{name}` would hold a control character")));
                }
                headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                headers.push((name.to_owned(), text));
            }
            Ok(())
        };
        for (name, template) in &connection.headers {
            add(name, template, &secrets)?;
        }
        for (name, template) in &fetch.headers {
            add(name, template, &names)?;
        }
        if !fetch.anonymous {
            for (name, template) in &connection.auth.headers {
                add(name, template, &secrets)?;
            }
        }
        let body = self.body(fetch, &names, &credentials, &mut headers)?;
        Ok(Outgoing { method: fetch.method.name(), url, headers, body, route })
    }

    fn body(
        &self,
        fetch: &Fetch,
        names: &Value,
        credentials: &Scope,
        headers: &mut Vec<(String, String)>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let mut content_type = |value: &str| {
            if !headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("content-type")) {
                headers.push(("content-type".to_owned(), value.to_owned()));
            }
        };
        if let Some(form) = &fetch.form {
            let mut pairs = url::form_urlencoded::Serializer::new(String::new());
            // Forms carry credentials of token calls: they see what the connection sees.
            let secrets = merged(credentials, names).value();
            for (name, template) in form {
                let value = template.eval(&secrets).map_err(|e| unbuildable(&e))?;
                if let Some(text) = as_text(&value) {
                    pairs.append_pair(name, &text);
                }
            }
            content_type("application/x-www-form-urlencoded");
            return Ok(Some(pairs.finish().into_bytes()));
        }
        let Some(tree) = &fetch.body else { return Ok(None) };
        // A bare body is that of a login: it sees what the connection sees.
        let own = fetch.bare.then(|| merged(credentials, names).value());
        let body = json(tree, own.as_ref().unwrap_or(names)).map_err(|e| unbuildable(&e))?;
        let mut body = body.unwrap_or_else(|| nothing(tree));
        if let (Some(envelope), false) = (&self.manifest.document().connection.envelope, fetch.bare) {
            let secrets = credentials.with("body", Value::from(minijinja::value::Serde(&body))).value();
            body = json(envelope, &secrets).map_err(|e| unbuildable(&e))?.unwrap_or(Json::Null);
        }
        content_type("application/json");
        let bytes = serde_json::to_vec(&body)
            .map_err(|_| Failure::new(Class::Internal, "a request body is not JSON"))?;
        Ok(Some(bytes))
    }

    /// The request's own URL without its query, as the manifest's structure says; not yet checked.
    ///
    /// # Errors
    /// A path that a value does not fit into, or text that is no URL.
    pub(super) fn address(&self, session: &Session, fetch: &Fetch, names: &Value) -> Result<Url, Failure> {
        if let Some(whole) = &fetch.url {
            return parsed(&text_of(whole, &merged(&session.credentials, names).value())?);
        }
        let path = fetch.path.as_ref().map(|p| render_path(p, names)).transpose()?.unwrap_or_default();
        parsed(&format!("{}{path}", self.base(session)?.as_str().trim_end_matches('/')))
    }

    /// The CRM's address as this session's credentials have it.
    ///
    /// # Errors
    /// Text that is no URL.
    pub(super) fn base(&self, session: &Session) -> Result<Url, Failure> {
        parsed(&text_of(&self.manifest.document().connection.base_url, &session.credentials.value())?)
    }

    /// A URL whose host is allowed; with an override, on the override's origin.
    ///
    /// # Errors
    /// When the host is not one of `connection.hosts`.
    pub(super) fn checked(&self, mut url: Url) -> Result<Url, Failure> {
        if let Some(local) = &self.base_override
            && url.origin() == local.origin()
        {
            return Ok(url);
        }
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let plain = url.username().is_empty() && url.password().is_none();
        if !self.manifest.allows_host(&host) || !plain {
            let detail = "the rendered host is not one of connection.hosts";
            return Err(Failure::new(Class::CrmUnreachable, detail)
                .with_message("The CRM's address is not one that this integration may call."));
        }
        if let Some(local) = &self.base_override {
            let moved = url.set_scheme(local.scheme()).is_ok()
                && url.set_host(local.host_str()).is_ok()
                && url.set_port(local.port()).is_ok();
            if !moved {
                return Err(Failure::new(Class::Internal, "CRM_BASE_URL cannot replace the CRM's address"));
            }
        }
        Ok(url)
    }
}

fn parsed(url: &str) -> Result<Url, Failure> {
    Url::parse(url).map_err(|_| Failure::new(Class::CrmUnreachable, "the rendered URL is not a URL"))
}

/// The manifest's own path, with `{}` for what is filled in: fit for logs.
pub fn route(fetch: &Fetch) -> String {
    let Some(template) = fetch.path.as_ref() else { return "(url)".to_owned() };
    template
        .pieces()
        .into_iter()
        .map(|piece| match piece {
            PieceRef::Literal(text) => text.split('?').next().unwrap_or_default().to_owned(),
            PieceRef::Hole(expression) => match expression.root() {
                Some("const") => format!("{{{}}}", expression.source()),
                _ => "{}".to_owned(),
            },
        })
        .collect()
}

/// The credentials' names, and the local ones that they do not have.
fn merged(credentials: &Scope, names: &Value) -> Scope {
    let mut scope = inherit(names);
    for name in ["auth", "secret", "token", "request"] {
        if let Some(value) = credentials.get(name) {
            scope.set(name, value.clone());
        }
    }
    scope
}
