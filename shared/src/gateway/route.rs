//! Paths: which component, which action. A stage or any other prefix may stand in front.

use percent_encoding::percent_decode_str;

use crate::contract::Component;

/// The component that a path names.
pub fn component(path: &str) -> Option<Component> {
    if action_name(path).is_some() {
        return Some(Component::Actions);
    }
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    Component::ALL
        .into_iter()
        .filter(|c| *c != Component::Actions)
        .find(|c| c.path().trim_start_matches('/') == last)
}

/// The action that a path names: what follows the last `/actions/`.
pub fn action_name(path: &str) -> Option<String> {
    let (_, name) = path.trim_end_matches('/').rsplit_once("/actions/")?;
    let name = percent_decode_str(name).decode_utf8().ok()?;
    (!name.is_empty()).then(|| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_work_with_and_without_a_stage() {
        for (path, expected) in [
            ("/contact_sync", Some(Component::Contacts)),
            ("/prod/contact_sync/", Some(Component::Contacts)),
            ("/auth_validation", Some(Component::AuthValidation)),
            ("/agent_sync", Some(Component::Agents)),
            ("/interaction_update", Some(Component::Interactions)),
            ("/prod/actions/create_ticket", Some(Component::Actions)),
            ("/actions/", None),
            ("/", None),
            ("/contact_syncs", None),
        ] {
            assert_eq!(component(path), expected, "{path}");
        }
        assert_eq!(action_name("/prod/actions/create_ticket").as_deref(), Some("create_ticket"));
        assert_eq!(action_name("/actions/a%2Fb").as_deref(), Some("a/b"));
    }
}
