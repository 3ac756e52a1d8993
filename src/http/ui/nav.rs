//! The menu. Its names are those of the documentation ("Access → Personal Tokens → Create"), so they are not to be changed
//! lightly; what the reader may not open is not in it.

use super::context::Ctx;
use crate::access::{Place, permit};
use crate::http::kit::parts::NavItem;

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

/// The entries for a reader.
pub(super) fn items(ctx: &Ctx) -> Vec<NavItem> {
    let item = |shown: bool, group, name, href, symbol| shown.then_some(NavItem { group, name, href, symbol });
    let keys = ctx.here::<permit::ManageApiKeys>().is_ok() || ctx.may::<permit::ManageUsers>();
    let platform = ctx.actor().may::<permit::ReadApplications>(Place::Platform);
    [
        item(true, "", "Home", HOME, "home"),
        item(ctx.may::<permit::ReadTenants>(), "", "Organizations", ORGANIZATIONS, "org"),
        item(ctx.may::<permit::ReadApplications>(), "", "Applications", APPLICATIONS, "apps"),
        item(ctx.may::<permit::ListSecrets>(), "", "Secrets", SECRETS, "secret"),
        item(ctx.may::<permit::ReadAudit>(), "", "Audit", AUDIT, "audit"),
        item(ctx.may::<permit::ReadUsers>(), "People", "Users", USERS, "people"),
        item(ctx.may::<permit::ReadGroups>(), "People", "Groups", GROUPS, "group"),
        item(ctx.may::<permit::ReadUsers>(), "People", "Sessions", SESSIONS, "session"),
        item(keys, "Access", "API Keys", API_KEYS, "token"),
        item(ctx.may::<permit::OwnTokens>(), "Access", "Personal Tokens", TOKENS, "token"),
        item(ctx.here::<permit::ManageUsers>().is_ok(), "Access", "Roles", ROLES, "role"),
        item(ctx.here::<permit::ReadLimits>().is_ok(), "Access", "Limits", LIMITS, "limit"),
        item(platform, "Developers", "Settings", DEVELOPERS, "code"),
        item(ctx.may::<permit::ManageOutbox>(), "Settings", "Outbox", OUTBOX, "mail"),
        item(ctx.may::<permit::ReadJobs>(), "Settings", "Jobs", JOBS, "clock"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
