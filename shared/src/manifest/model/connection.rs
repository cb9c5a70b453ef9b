//! How the CRM is reached, and where its credentials come from.

use serde::Deserialize;

use super::{Ordered, Sign, TokenCall, Tree};
use crate::manifest::expression::Template;

/// How the CRM is reached.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Scheme, host and the part of the path that all calls share. It may come from `auth` or `secret`.
    pub base_url: Template,
    /// Regular expressions for the hosts that may be called; a request's host must fit one as a whole.
    pub hosts: Vec<String>,
    /// Headers of every call that are no credentials.
    #[serde(default)]
    pub headers: Ordered<Template>,
    /// Where the credentials go.
    #[serde(default)]
    pub auth: ConnectionAuth,
    /// A body into which every JSON body is put as `{{ body }}`, for JSON-RPC.
    pub envelope: Option<Tree>,
    /// What must be true of every answer, besides the `ok` of its own place, for APIs that refuse with status
    /// 200 (GraphQL, JSON-RPC). Rules of `errors` say what it means when it is not.
    pub ok: Option<Template>,
}

/// Where the credentials go.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConnectionAuth {
    /// Headers that carry credentials: `secret`, `token` and secret fields of `auth` are known here.
    #[serde(default)]
    pub headers: Ordered<Template>,
    /// Query parameters that carry credentials; only for a CRM that takes them in no header.
    #[serde(default)]
    pub query: Ordered<Template>,
    /// A call that trades credentials for a token, known afterwards as `token`.
    pub token: Option<TokenCall>,
    /// A signature over the finished request.
    pub sign: Option<Sign>,
}

/// Where the CRM's credentials come from.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The secret's name in Secrets Manager. A field of `auth` in it needs a `pattern`. In a manifest of an
    /// OAuth type that only checks callers: `talkdesk-bridge/<integration>/bridge`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Template>"))]
    pub secret: Template,
    /// The field of `auth` that must equal one of the secret's `caller_keys`; it must be `secret: true`.
    pub caller_key: String,
    /// The secret's fields by name, with what each is for; `secret.<name>` knows no others.
    #[serde(default)]
    pub fields: Ordered<String>,
    /// Fields that are no secrets, such as the CRM's host: templates everywhere may use them.
    #[serde(default)]
    pub public: Vec<String>,
    /// Fields that a secret need not have. Without any other one no call is made.
    #[serde(default)]
    pub optional: Vec<String>,
}

impl Credentials {
    /// The names of the secret's fields, and whether each must be there.
    pub fn declared(&self) -> impl Iterator<Item = (&str, bool)> {
        self.fields.keys().map(|name| (name.as_str(), !self.optional.contains(name)))
    }
}
