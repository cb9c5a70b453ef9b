//! What comes around the package: before it is sent, what Talkdesk asks next, after activation.

use bridge::contract::Component;
use bridge::manifest::expression::Template;

use super::Submission;
use super::block::{Block, Line, heading, paragraph};
use super::form::{self, ADDRESSEE, keybase_needed};
use super::markdown;

/// The checklist; `document` is the file of the filled form.
pub fn text(submission: &Submission<'_>, document: &str) -> String {
    let mut blocks = vec![heading(1, format!("Checklist: {}", form::title(submission)))];
    blocks.push(heading(2, "Before you send it"));
    blocks.push(Block::Tasks { items: before(submission, document) });
    blocks.push(heading(2, "What must not be sent by e-mail or in the ticket"));
    blocks.push(paragraph(
        "Nothing of the following is in this package. Hand it over through Keybase, and only when Talkdesk asks.",
    ));
    blocks.push(Block::List { items: secrets(submission) });
    blocks.push(heading(2, "What Talkdesk will ask next"));
    blocks.push(Block::Tasks { items: next(submission) });
    blocks.push(heading(2, "After activation"));
    blocks.push(Block::Tasks { items: after(submission) });
    markdown::blocks(&blocks, 0)
}

fn before(submission: &Submission<'_>, document: &str) -> Vec<Line> {
    let mut items: Vec<Line> = submission.pictures.iter().map(Line::plain).collect();
    items.push(Line::prose(
        "The stack is deployed, and `talkdesk-bridge simulate` against its URL reports no deviation.",
    ));
    items.push(
        Line::plain("The integration's name ")
            .code(&submission.configuration.integration.name)
            .text(
                " is one that no other company has at Talkdesk. Contacts are kept under it, so it must not change after \
                 activation; another one is written as ",
            )
            .code("integration_name")
            .text(" into the details."),
    );
    items.push(Line::prose(
        "`talkdesk-bridge document --check` says that this package still matches the manifest and the stack.",
    ));
    items.push(Line::default().code(document).text(" has been read by one of the technical contacts."));
    items.push(
        Line::prose("`submission.eml` is opened in a mail program, looked through, and sent to ")
            .strong(ADDRESSEE),
    );
    items.push(Line::prose(
        "Or, where your account has the newer procedure: a ticket is opened with the text of `ticket.md`.",
    ));
    items
}

fn secrets(submission: &Submission<'_>) -> Vec<Line> {
    let document = submission.manifest.document();
    let mut items = Vec::new();
    for (name, field) in &document.integration.authentication {
        let key = document.credentials.as_ref().is_some_and(|c| &c.caller_key == name);
        if field.secret || key {
            items.push(Line::plain("The value of ").code(name).text(format!(" ({})", field.display)));
        }
    }
    if let Some(credentials) = &document.credentials {
        for (field, purpose) in &credentials.fields {
            items.push(Line::plain("The secret's field ").code(field).text(format!(": {purpose}")));
        }
        items.push(Line::prose("The secret's `caller_keys`."));
    }
    if document.integration.authentication_type.is_oauth2() {
        items.push(Line::plain("The OAuth client's secret, and user names and passwords of a test account."));
    }
    if items.is_empty() {
        items.push(Line::plain("This integration has no credentials."));
    }
    items
}

fn next(submission: &Submission<'_>) -> Vec<Line> {
    let details = &submission.details;
    let mut items = Vec::new();
    if keybase_needed(submission) {
        let name = details.keybase_user_name.trim();
        items.push(Line::plain("Credentials of a test account, through Keybase as ").strong(name).text("."));
    }
    if details.test_in_production.is_some_and(|answer| answer.is_yes()) {
        items.push(Line::plain(
            "A time at which the production environment can be tested, and whom to call meanwhile.",
        ));
    }
    if submission.manifest.document().integration.authentication_type.is_oauth2() {
        items.push(Line::plain(
            "The OAuth client: authorization and token URL, client id, scopes; and Talkdesk's redirect URI to be \
             entered at the CRM.",
        ));
    }
    items.push(Line::plain("Logo and icon in other sizes, if theirs are shown in places that need them."));
    let chosen = [(Component::Interactions, "interaction types"), (Component::Actions, "actions")];
    let chosen: Vec<&str> =
        chosen.into_iter().filter(|(c, _)| submission.manifest.offers(*c)).map(|(_, name)| name).collect();
    if !chosen.is_empty() {
        items.push(Line::plain(format!("Which {} each account shall have.", chosen.join(" and "))));
    }
    items
}

fn after(submission: &Submission<'_>) -> Vec<Line> {
    let document = submission.manifest.document();
    let mut items = Vec::new();
    if let Some(credentials) = &document.credentials {
        let name: &Template = &credentials.secret;
        let usual = format!("talkdesk-bridge/{}/", submission.manifest.name());
        items.push(
            Line::prose(
                "For every account there is a secret in Secrets Manager, named by the stack's output ",
            )
            .code("SecretPrefix")
            .text(" and then ")
            .code(name.source().strip_prefix(&usual).unwrap_or(name.source()))
            .text(", with caller_keys and the fields above."),
        );
    }
    for component in Component::ALL.into_iter().filter(|c| submission.manifest.offers(*c)) {
        items.push(Line::prose(match component {
            Component::AuthValidation => {
                "Activate the integration in Talkdesk with good credentials; with wrong ones it must be refused."
            }
            Component::Contacts => {
                "Wait for the initial contact synchronization, compare the number of contacts with the CRM's, then \
                 change one contact and see it change in Talkdesk."
            }
            Component::Agents => "Compare Talkdesk's agents with the CRM's users: they are matched by e-mail.",
            Component::Interactions => "Show a contact in Talkdesk and compare its history with the CRM's.",
            Component::Actions => {
                "Enter the automations of the chapter Automations, run every action once by hand and once in its \
                 automation, and see the result in the CRM."
            }
        }));
        for list in
            submission.manifest.document().further_lists().filter(|_| component == Component::Contacts)
        {
            items.push(
                Line::plain("The same for the CRM's ")
                    .text(list.name)
                    .text(": count them, change one, call from one's number."),
            );
        }
    }
    items.push(Line::prose(
        "The stack has an `AlarmTopic` or an `AlarmEmail` that somebody reads (without one it has no alarms), and \
         the log shows no line with level ERROR.",
    ));
    items.push(Line::prose(
        "After every change of the manifest: `talkdesk-bridge document --check`; when it differs, send the new \
         configuration to Talkdesk, because Talkdesk keeps its own copy.",
    ));
    items
}
