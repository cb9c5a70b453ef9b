//! What to do about a refusal, for whoever writes the manifest and has the CRM before him.

use bridge::error::Class;

/// The class of an answer's code.
pub fn class(code: &str) -> Option<Class> {
    Class::ALL.into_iter().find(|class| class.row().code == code)
}

/// What to look at first.
pub fn what_to_do(class: Class) -> &'static str {
    match class {
        Class::CallerRefused => {
            "Send the caller key of the account's secret in `auth`: one of `caller_keys` in the secret file. The \
             field is the one that `credentials.caller_key` names."
        }
        Class::BadRequest => {
            "Compare what Talkdesk sent with the manifest: fields of `auth` and their patterns, mandatory inputs, \
             `needs_contact`, `require`. Nothing was asked of the CRM unless a call stands below."
        }
        Class::BadOffset => {
            "Send the `next_offset` of the page before, unchanged, or none to begin the run again."
        }
        Class::BadCheckpoint => {
            "Send a `synchronization_checkpoint` of this integration, unchanged, or none for an initial run."
        }
        Class::MethodNotAllowed => "Call the endpoint with POST.",
        Class::NotOffered => "Add the component or the action to the manifest, or correct the path.",
        Class::CredentialsRefused => {
            "Compare `connection.auth` with the vendor's documentation, and the credentials in the secret file. If \
             the CRM answers so for another reason, name it in `errors`."
        }
        Class::Forbidden => {
            "Give the CRM's user the right, and name it in the README; a question in `auth_validation.steps` finds \
             it missing before a sync does."
        }
        Class::NotFound => {
            "The record is not there for this user: compare the id in the last call's path. If the CRM says so of a \
             merged contact, `interactions.survivor` finds the other one."
        }
        Class::Conflict => {
            "Give the record's id with `id` in the rule of `errors`, and the action `on_conflict`: then it is a success."
        }
        Class::Invalid => {
            "Read the CRM's own words in the last call, and compare the body that was sent with the vendor's \
             documentation. What the account may lack (an owner, a status) belongs in `fetch.optional`."
        }
        Class::RateLimited => {
            "Wait as the answer's `Retry-After` says. `limits.per_second` and `per_minute` keep below a limit."
        }
        Class::QuotaExhausted => {
            "Wait until the quota begins anew; larger pages take fewer calls (`limits.page_size`)."
        }
        Class::CursorGone => {
            "The next run begins again by itself; nothing is lost. If it comes often, shorten the run."
        }
        Class::CrmUnavailable => {
            "The CRM has a fault of its own: make the last call by hand, then try again."
        }
        Class::CrmTimeout => {
            "The CRM is slow: ask for smaller pages (`limits.page_size`), or fewer calls for each row."
        }
        Class::CrmUnreachable => {
            "Check `connection.base_url` and `hosts`, or `--crm-url`: no call reached the CRM."
        }
        Class::CrmUnreadable => {
            "The answer has another form than `records`, `ok`, `more` or `map` expect: compare the last call's answer \
             with them. `talkdesk-bridge eval` tries an expression."
        }
        Class::CrmTooLarge => "Ask for smaller pages (`limits.page_size`) or fewer fields.",
        Class::NoProgress => {
            "The CRM sends the same page again: is the condition on `from`, or the page's token, named as the CRM \
             knows it? Many ignore a parameter that they do not know."
        }
        Class::SecretUnusable => {
            "Compare the secret file with `credentials.fields`; `talkdesk-bridge secret --check FILE` does it."
        }
        Class::SecretUnavailable => {
            "Secrets Manager did not answer: give `--secret-file`, or AWS credentials."
        }
        Class::Internal => "This is a fault of the bridge: keep the line of the log, and report it.",
    }
}
