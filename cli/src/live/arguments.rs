//! The command: what is asked, in which order, and what is printed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bridge::manifest::Manifest;
use bridge::time::Moment;

use super::{Finding, Patience, Plan, Probe, examine, filter, measure, rules};
use crate::watch::log;
use crate::{doctor, given};

/// What `check --live` needs besides the manifest.
#[derive(clap::Args, Debug)]
pub struct LiveArguments {
    /// Ask the real CRM too, read only: order and filter of contacts, rights, clocks.
    #[arg(long, requires = "secret_file")]
    live: bool,
    /// With --live: also write, to measure how late a new and a changed contact show (checkpoint.settle): run the
    /// manifest's action that makes a contact, and one for that contact. What is written is printed before.
    #[arg(long, requires = "live")]
    write: bool,
    /// With --write: an input of those actions that only you know, as name=value; repeat it.
    #[arg(long = "input", value_name = "NAME=VALUE", requires = "write")]
    input: Vec<String>,
    /// With --live: a file with the account's secret, as Secrets Manager would hold it.
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// With --live: the CRM's address on this machine, instead of the manifest's (loopback only).
    #[arg(long)]
    crm_url: Option<String>,
    /// With --live: a field of `auth`, as name=value; repeat it. The caller key comes from the secret.
    #[arg(long = "auth", value_name = "NAME=VALUE")]
    auth: Vec<String>,
}

impl LiveArguments {
    /// Whether the CRM is asked.
    pub fn wanted(&self) -> bool {
        self.live
    }

    /// Asks the CRM by the manifest that `read` gives; true when everything is right.
    ///
    /// # Errors
    /// Arguments that cannot be used.
    pub async fn run(
        self,
        read: impl Fn() -> Result<Manifest, String>,
        mut print: impl FnMut(&str),
    ) -> Result<bool, String> {
        log::keep();
        let path = self.secret_file.unwrap_or_default();
        let secret = given::text(&path)?;
        let manifest = read()?;
        let further: Vec<String> = manifest.document().contact_lists.keys().cloned().collect();
        let auth = doctor::auth(&manifest, &self.auth, Some(&path))?;
        let crm = self.crm_url.as_deref();
        let inputs = self.input.iter().map(|pair| {
            let (name, value) = given::pair("--input", pair)?;
            Ok((name.to_owned(), value.to_owned()))
        });
        let inputs = inputs.collect::<Result<BTreeMap<_, _>, String>>()?;
        let main = Probe::new(manifest, secret.clone(), auth.clone(), crm)?;
        let mut findings = examine(&main).await;
        for name in further {
            let Some(manifest) = read()?.of_list(&name) else { continue };
            let probe = Probe::new(manifest, secret.clone(), auth.clone(), crm)?;
            let first = probe.contacts(None).await;
            let found = filter::examine(&probe, &first).await.into_iter();
            findings.extend(found.map(|f| Finding { text: format!("list {name}: {}", f.text), ..f }));
        }
        findings.iter().for_each(|finding| print(&finding.line()));
        let tried = self.write && findings.iter().all(|finding| finding.good);
        if tried {
            let measured = written(&main, &inputs, &mut print).await?;
            measured.iter().for_each(|finding| print(&finding.line()));
            findings.extend(measured);
        }
        let wrong = findings.iter().filter(|finding| !finding.good).count();
        let end = match (wrong, self.write) {
            (0, true) => "Nothing wrong was found.".to_owned(),
            (0, false) => {
                "Nothing wrong was found. Writes were not tried: with --write a contact is made, to measure how late it \
                 shows."
                    .to_owned()
            }
            (_, true) if !tried => {
                format!("{wrong} of {} wrong. Nothing was written: mend that first.", findings.len())
            }
            _ => format!("{wrong} of {} wrong.", findings.len()),
        };
        print(&format!("\n{end}\n"));
        Ok(wrong == 0)
    }
}

/// What is seen with writes, which are told before they are made.
async fn written(
    probe: &Probe,
    given: &BTreeMap<String, String>,
    print: &mut impl FnMut(&str),
) -> Result<Vec<Finding>, String> {
    let Some(rules) = rules(probe) else {
        return Ok(vec![Finding::good("settle: not measured: a feed's position is the CRM's own")]);
    };
    let plan = match Plan::of(probe.manifest(), given, Moment::now()) {
        Ok(plan) => plan,
        Err(why) if given.is_empty() => {
            return Ok(vec![Finding::good(format!("settle: not measured: {why}"))]);
        }
        Err(why) => return Err(why),
    };
    print(&plan.text());
    Ok(measure(probe, &plan, Patience::with(rules)).await)
}
