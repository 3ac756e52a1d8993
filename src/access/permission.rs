//! The permission table, and the witness that one was given.
//!
//! A right is (roles of the actor at a covering place) ∩ (scopes of the credential, if it has any); and where the line asks
//! for it, a recent sign-in ([`StepUp`]). Vault policies narrow it once more for a path, in `vault/`.

use super::Role::{PartnerAdmin, PartnerViewer, SuperAdmin, TenantAdmin, TenantUser, TenantViewer};
use super::core::same;
use super::{Actor, Place, Principal, Proof, Role};
use crate::base::Problem;
use crate::catalogue::SCOPES;
use std::marker::PhantomData;
use std::sync::Arc;

/// The code of the refusal of a credential that shows no recent sign-in; a page answers it by asking for the password.
pub const STEP_UP_REQUIRED: &str = "step_up_required";

/// What a permission asks for beyond a role and a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepUp {
    /// No recent sign-in is asked for.
    No,
    /// A recent sign-in: see [`Proof`].
    SignIn,
    /// A recent sign-in, and of the person: what is made is a credential that would outlive the token, the sign-out and the
    /// consent of an application that somebody has let in, so no such application gets it.
    Person,
}

/// One line of the permission table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The permission's name, `secrets.read`.
    pub name: &'static str,
    about: &'static str,
    /// The roles that hold it.
    pub roles: &'static [Role],
    /// The scopes that let a narrowed credential use it: any one of them is enough.
    pub scopes: &'static [&'static str],
    /// Whether it asks for a recent sign-in.
    pub step_up: StepUp,
}

impl Rule {
    /// What it allows, in a sentence or two.
    pub fn about(&self) -> &'static str {
        self.about.trim()
    }
}

/// A permission as a type, so that [`Granted`] can carry it. Made by the table below, never by hand.
pub trait Permission: Send + Sync + 'static {
    /// Its line in the table.
    const RULE: Rule;
}

/// Why a permission was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The credential is narrowed, and none of the scopes that would do is among its own.
    Scope,
    /// No role of the actor holds it, anywhere.
    Role,
    /// A role holds it, but not here: to the actor this place does not exist.
    Place,
    /// It is held here, but the credential shows no recent sign-in.
    StepUp(Proof),
    /// It is held here, but not through an application that acts for somebody.
    Delegated,
}

/// A permission that was not given.
#[derive(Clone, Copy, Debug)]
pub struct Denied {
    /// What was asked for.
    pub rule: Rule,
    /// What was missing.
    pub reason: Reason,
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let (code, missing, message) = match denied.reason {
            Reason::Scope if denied.rule.scopes.is_empty() => {
                let message = "No token may do this: use the command line on the server, or sign in";
                ("access_denied", "scope", message.to_owned())
            }
            Reason::Scope => {
                let scopes = denied.rule.scopes.join(" or ");
                ("access_denied", "scope", format!("The credential lacks the scope for this: it needs {scopes}"))
            }
            Reason::Role | Reason::Place => {
                ("access_denied", "role", format!("You do not have the permission {} here", denied.rule.name))
            }
            Reason::StepUp(proof) => (STEP_UP_REQUIRED, "step_up", proof.advice().to_owned()),
            Reason::Delegated => {
                let message = "An application that acts for somebody cannot make credentials: sign in yourself";
                ("delegation_refused", "person", message.to_owned())
            }
        };
        Problem::forbidden(code, message).with("permission", denied.rule.name).with("missing", missing)
    }
}

/// Proof that an actor holds a permission at a place. Only [`Actor::grant`] makes one.
#[derive(Debug)]
pub struct Granted<P> {
    actor: Arc<Actor>,
    place: Place,
    permission: PhantomData<P>,
}

impl<P> Clone for Granted<P> {
    fn clone(&self) -> Self {
        Self { actor: Arc::clone(&self.actor), place: self.place, permission: PhantomData }
    }
}

impl<P> Granted<P> {
    pub(super) fn new(actor: Arc<Actor>, place: Place) -> Self {
        Self { actor, place, permission: PhantomData }
    }

    /// The actor that the permission was granted to.
    pub fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// The place that the permission was granted at.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Another permission of the same actor at the same place: for an operation that needs it only sometimes, such as a
    /// user that is made with a password.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn and<Q: Permission>(&self) -> Result<Granted<Q>, Denied> {
        self.actor.grant(self.place)
    }
}

impl Granted<permit::ManageUsers> {
    /// The permission of ScaiKey for the same: what built-in roles hold together, a custom role may hold alone. Only for
    /// operations that compare what is given and who is changed with what the actor has: giving and taking roles, ending
    /// memberships, deleting. Never for what hands out an account, such as a password.
    pub fn to_give_roles(&self) -> Granted<permit::WriteUsers> {
        Granted::new(Arc::clone(&self.actor), self.place)
    }

    /// The same for deleting users and ending memberships.
    pub fn to_remove(&self) -> Granted<permit::DeleteUsers> {
        Granted::new(Arc::clone(&self.actor), self.place)
    }
}

impl Granted<permit::RevealSecrets> {
    /// Who may see a value on a page may read it: the roles are the same.
    pub fn to_read(&self) -> Granted<permit::ReadSecrets> {
        Granted::new(Arc::clone(&self.actor), self.place)
    }
}

impl Granted<permit::EndSessions> {
    /// Who ends a session may see it: the scopes and roles of the one line are among those of the other.
    pub fn to_look(&self) -> Granted<permit::ReadSessions> {
        Granted::new(Arc::clone(&self.actor), self.place)
    }
}

impl Granted<permit::WriteUsers> {
    /// The permission of ScaiGrid for the same. Only for giving and taking roles, where what is given is compared with what
    /// the actor has, and a narrowed credential gives no more than it says.
    pub fn to_assign(&self) -> Granted<permit::ManageUsers> {
        Granted::new(Arc::clone(&self.actor), self.place)
    }
}

/// The decision, in one place. Who holds a permission nowhere is told so before anything is asked.
pub(super) fn decide(actor: &Actor, rule: &Rule, place: Place) -> Result<(), Denied> {
    holds(actor, rule, place)?;
    let denied = |reason| Err(Denied { rule: *rule, reason });
    match (rule.step_up, actor.proof) {
        (StepUp::No, _) => Ok(()),
        (StepUp::Person, _) if actor.is_application_for_user() => denied(Reason::Delegated),
        (_, Proof::Recent | Proof::Program) => Ok(()),
        (_, Proof::Stale | Proof::Stored) => denied(Reason::StepUp(actor.proof)),
    }
}

/// Whether a role gives it here, and a scope if the credential has any.
fn holds(actor: &Actor, rule: &Rule, place: Place) -> Result<(), Denied> {
    let denied = |reason| Err(Denied { rule: *rule, reason });
    if let Some(scopes) = &actor.scopes
        && !rule.scopes.iter().any(|scope| scopes.has(scope))
    {
        return denied(Reason::Scope);
    }
    if actor.principal == Principal::Operator {
        return Ok(());
    }
    if actor.custom.leads_to(rule) && actor.home().covers(place) {
        return Ok(());
    }
    let mut held = false;
    for assignment in actor.roles.iter().filter(|assignment| rule.roles.contains(&assignment.role)) {
        if assignment.place.covers(place) {
            return Ok(());
        }
        held = true;
    }
    denied(if held { Reason::Place } else { Reason::Role })
}

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
            assert!(is_scope(scopes[at]), "a scope of the permission table is not in the catalogue");
            at += 1;
        }
        line += 1;
    }
};

const fn is_scope(name: &str) -> bool {
    let mut at = 0;
    while at < SCOPES.len() {
        if same(SCOPES[at].name, name) {
            return true;
        }
        at += 1;
    }
    false
}

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
