//! `/v1/me` and `/v1/auth/me`: who asks, and what they may do.

use super::Services;
use super::envelope::ok;
use super::users::status_name;
use crate::access::{Actor, CORE_PERMISSIONS, PERMISSIONS, Principal};
use crate::base::Problem;
use crate::http::extract::Caller;
use crate::people;
use crate::roles;
use actix_web::HttpResponse;
use serde_json::json;

/// The core permissions that this very credential leads to: what its owner may do, narrowed by its scopes.
fn usable(actor: &Actor) -> Vec<&'static str> {
    let may = |name: &&str| {
        PERMISSIONS.iter().find(|rule| rule.name == *name).is_some_and(|rule| actor.may_rule(rule, actor.home()))
    };
    CORE_PERMISSIONS.into_iter().filter(may).collect()
}

/// `GET /v1/me`: of a person what the credential may be told.
pub async fn show(stack: Services, Caller(actor): Caller) -> Result<HttpResponse, Problem> {
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
            (id.to_string(), email, name, user.map(|user| status_name(user.status)))
        }
        Principal::Application { client_id, name, .. } => (client_id.clone(), None, name.clone(), None),
        Principal::Operator => ("operator".to_owned(), None, "operator".to_owned(), None),
    };
    let mut body = json!({
        "id": id,
        "email": email,
        "display_name": name,
        "tenant_id": actor.tenant,
        "partner_id": actor.partner,
        "roles": held.roles.iter().map(|role| role.name()).collect::<Vec<_>>(),
        "custom_role_ids": held.custom,
        "permissions": usable(&actor),
        "module_permissions": modules,
        "status": status.unwrap_or_else(|| "active".to_owned()),
    });
    if let (false, Some(fields)) = (seen.roles, body.as_object_mut()) {
        fields.retain(|name, _| !matches!(name.as_str(), "roles" | "custom_role_ids"));
    }
    Ok(ok(&body))
}
