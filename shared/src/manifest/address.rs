//! Where a value is the CRM's host, or a part of it: people paste the whole address there.

use std::borrow::Cow;

use super::model::Document;
use crate::pasted;

/// A value that stands in the host of an address: `https://{{ auth.subdomain }}.crm.example/api`.
#[derive(Debug)]
pub(super) struct Address {
    /// `auth` or `secret`.
    root: &'static str,
    field: String,
    /// What stands before and behind the value within the host.
    before: String,
    behind: String,
    /// The path behind the host, as far as it is constant.
    path: String,
}

/// The addresses of a manifest: `connection.base_url`, and the `format` of each field of `auth`.
pub(super) fn addresses(document: &Document) -> Vec<Address> {
    let formats = document.integration.authentication.iter().filter_map(|(name, field)| {
        let address = read(field.format.as_deref()?, "auth")?;
        (address.field == *name).then_some(address)
    });
    formats.chain(read(document.connection.base_url.source(), "")).collect()
}

/// `root` is that of a value that stands without one, as in Talkdesk's own notation.
fn read(text: &str, root: &'static str) -> Option<Address> {
    let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let (before, rest) = text.split_once("{{")?;
    let (hole, rest) = rest.split_once("}}")?;
    let (behind, path) = rest.split_once('/').unwrap_or((rest, ""));
    if before.contains('/') || behind.contains('{') {
        return None;
    }
    let hole = hole.trim_start();
    let (root, name) = ["auth", "secret"]
        .into_iter()
        .find_map(|root| Some((root, hole.strip_prefix(root)?.strip_prefix('.')?)))
        .unwrap_or((root, hole));
    let field = name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned();
    let (before, behind) = (before.to_owned(), behind.to_owned());
    let path = path.split("{{").next().unwrap_or_default().trim_matches('/').to_owned();
    (!root.is_empty() && !field.is_empty()).then_some(Address { root, field, before, behind, path })
}

/// A value as its place wants it: of a host that was pasted as an address only the host, in lower
/// case; of a secret's host also the folder, where the host ends with it, without the path that the place itself
/// puts behind it. Other values stay.
pub(super) fn tidied<'v>(addresses: &[Address], root: &str, field: &str, value: &'v str) -> Cow<'v, str> {
    let Some(address) = addresses.iter().find(|a| a.root == root && a.field == field) else {
        return Cow::Borrowed(value);
    };
    let (host, folder) = pasted::address(value);
    let host = host.strip_suffix(&address.behind).unwrap_or(&host);
    let host = host.strip_prefix(&address.before).unwrap_or(host);
    let own = folder.strip_suffix(&address.path).filter(|rest| rest.is_empty() || rest.ends_with('/'));
    let folder = own.map_or(folder, |rest| rest.trim_end_matches('/'));
    let keeps_folder = root == "secret" && address.behind.is_empty() && !folder.is_empty();
    Cow::Owned(if keeps_folder { format!("{host}/{folder}") } else { host.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tidy(text: &str, root: &'static str, value: &str) -> String {
        let address = read(text, root).unwrap();
        let (root, field) = (address.root, address.field.clone());
        tidied(&[address], root, &field, value).into_owned()
    }

    #[test]
    fn a_host_may_be_pasted_as_an_address() {
        for pasted in [
            "acme.my.crm.example",
            "https://acme.my.crm.example/",
            "HTTPS://Acme.My.CRM.Example:443/some/page/home?x#y",
            " http://acme.my.crm.example. ",
        ] {
            assert_eq!(tidy("https://{{instance_host}}", "auth", pasted), "acme.my.crm.example", "{pasted}");
        }
    }

    #[test]
    fn what_the_place_has_already_is_cut_off() {
        for pasted in ["acme", "Acme.crm.example", "https://acme.crm.example/agent/dashboard"] {
            assert_eq!(tidy("https://{{subdomain}}.crm.example", "auth", pasted), "acme", "{pasted}");
        }
        let base = "https://{{ secret.domain | lower }}.crm.example/api/v2";
        assert_eq!(tidy(base, "", "https://acme.crm.example/a/tickets"), "acme");
    }

    #[test]
    fn a_secrets_host_keeps_its_folder() {
        let base = "https://{{ secret.host }}/api/v1";
        for (pasted, host) in [
            ("crm.example.com", "crm.example.com"),
            ("https://CRM.example.com/Folder/", "crm.example.com/Folder"),
            ("crm.example.com:8443/folder", "crm.example.com:8443/folder"),
            ("https://crm.example.com/#Contact/view/1", "crm.example.com"),
            ("https://crm.example.com/folder/?a=b", "crm.example.com/folder"),
            ("https://crm.example.com/api/v1/", "crm.example.com"),
            ("crm.example.com/folder/api/v1", "crm.example.com/folder"),
            ("crm.example.com/my-api/v1", "crm.example.com/my-api/v1"),
        ] {
            assert_eq!(tidy(base, "", pasted), host);
        }
    }

    #[test]
    fn nothing_but_an_addresss_own_parts_is_cut_off() {
        for hostile in ["evil.example/acme.my.crm.example", "a@evil.example", "evil.example?.my.crm.example"]
        {
            let host = tidy("https://{{instance_host}}", "auth", hostile);
            assert!(host.contains("evil.example"), "{hostile}: {host}");
        }
        assert!(read("https://crm.example", "").is_none());
        assert!(read("https://crm.example.com/{{ auth.account }}", "").is_none());
    }
}
