//! `/v1/auth`: who am I.

use crate::access::PERMISSIONS;
use crate::base::id::Id;
use crate::http::extract::Caller;
use actix_web::HttpResponse;
use serde_json::json;
use std::collections::BTreeSet;

/// `GET /v1/auth/whoami`: the identity behind any credential that holds; of the person no more than the credential may be told.
pub async fn whoami(Caller(actor): Caller) -> HttpResponse {
    let scopes: Vec<String> = match &actor.scopes {
        Some(scopes) => scopes.iter().map(str::to_owned).collect(),
        // A credential that narrows nothing may do what its roles may.
        None => {
            let usable = PERMISSIONS.iter().filter(|rule| actor.may_rule(rule, actor.home()));
            usable
                .flat_map(|rule| rule.scopes)
                .map(|scope| (*scope).to_owned())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect()
        }
    };
    let roles: BTreeSet<&str> = actor.roles.iter().map(|held| held.role.name()).collect();
    let mut body = json!({
        "identity_id": actor.identity(),
        "identity_type": actor.principal.identity_type(),
        "tenant_id": actor.tenant.to_string(),
        "partner_id": actor.partner.display_as("ptn"),
        "scopes": scopes,
        "display_name": actor.display_name(),
        "groups": [],
        "roles": roles,
        "mfa_verified_at": actor.mfa_at.map(|at| at.iso_secs()),
        "token_expires_at": actor.expires_at.map(|at| at.iso_secs()),
    });
    if let (false, Some(fields)) = (actor.own_data().roles, body.as_object_mut()) {
        fields.retain(|name, _| name != "roles");
    }
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(body)
}
