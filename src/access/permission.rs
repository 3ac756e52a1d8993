//! The permission table.
//!
//! A right is (roles of the actor at a covering place) ∩ (scopes of the credential, if it has any); and where the line asks
//! for it, a recent sign-in ([`StepUp`]). Vault policies narrow it once more for a path, in `vault/`.

use super::Role::{PartnerAdmin, PartnerViewer, SuperAdmin, TenantAdmin, TenantUser, TenantViewer};
use super::rule::{Permission, Rule, StepUp};
use crate::catalogue::scope;

macro_rules! step_up {
    () => {
        StepUp::No
    };
    ($asks:ident) => {
        StepUp::$asks
    };
}

macro_rules! permissions {
    ($($(#[doc = $doc:literal])* $name:ident $text:literal [$($role:ident)*] [$($scope:literal)*] $($asks:ident)?;)*) => {
        /// The types of the permission table.
        pub mod permit {
            use super::{Permission, Rule};
            $(
                $(#[doc = $doc])*
                #[derive(Clone, Copy, Debug)]
                pub struct $name;
                impl Permission for $name {
                    const RULE: Rule = super::rules::$name;
                }
            )*
        }

        #[allow(non_upper_case_globals, reason = "named as the types above")]
        mod rules {
            use super::*;
            $(pub(super) const $name: Rule = Rule {
                name: $text,
                about: concat!($($doc),*),
                roles: &[$($role),*],
                scopes: &[$($scope),*],
                step_up: step_up!($($asks)?),
            };)*
        }

        /// The whole table, as the documentation prints it.
        pub const PERMISSIONS: &[Rule] = &[$(rules::$name),*];
    };
}

/// Every scope of the table is one that the catalogue documents.
const _: () = {
    let mut line = 0;
    while line < PERMISSIONS.len() {
        let (scopes, mut at) = (PERMISSIONS[line].scopes, 0);
        while at < scopes.len() {
            assert!(scope::is_known(scopes[at]), "a scope of the permission table is not in the catalogue");
            at += 1;
        }
        line += 1;
    }
};

// A scope `x:write` is taken for reading too: the product's error asks for "admin:read or admin:write". ScaiGrid's core
// permissions are scopes as well, of keys and in custom roles: where one stands behind a line it is the same right, so a key
// that is narrowed to it and a custom role that holds it both lead there. Where such a line hands something out, what is given
// is compared with what the giver has.
permissions! {
    /// See partners.
    ReadPartners "partners.read" [SuperAdmin PartnerAdmin PartnerViewer] ["admin:read" "admin:write"];
    /// Make, change and delete partners.
    WritePartners "partners.write" [SuperAdmin] ["admin:write"];
    /// See tenants.
    ReadTenants "tenants.read" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin] ["admin:read" "admin:write" "organizations:read" "organizations:write"];
    /// Make and change tenants.
    WriteTenants "tenants.write" [SuperAdmin] ["admin:write" "organizations:write"];
    /// Work on the pages in a tenant that one administers without belonging to it: what is there is shown as to its own people,
    /// the list of its secrets too where the role reads secrets.
    EnterTenants "tenants.enter" [SuperAdmin PartnerAdmin PartnerViewer] [] SignIn;
    /// Delete tenants.
    DeleteTenants "tenants.delete" [SuperAdmin] ["admin:write" "organizations:delete"];
    /// Make links to a tenant's portal, where its own admins set things up. A program that was given Scalekit's scope for
    /// just this needs no wider one.
    ManagePortalLinks "portal_links.manage" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write" "portal_links:manage"] SignIn;
    /// See applications.
    ReadApplications "applications.read" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin] ["admin:read" "admin:write"];
    /// Make, change and delete applications, and end their secrets.
    WriteApplications "applications.write" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write"];
    /// Make client secrets: register an application that has one, and rotate it.
    MakeClientSecrets "client_secrets.create" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write"] Person;
    /// See users.
    ReadUsers "users.read" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin] ["admin:read" "admin:write" "users:read" "users:write" "users:manage"];
    /// Make, change and delete users.
    WriteUsers "users.write" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write" "users:write"];
    /// Set the passwords and e-mail addresses of others, and take their second factors.
    ManageCredentials "credentials.manage" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write"] Person;
    /// Mail others a link for a new password. Only its reader can use it, so a program that changes users may send it.
    SendResetLinks "reset_links.send" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write" "users:write"] SignIn;
    /// Let somebody try again at once after too many wrong tries. With a recent sign-in, whose tries are counted themselves: whoever
    /// guesses for a session that was left open cannot begin anew again and again.
    LiftLockouts "lockouts.lift" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write"] SignIn;
    /// Give and take the roles of administrators, also by groups that are mapped to them. The plain roles, tenant_user and
    /// tenant_viewer, go with the permission to change users.
    AssignRoles "roles.assign" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write"] SignIn;
    /// Give and take custom roles and module permissions, as far as one holds oneself what they open. Where they open
    /// something here, a narrowed credential needs `admin:write`; permissions of applications open nothing here.
    AssignCustomRoles "custom_roles.assign" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write" "users:write" "users:manage" "groups:write" "app_authorization:write"] SignIn;
    /// Delete users and end memberships.
    DeleteUsers "users.delete" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write" "users:write" "users:delete"];
    /// See the sessions of users.
    ReadSessions "sessions.read" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin] ["admin:read" "admin:write" "users:read" "users:write" "sessions:read" "sessions:revoke" "users:manage"];
    /// End the sessions of users.
    EndSessions "sessions.revoke" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write" "users:write" "sessions:revoke"];
    /// See the roles and permissions of applications: the instance's, and those of single tenants.
    ReadRoles "roles.read" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin] ["admin:read" "admin:write" "organizations:read" "organizations:write" "app_authorization:read" "app_authorization:write"];
    /// Make, change and delete the roles and permissions of applications.
    WriteRoles "roles.write" [SuperAdmin TenantAdmin] ["admin:write" "app_authorization:write"];
    /// See groups and who is in them.
    ReadGroups "groups.read" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin] ["admin:read" "admin:write" "groups:read" "groups:write" "users:manage"];
    /// Make, change and delete groups, and put users and groups into them.
    WriteGroups "groups.write" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write" "groups:write"];
    /// See the audit log.
    ReadAudit "audit.read" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin] ["admin:read" "admin:write" "audit:read" "admin:access"];
    /// See and end the personal tokens of others.
    ManageTokens "tokens.manage" [SuperAdmin TenantAdmin] ["admin:write"];
    /// Make personal tokens for others: they act as these.
    MakeTokensForOthers "tokens.create_for_others" [SuperAdmin] ["admin:write"] Person;
    /// Make personal tokens for oneself.
    MakeTokens "tokens.create" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin TenantUser TenantViewer] ["admin:write"] Person;
    /// See and end one's own personal tokens.
    OwnTokens "tokens.own" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin TenantUser TenantViewer] ["admin:write"];
    /// Change how one signs in: password, sessions, authorised applications. No scope leads here: an application that
    /// somebody has let in is not the person.
    OwnAccount "account.own" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin TenantUser TenantViewer] [];
    /// Set up one's own second factors and recovery codes, and remove them.
    OwnFactors "factors.own" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin TenantUser TenantViewer] [] Person;
    /// Read secrets.
    ReadSecrets "secrets.read" [SuperAdmin TenantAdmin TenantUser] ["secrets:read"];
    /// Show a secret's value on a page, where somebody may look over a shoulder or have found the browser open.
    RevealSecrets "secrets.reveal" [SuperAdmin TenantAdmin TenantUser] [] SignIn;
    /// See which secrets there are, without their values.
    ListSecrets "secrets.list" [SuperAdmin TenantAdmin TenantUser TenantViewer] ["secrets:list" "secrets:read"];
    /// Write secrets.
    WriteSecrets "secrets.write" [SuperAdmin TenantAdmin TenantUser] ["secrets:write"];
    /// Delete secrets and bring them back.
    DeleteSecrets "secrets.delete" [SuperAdmin TenantAdmin TenantUser] ["secrets:delete"];
    /// See limits of requests.
    ReadLimits "limits.read" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin] ["admin:access" "admin:read" "admin:write"];
    /// Set limits of requests.
    WriteLimits "limits.write" [SuperAdmin PartnerAdmin] ["admin:write"];
    /// See which models there are.
    ListModels "models:list" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin TenantUser TenantViewer] ["models:list" "models:use" "admin:read" "admin:write"];
    /// Call models.
    UseModels "models:use" [SuperAdmin TenantAdmin TenantUser] ["models:use"];
    /// Make, change and delete models.
    ManageModels "models:manage" [SuperAdmin] ["models:manage" "admin:write"];
    /// See how requests are routed to backends.
    ViewRouting "routing:view" [SuperAdmin TenantAdmin] ["routing:view" "admin:read" "admin:write"];
    /// Change how requests are routed.
    ManageRouting "routing:manage" [SuperAdmin] ["routing:manage" "admin:write"];
    /// See one's own usage.
    ViewOwnUsage "accounting:view_own" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin TenantUser TenantViewer] ["accounting:view_own" "admin:read" "admin:write"];
    /// See a tenant's usage.
    ViewTenantUsage "accounting:view_tenant" [SuperAdmin PartnerAdmin PartnerViewer TenantAdmin] ["accounting:view_tenant" "admin:read" "admin:write"];
    /// See a partner's usage.
    ViewPartnerUsage "accounting:view_partner" [SuperAdmin PartnerAdmin PartnerViewer] ["accounting:view_partner" "admin:read" "admin:write"];
    /// Make and change budgets.
    ManageBudgets "accounting:manage_budgets" [SuperAdmin PartnerAdmin TenantAdmin] ["accounting:manage_budgets" "admin:write"];
    /// See users, change their roles, and see and end their keys.
    ManageUsers "users:manage" [SuperAdmin PartnerAdmin TenantAdmin] ["users:manage" "admin:write"];
    /// See, change and end one's own API keys.
    ManageApiKeys "api_keys:manage" [SuperAdmin TenantAdmin TenantUser] ["api_keys:manage" "admin:write"];
    /// Make and reroll one's own API keys.
    MakeApiKeys "api_keys.create" [SuperAdmin TenantAdmin TenantUser] ["api_keys:manage" "admin:write"] Person;
    /// Make and reroll API keys for others: they act as these.
    MakeApiKeysForOthers "api_keys.create_for_others" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:write"] Person;
    /// Make and change webhooks.
    ManageWebhooks "webhooks:manage" [SuperAdmin TenantAdmin] ["webhooks:manage" "admin:write"];
    /// Call modules.
    UseModules "modules:use" [SuperAdmin TenantAdmin TenantUser] ["modules:use"];
    /// Switch modules on and off.
    ManageModules "modules:manage" [SuperAdmin TenantAdmin] ["modules:manage" "admin:write"];
    /// Enter the administration: audit log, health in detail.
    AdminAccess "admin:access" [SuperAdmin PartnerAdmin TenantAdmin] ["admin:access" "admin:read" "admin:write"];
    /// See which mails wait and which were sent, delete them, try them again. What they say is for those who run the instance.
    ManageOutbox "outbox.manage" [SuperAdmin] ["admin:write"];
    /// See what a mail in the outbox says, with its link.
    RevealMail "outbox.reveal" [SuperAdmin] [] SignIn;
    /// See what the server does by itself, and how that went.
    ReadJobs "jobs.read" [SuperAdmin] ["admin:read" "admin:write"];
    /// Have the server do now what it does by itself.
    RunJobs "jobs.run" [SuperAdmin] ["admin:write"];
    /// Run the instance: backup, unseal slots, signing keys, state of the audit chain.
    Operate "instance.operate" [SuperAdmin] [];
}
