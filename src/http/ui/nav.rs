//! The menu. Its names are those of the documentation ("Access → Personal Tokens → Create"), so they are not to be changed
//! lightly; what the reader may not open is not in it.

use crate::access::{Actor, Permission, Place, may_anywhere, permit};
use crate::http::kit::parts::NavItem;
use std::sync::Arc;

pub(super) const HOME: &str = "/admin/";
pub(super) const ORGANIZATIONS: &str = "/admin/organizations";
pub(super) const APPLICATIONS: &str = "/admin/applications";
pub(super) const API_KEYS: &str = "/admin/access/api-keys";
pub(super) const ROLES: &str = "/admin/access/roles";
pub(super) const LIMITS: &str = "/admin/access/limits";
pub(super) const TOKENS: &str = "/admin/access/personal-tokens";
pub(super) const SECRETS: &str = "/admin/secrets";
pub(super) const USERS: &str = "/admin/people/users";
pub(super) const GROUPS: &str = "/admin/people/groups";
pub(super) const SESSIONS: &str = "/admin/people/sessions";
pub(super) const DEVELOPERS: &str = "/admin/developers/settings";
pub(super) const OUTBOX: &str = "/admin/settings/outbox";
pub(super) const JOBS: &str = "/admin/settings/jobs";
pub(super) const AUDIT: &str = "/admin/audit";

/// Whether a reader has a permission in their own tenant.
fn here<P: Permission>(reader: &Arc<Actor>) -> bool {
    reader.grant::<P>(reader.home()).is_ok()
}

/// Whether an address is an entry of the menu that a reader does not have.
pub(super) fn is_closed(reader: &Arc<Actor>, address: &str) -> bool {
    let all = [
        ORGANIZATIONS,
        APPLICATIONS,
        API_KEYS,
        ROLES,
        LIMITS,
        TOKENS,
        SECRETS,
        USERS,
        GROUPS,
        SESSIONS,
        DEVELOPERS,
        OUTBOX,
        JOBS,
        AUDIT,
    ];
    all.contains(&address) && !items(reader).iter().any(|item| item.href == address)
}

/// The entries for a reader.
pub(super) fn items(reader: &Arc<Actor>) -> Vec<NavItem> {
    let item = |shown: bool, group, name, href, symbol| shown.then_some(NavItem { group, name, href, symbol });
    let keys = here::<permit::ManageApiKeys>(reader) || may_anywhere::<permit::ManageUsers>(reader);
    let platform = reader.may::<permit::ReadApplications>(Place::Platform);
    [
        item(true, "", "Home", HOME, "home"),
        item(may_anywhere::<permit::ReadTenants>(reader), "", "Organizations", ORGANIZATIONS, "org"),
        item(may_anywhere::<permit::ReadApplications>(reader), "", "Applications", APPLICATIONS, "apps"),
        item(may_anywhere::<permit::ListSecrets>(reader), "", "Secrets", SECRETS, "secret"),
        item(may_anywhere::<permit::ReadAudit>(reader), "", "Audit", AUDIT, "audit"),
        item(may_anywhere::<permit::ReadUsers>(reader), "People", "Users", USERS, "people"),
        item(may_anywhere::<permit::ReadGroups>(reader), "People", "Groups", GROUPS, "group"),
        item(may_anywhere::<permit::ReadUsers>(reader), "People", "Sessions", SESSIONS, "session"),
        item(keys, "Access", "API Keys", API_KEYS, "token"),
        item(may_anywhere::<permit::OwnTokens>(reader), "Access", "Personal Tokens", TOKENS, "token"),
        item(here::<permit::ManageUsers>(reader), "Access", "Roles", ROLES, "role"),
        item(here::<permit::ReadLimits>(reader), "Access", "Limits", LIMITS, "limit"),
        item(platform, "Developers", "Settings", DEVELOPERS, "code"),
        item(reader.may::<permit::ManageOutbox>(Place::Platform), "Settings", "Outbox", OUTBOX, "mail"),
        item(reader.may::<permit::ReadJobs>(Place::Platform), "Settings", "Jobs", JOBS, "clock"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
