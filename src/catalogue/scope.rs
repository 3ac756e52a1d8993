//! The scopes: what a credential can be narrowed to.

use super::did_you_mean;

/// What belongs together in a picker and in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// OpenID Connect: who somebody is.
    Identity,
    /// Everything at once.
    Administration,
    /// Tenants.
    Organizations,
    /// Users, groups, roles, and where people are signed in.
    People,
    /// The audit log.
    Audit,
    /// The vault.
    Secrets,
    /// ScaiGrid's core permissions.
    Grid,
}

impl Group {
    /// All of them, in the order of pickers.
    pub const ALL: [Self; 7] = [
        Self::Identity,
        Self::Administration,
        Self::Organizations,
        Self::People,
        Self::Audit,
        Self::Secrets,
        Self::Grid,
    ];

    /// The group's heading in pickers and in the documentation.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Identity => "Identity",
            Self::Administration => "Administration",
            Self::Organizations => "Organizations",
            Self::People => "Users, groups and roles",
            Self::Audit => "Audit log",
            Self::Secrets => "Secrets",
            Self::Grid => "ScaiGrid",
        }
    }
}

/// What can have a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// An OAuth application, in its `allowed_scopes`.
    Application,
    /// A personal token, `skt_…`.
    Token,
    /// An API key, `sgk_…`.
    Key,
    /// A custom role, as a core permission.
    Role,
}

impl Holder {
    /// In words, with its article.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Application => "an application",
            Self::Token => "a personal token",
            Self::Key => "an API key",
            Self::Role => "a role",
        }
    }
}

/// A scope that means something to this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// As tokens and requests write it: `users:read`.
    pub name: &'static str,
    /// What it belongs to.
    pub group: Group,
    /// What its holder can do, for whoever makes a credential.
    pub about: &'static str,
    /// The same for the person whom an application asks.
    pub consent: &'static str,
    holders: &'static [Holder],
}

macro_rules! holders {
    ([$($holder:ident)*]) => { &[$(Holder::$holder),*] };
}

macro_rules! scopes {
    ($($group:ident $holders:tt { $($name:literal $about:literal $consent:literal;)* })*) => {
        /// All scopes, in the order of pickers and documentation.
        pub const SCOPES: &[Scope] = &[$($(Scope {
            name: $name,
            group: Group::$group,
            about: $about,
            consent: $consent,
            holders: holders!($holders),
        },)*)*];

        impl Scope {
            /// Whether there is a scope of this name.
            pub fn exists(name: &str) -> bool {
                matches!(name, $($($name)|*)|*)
            }
        }
    };
}

impl Scope {
    /// The scope of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SCOPES.iter().find(|scope| scope.name == name)
    }

    /// Whether such a credential or role can have it.
    pub const fn is_for(&self, holder: Holder) -> bool {
        let mut at = 0;
        while at < self.holders.len() {
            if self.holders[at] as u8 == holder as u8 {
                return true;
            }
            at += 1;
        }
        false
    }

    /// Those that such a credential or role can have.
    pub fn of(holder: Holder) -> impl Iterator<Item = &'static Self> {
        SCOPES.iter().filter(move |scope| scope.is_for(holder))
    }

    /// Those of a group.
    pub fn in_group(group: Group) -> impl Iterator<Item = &'static Self> {
        SCOPES.iter().filter(move |scope| scope.group == group)
    }

    /// What is wrong with scopes that such a holder is to have; None: nothing. `own` are names that are good besides, such
    /// as the permissions that applications have given a name to.
    pub fn fault<'a>(wanted: impl IntoIterator<Item = &'a str>, holder: Holder, own: &[&str]) -> Option<String> {
        let good = |name: &str| Self::named(name).is_some_and(|scope| scope.is_for(holder)) || own.contains(&name);
        let wrong = wanted.into_iter().find(|name| !good(name))?;
        if Self::exists(wrong) {
            return Some(format!("has {wrong}, which {} cannot have", holder.words()));
        }
        let names = || Self::of(holder).map(|scope| scope.name);
        Some(match did_you_mean(wrong, names().chain(own.iter().copied())) {
            Some(meant) => format!("has {wrong}, which is no scope: did you mean {meant}?"),
            None => {
                format!("has {wrong}, which is no scope: it must be among {}", names().collect::<Vec<_>>().join(", "))
            }
        })
    }
}

/// The scopes in a text that a person wrote: with blanks, commas or lines between them. In the parameters of OAuth only
/// blanks stand between scopes (RFC 6749 §3.3).
pub fn written(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter == ',' || letter.is_whitespace()).filter(|scope| !scope.is_empty())
}

/// The scopes that the operations of Scalekit's SDKs ask for; a test at their table holds the two together.
pub const SDK_SCOPES: [&str; 11] = [
    "organizations:read",
    "organizations:write",
    "organizations:delete",
    "portal_links:manage",
    "users:read",
    "users:write",
    "users:delete",
    "sessions:read",
    "sessions:revoke",
    "app_authorization:read",
    "app_authorization:write",
];

scopes! {
    Identity [Application Token] {
        "openid" "Tell who the user is" "Know that it is you";
        "profile" "Tell the user's name, picture and profile" "See your name, picture and profile";
        "email" "Tell the user's e-mail address" "See your e-mail address";
        "address" "Tell the user's postal address" "See your postal address";
        "phone" "Tell the user's telephone number" "See your telephone number";
        "groups" "Tell which groups the user is in" "See which groups you are in";
    }
    Identity [Application] {
        "offline_access" "Stay signed in with refresh tokens" "Keep this access while you are away";
    }
    Administration [Application Token] {
        "admin:read" "See everything that the administration shows" "See the users, applications and settings that you administer";
        "admin:write" "Change everything that the administration can change" "Change the users, applications and settings that you administer";
    }
    Organizations [Application Token] {
        "organizations:read" "See organizations" "See the organizations that you administer";
        "organizations:write" "Make and change organizations" "Make and change the organizations that you administer";
        "organizations:delete" "Delete organizations" "Delete the organizations that you administer";
        "portal_links:manage" "Make links to the portals of organizations" "Open the settings of the organizations that you administer to others";
    }
    People [Application Token] {
        "users:read" "See users, memberships and sessions" "See the users that you administer";
        "users:write" "Make, change and delete users and memberships" "Change the users that you administer";
        "users:delete" "Delete users and memberships" "Delete the users that you administer";
        "groups:read" "See groups and who is in them" "See the groups that you administer";
        "groups:write" "Make, change and delete groups" "Change the groups that you administer";
        "sessions:read" "See where users are signed in" "See where the users that you administer are signed in";
        "sessions:revoke" "See and end sessions of users" "Sign out the users that you administer";
        "app_authorization:read" "See the roles and permissions of applications" "See the roles and permissions of applications";
        "app_authorization:write" "Change the roles and permissions of applications" "Change the roles and permissions of applications";
    }
    Audit [Application Token] {
        "audit:read" "Read and export the audit log" "Read the audit log that you may read";
        "audit:export" "ScaiVault's scope for exports of its log; no address here asks for it" "Export the audit log that you may read";
    }
    Secrets [Application Token Key] {
        "secrets:read" "Read secrets and see which there are" "Read the secrets that you may read";
        "secrets:list" "See which secrets there are, without their values" "See which secrets there are";
        "secrets:write" "Write secrets" "Write secrets where you may";
        "secrets:delete" "Delete secrets and bring them back" "Delete secrets where you may";
    }
    Secrets [Application Token] {
        "secrets:rotate" "ScaiVault's scope for rotations; no address here asks for it" "Rotate secrets where you may";
        "policies:read" "ScaiVault's scope for policies; no address here asks for it" "See the vault's policies that you may see";
        "policies:write" "ScaiVault's scope for policies; no address here asks for it" "Change the vault's policies that you may change";
    }
    Grid [Application Token Key Role] {
        "models:list" "See which models there are" "See which models there are";
        "models:use" "Call models" "Use models, which may cost your organisation money";
        "models:manage" "Make and change models" "Change which models there are";
        "routing:view" "See how requests are routed" "See how requests are routed";
        "routing:manage" "Change how requests are routed" "Change how requests are routed";
        "accounting:view_own" "See the owner's usage" "See your usage";
        "accounting:view_tenant" "See the tenant's usage" "See the usage of your organisation";
        "accounting:view_partner" "See the partner's usage" "See the usage of the organisations of your partner";
        "accounting:manage_budgets" "Make and change budgets" "Change the budgets that you administer";
        "users:manage" "See users, groups and sessions, and change users' roles" "Change the users that you administer";
        "api_keys:manage" "Make, change and end the owner's API keys" "Make, change and revoke API keys";
        "webhooks:manage" "Make and change webhooks" "Change where events are sent";
        "modules:use" "Call modules" "Use modules";
        "modules:manage" "Switch modules on and off" "Switch modules on and off";
        "admin:access" "Enter the administration: audit log, limits, health in detail" "Open the administration as you";
    }
}

/// Whether a name is one of [`SCOPES`]: for checks while compiling, which cannot compare texts otherwise.
pub(crate) const fn is_known(name: &str) -> bool {
    let mut at = 0;
    while at < SCOPES.len() {
        if same(SCOPES[at].name, name) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether two texts are equal, also while compiling.
pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_scope_is_documented_and_found_by_its_name() {
        let names: BTreeSet<_> = SCOPES.iter().map(|scope| scope.name).collect();
        assert_eq!(names.len(), SCOPES.len(), "no two have one name");
        for scope in SCOPES {
            assert!(Scope::exists(scope.name) && Scope::named(scope.name) == Some(scope), "{}", scope.name);
            for words in [scope.about, scope.consent] {
                assert!(words.len() > 5 && words.starts_with(char::is_uppercase) && !words.ends_with('.'), "{words}");
            }
            assert!(scope.is_for(Holder::Application), "{}: applications can have all", scope.name);
        }
        assert!(Scope::named("admin:reed").is_none() && !Scope::exists("admin:reed"));
        // The order of pickers is that of the groups.
        let order: Vec<_> =
            SCOPES.iter().filter_map(|scope| Group::ALL.iter().position(|one| *one == scope.group)).collect();
        assert!(order.is_sorted());
    }

    #[test]
    fn a_scope_that_is_none_is_refused_with_the_one_that_was_meant() {
        let fault = |wanted: &str, holder| Scope::fault(written(wanted), holder, &["files:read"]);
        assert_eq!(fault("openid,admin:read", Holder::Application), None);
        assert_eq!(fault("files:read", Holder::Application), None);
        let meant = "has admin:reed, which is no scope: did you mean admin:read?";
        assert_eq!(fault("openid admin:reed", Holder::Token).as_deref(), Some(meant));
        let meant = "has file:read, which is no scope: did you mean files:read?";
        assert_eq!(fault("file:read", Holder::Application).as_deref(), Some(meant));
        assert!(fault("eat:cake", Holder::Key).unwrap().contains("must be among secrets:read, secrets:list"));
        assert_eq!(fault("admin:write", Holder::Key).as_deref(), Some("has admin:write, which an API key cannot have"));
    }

    #[test]
    fn people_write_commas_and_blanks() {
        let read = |text| written(text).collect::<Vec<_>>();
        assert_eq!(
            read(" openid,admin:read  users:read,\n,groups:read "),
            ["openid", "admin:read", "users:read", "groups:read"]
        );
        assert!(read(" ,\t").is_empty());
    }
}
