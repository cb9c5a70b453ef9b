//! The command's arguments, and what it does with them.

use std::path::{Path, PathBuf};

use bridge::gateway::lines;
use bridge::manifest::Manifest;
use bridge::time::Moment;

use super::configuration::Configuration;
use super::details::Details;
use super::endpoints::Endpoints;
use super::example::Examples;
use super::images::{self, Images};
use super::package::{self, Record};
use super::{Date, Outcome, Submission, form, naming, pdf, verify};
use crate::fixture::folder_of;

/// Arguments of `document`.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct DocumentArguments {
    /// A folder with a manifest.yaml, or a manifest file.
    #[arg(long)]
    pub manifest: PathBuf,
    /// A file laid over the manifest.
    #[arg(long)]
    pub overlay: Option<PathBuf>,
    /// The company that asks for the integration; else `client` of the details counts.
    #[arg(long)]
    pub client: Option<String>,
    /// What all URLs of the deployed bridge start with.
    #[arg(long, conflicts_with = "stack_outputs")]
    pub base_url: Option<String>,
    /// Output of `sam list stack-outputs --output json` or `aws cloudformation describe-stacks`.
    #[arg(long)]
    pub stack_outputs: Option<PathBuf>,
    /// The file with what only the client knows; `--init` writes it.
    #[arg(long)]
    pub details: Option<PathBuf>,
    /// Where the package is written.
    #[arg(long, conflicts_with_all = ["check", "init"])]
    pub out: Option<PathBuf>,
    /// Write nothing; say whether the package in this folder still matches. What is not given again is
    /// taken from the package.
    #[arg(long, value_name = "DIR")]
    pub check: Option<PathBuf>,
    /// Write a commented file for --details, and nothing else.
    #[arg(long, requires = "details", conflicts_with = "check")]
    pub init: bool,
    /// The document's date, such as 2026-11-22; today when it is not given.
    #[arg(long)]
    pub date: Option<String>,
    /// A copy of the logo, to look at its size; else logo.png and the like beside the manifest.
    #[arg(long)]
    pub logo: Option<PathBuf>,
    /// A copy of the icon, likewise.
    #[arg(long)]
    pub icon: Option<PathBuf>,
    /// A folder with fonts for scripts that the built-in ones lack.
    #[arg(long)]
    pub fonts: Option<PathBuf>,
}

impl DocumentArguments {
    /// Writes the details' template or the package, or checks a package.
    ///
    /// # Errors
    /// What is missing or cannot be read, all of it at once.
    pub async fn run(self) -> Result<Outcome, String> {
        let overlay = self.overlay.as_deref();
        let manifest = Manifest::read(&self.manifest, overlay).map_err(|problems| lines(&problems))?;
        if self.init {
            return self.write_details(&manifest);
        }
        let record = self.check.as_deref().map(Record::read).transpose()?;
        let mut wrong = Vec::new();
        let details = self.read_details(&manifest, record.as_ref(), &mut wrong);
        let endpoints = self.read_endpoints(&manifest, record.as_ref(), &mut wrong);
        let date = self.read_date(record.as_ref(), &mut wrong);
        let name = self.name(&manifest, &details).unwrap_or_else(|problem| {
            wrong.push(problem);
            String::new()
        });
        if self.out.is_none() && record.is_none() {
            wrong.push("--out: the folder for the package (or --check DIR, or --init)".to_owned());
        }
        if !wrong.is_empty() {
            return Err(format!("this is missing or not right:\n  {}", wrong.join("\n  ")));
        }
        let examples = Examples::play(&manifest, &self.manifest, overlay).await;
        let configuration = Configuration::new(&manifest, &endpoints, &name);
        let examples = match (examples, &self.check, &record) {
            (Ok(examples), _, _) => examples,
            // The document cannot be written again, but what Talkdesk has entered can be compared.
            (Err(problem), Some(folder), Some(record)) => {
                let report = verify::configuration(folder, record, &configuration)?;
                let text = format!("{report}{problem}\n{} does not match the manifest\n", folder.display());
                return Ok(Outcome { text, good: false });
            }
            (Err(problem), _, _) => return Err(problem),
        };
        let images = Images { logo: self.logo.clone(), icon: self.icon.clone() };
        let pictures = match &record {
            Some(record) => record.pictures.clone(),
            None => images::findings(&manifest, folder_of(&self.manifest), &images),
        };
        let submission = Submission {
            manifest: &manifest,
            examples: &examples,
            configuration,
            endpoints,
            details,
            pictures,
            date,
        };
        match (&self.check, record) {
            (Some(folder), Some(record)) => {
                let report = verify::verify(folder, &record, &submission)?;
                let good = report.is_empty();
                let verdict = if good { "matches" } else { "does not match" };
                let text = format!("{report}{} {verdict} the manifest\n", folder.display());
                Ok(Outcome { text, good })
            }
            _ => self.write(&submission),
        }
    }

    fn write(&self, submission: &Submission<'_>) -> Result<Outcome, String> {
        let out = self.out.as_deref().unwrap_or(Path::new("."));
        let pdf = pdf::render(&form::paper(submission), self.fonts.as_deref())?;
        let package = package::build(submission, pdf)?;
        package.write(out)?;
        let mut text = format!("{}\n", form::title(submission));
        for (name, bytes) in &package.files {
            let pages = package.pages.filter(|_| name == package::PDF).map(|n| format!(", {n} pages"));
            text.push_str(&format!(
                "  {:<44} {:>8} bytes{}\n",
                out.join(name).display().to_string(),
                bytes.len(),
                pages.unwrap_or_default()
            ));
        }
        for warning in &package.warnings {
            text.push_str(&format!("warning: {warning}\n"));
        }
        Ok(Outcome { text, good: true })
    }

    fn write_details(&self, manifest: &Manifest) -> Result<Outcome, String> {
        let path = self.details.as_deref().unwrap_or(Path::new("details.yaml"));
        if path.exists() {
            return Err(format!("{}: is there already", path.display()));
        }
        std::fs::write(path, Details::template(manifest)).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Outcome { text: format!("written: {}; fill it in\n", path.display()), good: true })
    }

    fn read_details(&self, manifest: &Manifest, record: Option<&Record>, wrong: &mut Vec<String>) -> Details {
        let read = match (&self.details, record) {
            (Some(path), _) => Details::read(path),
            (None, Some(record)) => Ok(record.details.clone()),
            (None, None) => {
                wrong.push("--details: the file that `document --init --details FILE` writes".to_owned());
                Ok(Details::default())
            }
        };
        let mut details = match read {
            Ok(details) => details,
            Err(problem) => {
                wrong.push(problem);
                return Details::default();
            }
        };
        if let Some(client) = &self.client {
            details.client.clone_from(client);
        }
        wrong.extend(details.missing(manifest));
        details
    }

    /// The name to submit. A manifest that extends another one, or that the overlay renames, is a customer's own.
    fn name(&self, manifest: &Manifest, details: &Details) -> Result<String, String> {
        let renamed = match &self.overlay {
            Some(_) => {
                Manifest::read(&self.manifest, None).is_ok_and(|plain| plain.name() != manifest.name())
            }
            None => false,
        };
        let own = renamed || manifest.document().extends.is_some();
        match details.client.trim() {
            // What is missing is said already.
            "" => Ok(manifest.name().to_owned()),
            _ => naming::choose(manifest, own, details),
        }
    }

    fn read_endpoints(
        &self,
        manifest: &Manifest,
        record: Option<&Record>,
        wrong: &mut Vec<String>,
    ) -> Endpoints {
        let read = match (&self.base_url, &self.stack_outputs, record) {
            (Some(base), _, _) => Endpoints::from_base(base, manifest),
            (None, Some(path), _) => Endpoints::from_outputs(path, manifest),
            (None, None, Some(record)) => Ok(record.endpoints.clone()),
            (None, None, None) => Err("--base-url or --stack-outputs: where the bridge is".to_owned()),
        };
        read.unwrap_or_else(|problem| {
            wrong.push(problem);
            Endpoints::default()
        })
    }

    fn read_date(&self, record: Option<&Record>, wrong: &mut Vec<String>) -> Date {
        let text = self.date.as_ref().or(record.map(|record| &record.date));
        let Some(text) = text else { return Date(Moment::now()) };
        Date::parse(text).unwrap_or_else(|| {
            wrong.push(format!("--date {text}: a day such as 2026-11-22"));
            Date(Moment::EPOCH)
        })
    }
}
