//! `secret`: an account's secret from the manifest's fields, into a file that only its owner reads, and the
//! command that stores it. No value ever stands in a command line, where the shell would remember it.

use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bridge::contract::TalkdeskRequest as _;
use bridge::contract::auth::AuthRequest;
use bridge::credentials::Secret;
use bridge::crm::open_names;
use bridge::gateway::account::{secret_name, secret_prefix};
use bridge::gateway::lines;
use bridge::manifest::Manifest;
use bridge::manifest::expression::as_text;
use bridge::manifest::model::Credentials;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use crate::given;

/// Bytes of a caller key: nobody guesses 256 bits.
const KEY_BYTES: usize = 32;

/// Arguments of `secret`.
#[derive(clap::Args, Debug)]
pub struct SecretArguments {
    /// A folder with a manifest.yaml, or a manifest file.
    #[arg(long)]
    manifest: PathBuf,
    /// A field of `auth` that names the account, as account=acme; repeat it.
    #[arg(long = "auth", value_name = "NAME=VALUE")]
    auth: Vec<String>,
    /// The stack's environment, part of the secret's name.
    #[arg(long, default_value = "production")]
    environment: String,
    /// What stands before the secret's name, when the stack has one of its own.
    #[arg(long)]
    prefix: Option<String>,
    /// A JSON file with the fields' values; else they are asked for.
    #[arg(long)]
    from: Option<PathBuf>,
    /// The file to write; it must not be there yet.
    #[arg(long, default_value = "account.secret.json")]
    out: PathBuf,
    /// Compare this file with the manifest, and write nothing.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

impl SecretArguments {
    /// Writes or checks; true when all is right.
    ///
    /// # Errors
    /// What is wrong with the arguments, the manifest or the files.
    pub fn run(self, mut print: impl FnMut(&str)) -> Result<bool, String> {
        let manifest = Manifest::read(&self.manifest, None).map_err(|problems| lines(&problems))?;
        let Some(credentials) = &manifest.document().credentials else {
            print(
                "This integration has no secret: Talkdesk keeps its OAuth tokens. There is nothing to store.\n",
            );
            return Ok(true);
        };
        if let Some(file) = &self.check {
            let problems = problems(credentials, &read(file)?);
            for problem in &problems {
                print(&format!("{}: {problem}\n", file.display()));
            }
            if problems.is_empty() {
                print("The secret fits the manifest.\n");
            }
            return Ok(problems.is_empty());
        }
        let usual = secret_prefix(manifest.name(), &self.environment);
        let name = name(&manifest, credentials, &self.auth, self.prefix.as_deref().unwrap_or(&usual))?;
        if self.out.exists() {
            let file = self.out.display();
            return Err(format!(
                "{file}: is there already; give another one by --out, or delete it when it is stored"
            ));
        }
        let mut values = match &self.from {
            Some(file) => match serde_json::from_str(&read(file)?) {
                Ok(Value::Object(values)) => values,
                _ => return Err(format!("{}: a JSON object of the fields is expected", file.display())),
            },
            None => ask(credentials)?,
        };
        values.entry("caller_keys").or_insert_with(|| json!([]));
        if values["caller_keys"].as_array().is_some_and(Vec::is_empty) {
            values.insert("caller_keys".to_owned(), json!([caller_key()?]));
        }
        let text = Value::Object(values).to_string();
        let found = problems(credentials, &text);
        if !found.is_empty() {
            return Err(found.join("\n"));
        }
        write(&self.out, &text)?;
        print(&told(&name, &self.out, credentials));
        Ok(true)
    }
}

/// What to do with the file.
fn told(name: &str, file: &Path, credentials: &Credentials) -> String {
    let file = file.display();
    let mut text = format!("written: {file}, which only you can read\n\nStore it:\n");
    let _ = writeln!(text, "  aws secretsmanager create-secret --name {name} --secret-string file://{file}");
    let _ = writeln!(text, "or, when there is one of this name already:");
    let _ = writeln!(
        text,
        "  aws secretsmanager put-secret-value --secret-id {name} --secret-string file://{file}"
    );
    let _ = writeln!(
        text,
        "\nTalkdesk's field `{}` is the text under `caller_keys`. Hand it over, then delete the file.",
        credentials.caller_key
    );
    text
}

/// The whole name of the account's secret.
fn name(
    manifest: &Manifest,
    credentials: &Credentials,
    pairs: &[String],
    prefix: &str,
) -> Result<String, String> {
    let mut auth = Map::new();
    for pair in pairs {
        let (field, value) = given::pair("--auth", pair)?;
        if !manifest.auth_value_fits(field, value) {
            return Err(format!(
                "--auth {field}: the value does not have the form that the manifest asks for"
            ));
        }
        auth.insert(field.to_owned(), value.into());
    }
    let body = json!({"auth": auth}).to_string();
    let auth = AuthRequest::parse(body.as_bytes()).map_err(|error| error.to_string())?.auth;
    let named = credentials.secret.eval(&open_names(manifest, &auth)).ok().and_then(|value| as_text(&value));
    let named = named.filter(|name| !name.is_empty() && !name.ends_with('/')).ok_or_else(|| {
        format!("the secret is named {}: give its fields with --auth", credentials.secret.source())
    })?;
    Ok(secret_name(Some(prefix), manifest.name(), &named))
}

/// Everything that the bridge or the manifest would not take, without any value.
fn problems(credentials: &Credentials, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Err(problem) = Secret::parse(&SecretString::from(text)) {
        found.push(problem.to_string());
    }
    let Ok(Value::Object(values)) = serde_json::from_str(text) else { return found };
    for (field, purpose) in &credentials.fields {
        match values.get(field).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)) {
            None => found.push(format!("`{field}` is missing: {purpose}")),
            Some(value) if value.trim() != value => {
                found.push(format!(
                    "`{field}` begins or ends with white space: was a line break copied along?"
                ));
            }
            Some(value) if value.is_empty() => found.push(format!("`{field}` is empty: {purpose}")),
            Some(_) => {}
        }
    }
    let known: Vec<String> = credentials.fields.keys().cloned().chain(["caller_keys".to_owned()]).collect();
    for field in values.keys().filter(|field| !known.contains(field)) {
        let hint = bridge::manifest::nearest(field, &known)
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        found.push(format!("`{field}` is not a field of this manifest{hint}"));
    }
    found
}

/// Asks for each field on the terminal, without showing what is typed.
fn ask(credentials: &Credentials) -> Result<Map<String, Value>, String> {
    let terminal = std::io::stdin().is_terminal();
    let mut values = Map::new();
    for (field, purpose) in &credentials.fields {
        let hidden = terminal && !credentials.public.contains(field);
        // Before anything is asked: what is typed at once would stand on the screen.
        echo(!hidden);
        let _ = write!(std::io::stderr(), "{field} ({purpose}): ");
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        echo(true);
        if hidden {
            let _ = writeln!(std::io::stderr());
        }
        if read.map_err(|error| error.to_string())? == 0 {
            return Err(format!("`{field}` was not given"));
        }
        values.insert(field.clone(), line.trim().into());
    }
    Ok(values)
}

/// Whether the terminal shows what is typed.
fn echo(on: bool) {
    if std::io::stdin().is_terminal() {
        let _ = std::process::Command::new("stty").arg(if on { "echo" } else { "-echo" }).status();
    }
}

/// A key that nobody guesses, in letters that survive every form.
fn caller_key() -> Result<String, String> {
    let mut bytes = [0; KEY_BYTES];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| "the system gives no random numbers".to_owned())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn read(file: &Path) -> Result<String, String> {
    given::text(file)
}

/// Writes a new file that only its owner reads.
fn write(file: &Path, text: &str) -> Result<(), String> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file).map_err(|error| {
        format!("{}: {error}; name another file with --out, or delete it", file.display())
    })?;
    opened.write_all(text.as_bytes()).map_err(|error| format!("{}: {error}", file.display()))
}
