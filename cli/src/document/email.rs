//! The e-mail that the form asks for, as a draft with attachments. Most mail programs open an
//! `.eml` file; `X-Unsent` makes those that know it open it for sending.

use bridge::digest::sha256;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;

use super::Submission;
use super::form::{self, ADDRESSEE, SUBJECT, sections_names};

/// One attachment.
pub struct Attachment {
    /// The name that the reader sees.
    pub name: String,
    /// Its media type.
    pub kind: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The whole message.
///
/// # Errors
/// A message that cannot be written.
pub fn message(submission: &Submission<'_>, attachments: &[Attachment]) -> Result<Vec<u8>, String> {
    let details = &submission.details;
    let text = body(submission, attachments);
    // The same input must be the same bytes, so nothing here may be random or the present time.
    let seed = sha256(format!("{}\n{}\n{text}", form::title(submission), submission.date.short()).as_bytes());
    let boundary = format!("talkdesk-bridge-{}", &seed[..24]);
    let mut parts = vec![MimePart::new("text/plain", text)];
    for attachment in attachments {
        parts.push(
            MimePart::new(attachment.kind, attachment.bytes.as_slice()).attachment(attachment.name.as_str()),
        );
    }
    let kind = ContentType::new("multipart/mixed").attribute("boundary", boundary);
    let mut message = MessageBuilder::new();
    if let Some(sender) = details.technical_contacts.first() {
        message = message.from((sender.name.trim(), sender.email.trim()));
    }
    let others: Vec<(&str, &str)> =
        details.technical_contacts.iter().skip(1).map(|c| (c.name.trim(), c.email.trim())).collect();
    message = message.to(ADDRESSEE);
    if !others.is_empty() {
        message = message.cc(others);
    }
    let domain = details.technical_contacts.first().and_then(|c| c.email.trim().rsplit_once('@'));
    let domain = domain.map_or("localhost", |(_, domain)| domain);
    message
        .subject(SUBJECT)
        .date(submission.date.noon())
        .message_id(format!("{}@{domain}", &seed[..32]))
        .header("X-Unsent", Raw::new("1"))
        .body(MimePart::new(kind, parts))
        .write_to_vec()
        .map_err(|e| format!("submission.eml: {e}"))
}

/// What is written in it, in the form's order: summary, components, objectives, domain, Keybase.
fn body(submission: &Submission<'_>, attachments: &[Attachment]) -> String {
    let details = &submission.details;
    let mut text = format!(
        "Hello Talkdesk Integrations team,\n\nattached is the completed API Manifest of {}.\n\n",
        submission.display_name()
    );
    let mut part = |title: &str, content: &str| {
        text.push_str(&format!("{title}\n{}\n\n", content.trim()));
    };
    part("Integration name:", &submission.configuration.integration.name);
    part("Summary:", &details.summary);
    let components = sections_names(submission).join("\n- ");
    part("Components in use:", &format!("- {components}"));
    part("Overall objectives:", &details.objectives);
    part("Talkdesk Account / Domain Name:", &details.talkdesk_domain);
    if !details.keybase_user_name.trim().is_empty() {
        part("Keybase Username:", &details.keybase_user_name);
    }
    part("API documentation of the system:", &details.documentation(submission.manifest).join("\n"));
    let names: Vec<&str> = attachments.iter().map(|a| a.name.as_str()).collect();
    part("Attached:", &format!("- {}", names.join("\n- ")));
    let sender = details.technical_contacts.first().map_or("", |c| c.name.trim());
    text.push_str(&format!("Kind regards\n{sender}\n{}\n", details.client.trim()));
    text
}
