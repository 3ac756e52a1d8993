//! What a scope lets an application do, in words for the person who is asked.

/// The words of a scope; none for one that only its application knows.
pub fn words(scope: &str) -> Option<&'static str> {
    Some(match scope {
        "openid" => "Know that it is you",
        "profile" => "See your name, picture and profile",
        "email" => "See your e-mail address",
        "address" => "See your postal address",
        "phone" => "See your telephone number",
        "groups" => "See which groups you are in",
        "offline_access" => "Keep this access while you are away",
        "admin:read" => "See the users, applications and settings that you administer",
        "admin:write" => "Change the users, applications and settings that you administer",
        "admin:access" => "Open the administration as you",
        "api_keys:manage" => "Make, change and revoke API keys",
        "groups:read" => "See the groups that you administer",
        "groups:write" => "Change the groups that you administer",
        "models:use" => "Use models, which may cost your organisation money",
        "models:list" => "See which models there are",
        "models:manage" => "Change which models there are",
        "webhooks:manage" => "Change where events are sent",
        "users:manage" => "Change the users that you administer",
        "users:read" => "See the users that you administer",
        "users:write" => "Change the users that you administer",
        "users:delete" => "Delete the users that you administer",
        "organizations:read" => "See the organizations that you administer",
        "organizations:write" => "Make and change the organizations that you administer",
        "organizations:delete" => "Delete the organizations that you administer",
        "portal_links:manage" => "Open the settings of the organizations that you administer to others",
        "sessions:read" => "See where the users that you administer are signed in",
        "sessions:revoke" => "Sign out the users that you administer",
        "app_authorization:read" => "See the roles and permissions of applications",
        "app_authorization:write" => "Change the roles and permissions of applications",
        "audit:read" => "Read the audit log that you may read",
        "secrets:read" => "Read the secrets that you may read",
        "secrets:list" => "See which secrets there are",
        "secrets:write" => "Write secrets where you may",
        "secrets:delete" => "Delete secrets where you may",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::PERMISSIONS;

    #[test]
    fn what_reaches_our_own_data_has_words() {
        for scope in PERMISSIONS.iter().flat_map(|rule| rule.scopes) {
            if [
                "admin:",
                "users:",
                "audit:",
                "secrets:",
                "organizations:",
                "portal_links:",
                "sessions:",
                "app_authorization:",
            ]
            .iter()
            .any(|front| scope.starts_with(front))
            {
                assert!(words(scope).is_some(), "{scope}");
            }
        }
    }
}
