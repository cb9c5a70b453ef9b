//! Filters that put a value safely into another language: quoting is not optional.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use hmac::{Hmac, KeyInit, Mac};
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use super::as_text;
use super::values::{refused, text};

/// Everything but RFC 3986's unreserved characters.
pub const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) fn register(e: &mut Environment<'static>) {
    e.add_filter("soql", |v: &Value| literal("soql", v, &backslashed, ["(", ")"]));
    // Its vendor writes of quotes only. Should a backslash escape too, one before a quote would free it: none
    // gets in, and no address or number has one.
    e.add_filter("coql", |v: &Value| literal("coql", v, &|t| doubled(&t.replace('\\', "")), ["(", ")"]));
    e.add_filter("odata", |v: &Value| literal("odata", v, &doubled, ["(", ")"]));
    e.add_filter("quote", |v: &Value, mark: Option<&str>, options: Kwargs| {
        let escape: Option<&str> = options.get("escape")?;
        options.assert_all_used()?;
        let (mark, escape) = signs(mark.unwrap_or("'"), escape)?;
        let quoted = |t: &str| {
            let inner: String = t.chars().flat_map(|c| marked(c, mark, escape)).collect();
            format!("{mark}{inner}{mark}")
        };
        literal("quote", v, &quoted, ["(", ")"])
    });
    e.add_filter("filter_text", |v: &Value| {
        // Such parsers know no escape, and brackets count inside of quotes: what could end a
        // value is left out, which at worst finds nobody.
        let quoted = |t: &str| format!("\"{}\"", t.replace(['"', '\'', '\\', '(', ')', '[', ']', ','], ""));
        literal("filter_text", v, &quoted, ["[", "]"])
    });
    e.add_filter("search_text", |v: &Value| {
        let quoted = |t: &str| format!("\"{}\"", t.replace(['"', '\\'], ""));
        literal("search_text", v, &quoted, ["", ""])
    });
    e.add_filter("sosl", |v: &Value| {
        text("sosl", v, |t| {
            let mut out = String::new();
            for c in t.chars().filter(|c| !c.is_control()) {
                if "?&|!{}[]()^~*:\\\"'+-".contains(c) {
                    out.push('\\');
                }
                out.push(c);
            }
            Ok(out)
        })
    });
    e.add_filter("guid", |v: &Value| text("guid", v, guid));
    e.add_filter("plain", |v: &Value| v.clone());
    e.add_filter("url", |v: &Value| text("url", v, |t| Ok(utf8_percent_encode(t, STRICT).to_string())));
    e.add_filter("json", |v: &Value| {
        serde_json::to_string(v).map_err(|_| refused("json: not a value that JSON has"))
    });
    e.add_filter("html", |v: &Value| text("html", v, |t| Ok(html(t))));
    e.add_filter("html_lines", |v: &Value| {
        text("html_lines", v, |t| Ok(html(&t.replace("\r\n", "\n")).replace('\n', "<br>")))
    });
    e.add_filter("b64", |v: &Value| text("b64", v, |t| Ok(STANDARD.encode(t))));
    e.add_filter("b64url", |v: &Value| text("b64url", v, |t| Ok(URL_SAFE.encode(t))));
    e.add_filter("sha256", |v: &Value, encoding: Option<&str>| {
        text("sha256", v, |t| match encoding {
            None | Some("hex") => Ok(crate::digest::sha256(t.as_bytes())),
            Some("base64") => Ok(STANDARD.encode(Sha256::digest(t.as_bytes()))),
            Some(_) => Err(refused("sha256: written as 'hex' or 'base64'")),
        })
    });
    e.add_filter("hmac_sha256", |v: &Value, key: &str| {
        text("hmac_sha256", v, |t| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
                .map_err(|_| refused("hmac_sha256: not a key"))?;
            mac.update(t.as_bytes());
            Ok(STANDARD.encode(mac.finalize().into_bytes()))
        })
    });
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A literal of a query language: text quoted, numbers and booleans bare, null as `null`.
fn literal(
    name: &str,
    value: &Value,
    quoted: &dyn Fn(&str) -> String,
    [open, close]: [&str; 2],
) -> Result<String, Error> {
    use minijinja::value::ValueKind;
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok("null".to_owned()),
        ValueKind::Number | ValueKind::Bool => Ok(as_text(value).unwrap_or_default()),
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default();
            // No query language needs control characters, and every one of them has been an attack.
            Ok(quoted(&text.chars().filter(|c| !c.is_control()).collect::<String>()))
        }
        ValueKind::Seq => {
            let members: Result<Vec<_>, _> =
                value.try_iter()?.map(|v| literal(name, &v, quoted, [open, close])).collect();
            Ok(format!("{open}{}{close}", members?.join(",")))
        }
        kind => Err(refused(format!("{name}: takes text, numbers and lists, not a {kind}"))),
    }
}

/// The mark of `quote`, and the sign that stands before one inside of the text: the mark itself doubled, where none
/// is named.
fn signs(mark: &str, escape: Option<&str>) -> Result<(char, char), Error> {
    let sign = |text: &str| {
        let mut signs = text.chars();
        let sign = signs.next().filter(|sign| sign.is_ascii_punctuation() && signs.next().is_none());
        sign.ok_or_else(|| {
            refused("quote: mark and escape are one sign each, as in quote(\"'\", escape='\\\\')")
        })
    };
    let mark = sign(mark)?;
    Ok((mark, escape.map_or(Ok(mark), sign)?))
}

/// A sign of a text between marks.
fn marked(sign: char, mark: char, escape: char) -> impl Iterator<Item = char> {
    (sign == mark || sign == escape).then_some(escape).into_iter().chain([sign])
}

fn backslashed(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn doubled(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn guid(text: &str) -> Result<String, Error> {
    let ok = text.len() == 36
        && text.char_indices().all(|(i, c)| match i {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        });
    if ok { Ok(text.to_owned()) } else { Err(refused("guid: not a GUID")) }
}

#[cfg(test)]
mod tests {
    use crate::manifest::expression::Template;
    use minijinja::context;

    fn render(source: &str, value: &str) -> String {
        let template = Template::compile(source).unwrap();
        template.eval(&context! { v => value }).unwrap().to_string()
    }

    #[test]
    fn a_quote_cannot_leave_its_literal_in_any_language() {
        let attack = r#"x' OR Id != '" or 1 eq 1 \"#;
        assert_eq!(render("{{ v | soql }}", attack), r#"'x\' OR Id != \'" or 1 eq 1 \\'"#);
        assert_eq!(render("{{ v | odata }}", attack), r#"'x'' OR Id != ''" or 1 eq 1 \'"#);
        assert_eq!(render("{{ v | coql }}", attack), r#"'x'' OR Id != ''" or 1 eq 1 '"#);
        assert_eq!(render("{{ v | coql }}", r"x\' or 1 = 1 --"), "'x'' or 1 = 1 --'");
        assert_eq!(render("{{ v | filter_text }}", attack), "\"x OR Id !=  or 1 eq 1 \"");
        assert_eq!(render("email:{{ v | search_text }}", "a\" role:admin"), "email:\"a role:admin\"");
    }

    #[test]
    fn a_language_without_a_filter_of_its_own_is_quoted_as_the_manifest_says() {
        let attack = r#"x' OR "a\" = 1 \"#;
        assert_eq!(render("{{ v | quote }}", attack), r#"'x'' OR "a\" = 1 \'"#);
        assert_eq!(render(r#"{{ v | quote('"') }}"#, "a\"b'c"), r#""a""b'c""#);
        assert_eq!(render(r#"{{ v | quote("'", escape="\\") }}"#, attack), render("{{ v | soql }}", attack));
        assert_eq!(render("{{ [v, 5, none] | quote }}", "a"), "('a',5,null)");
        for wrong in ["quote('')", "quote('ab')", "quote('a')", "quote(escape='')", "quote(other='x')"] {
            assert!(Template::compile(&format!("{{{{ v | {wrong} }}}}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_guid_is_a_guid_or_an_error() {
        let template = Template::compile("{{ v | guid }}").unwrap();
        assert!(template.eval(&context! { v => "1 or 1 eq 1" }).is_err());
    }
}
