//! `/v1/me` and `/v1/auth/me`: who asks, and what they may do.

use super::Services;
use super::envelope::{Success, ok};
use super::users::UserStatus;
use crate::access::{Actor, CORE_PERMISSIONS, PERMISSIONS, Principal, Role};
use crate::base::Problem;
use crate::base::id::{CustomRoleId, PartnerId, TenantId};
use crate::http::extract::Caller;
use crate::people;
use crate::roles;
use serde::Serialize;

/// The core permissions that this very credential leads to: what its owner may do, narrowed by its scopes.
fn usable(actor: &Actor) -> Vec<&'static str> {
    let may = |name: &&str| {
        PERMISSIONS.iter().find(|rule| rule.name == *name).is_some_and(|rule| actor.may_rule(rule, actor.home()))
    };
    CORE_PERMISSIONS.into_iter().filter(may).collect()
}

/// Who asks, and what they may do.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Me {
    /// A user's id, an application's client_id, or `operator`.
    id: String,
    /// Null: it is no person, or the credential may not be told.
    email: Option<String>,
    display_name: String,
    /// The tenant that the credential works in.
    tenant_id: TenantId,
    partner_id: PartnerId,
    /// The built-in roles there; absent: the credential may not be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<Role>>,
    /// The custom roles there; absent: the credential may not be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_role_ids: Option<Vec<CustomRoleId>>,
    /// The core permissions that this credential leads to.
    permissions: Vec<&'static str>,
    /// The modules' permissions; `*` are all of them.
    module_permissions: Vec<String>,
    /// A person's; of others `active`.
    status: UserStatus,
}

/// `GET /v1/me`: who asks, and what they may do. Of a person it says what the credential may be told.
pub async fn show(stack: Services, Caller(actor): Caller) -> Result<Success<Me>, Problem> {
    let seen = actor.read_own_data()?;
    let snapshot = stack.store.read();
    let held = roles::of_actor(&snapshot, &actor, actor.home())?;
    let mut modules = held.module_names();
    if let Some(scopes) = &actor.scopes {
        modules.retain(|name| scopes.has(name));
    }
    let (id, email, name, status) = match &actor.principal {
        Principal::User { id, email } => {
            let user = people::user(&snapshot, *id)?;
            let name = user.as_ref().filter(|_| seen.name).and_then(people::User::own_name);
            let email = seen.email.then(|| email.to_string());
            let name = name.or_else(|| email.clone()).unwrap_or_else(|| id.to_string());
            (id.to_string(), email, name, user.map(|user| UserStatus::from(user.status)))
        }
        Principal::Application { client_id, name, .. } => (client_id.clone(), None, name.clone(), None),
        Principal::Operator => ("operator".to_owned(), None, "operator".to_owned(), None),
    };
    Ok(ok(Me {
        id,
        email,
        display_name: name,
        tenant_id: actor.tenant,
        partner_id: actor.partner,
        permissions: usable(&actor),
        module_permissions: modules.into_iter().map(str::to_owned).collect(),
        roles: seen.roles.then_some(held.roles),
        custom_role_ids: seen.roles.then_some(held.custom),
        status: status.unwrap_or(UserStatus::Active),
    }))
}
