//! Finding contacts by e-mail or phone, as a telephone system asks for them.

use rusqlite::{Connection, named_params};

use crate::clock::Micros;
use crate::contact::Contact;
use crate::store::contacts::{COLUMNS, comparable, from_row};
use crate::store::to_json;

/// The visible contacts that have any of the e-mails, or any of the ends of numbers; the one that
/// changed last comes first.
pub(crate) fn lookup(
    db: &Connection,
    emails: &[String],
    last9s: &[String],
    limit: usize,
    now: Micros,
) -> rusqlite::Result<Vec<Contact>> {
    let emails: Vec<String> = emails.iter().map(|email| comparable(email)).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM contacts WHERE visible_at <= :now AND id IN ( \
           SELECT contact_id FROM contact_emails \
           WHERE address IN (SELECT value FROM json_each(:emails)) \
           UNION SELECT contact_id FROM contact_phones \
           WHERE last9 IN (SELECT value FROM json_each(:last9s)) \
         ) ORDER BY +updated_at DESC, id DESC LIMIT :limit"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(
        named_params! {
            ":now": now,
            ":emails": to_json(&emails)?,
            ":last9s": to_json(&last9s)?,
            ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
        },
        from_row,
    )?;
    rows.collect()
}
