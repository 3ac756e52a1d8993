//! `/v1/auth`: who am I.

use crate::access::{PERMISSIONS, Principal};
use crate::base::id::{Id, TenantId};
use crate::http::extract::Caller;
use crate::http::reply::{Moment, Reply};
use serde::Serialize;
use std::collections::BTreeSet;

/// Who is behind a credential.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Identity {
    /// `user:<e-mail>`, or `user:<id>` where the credential may not be told the e-mail; `sa:<name>` for a program.
    identity_id: String,
    identity_type: IdentityType,
    /// The tenant that the credential works in.
    tenant_id: TenantId,
    /// Such as `ptn_42`.
    partner_id: String,
    /// What the credential is narrowed to; if it is not, what its roles lead to.
    scopes: Vec<String>,
    display_name: String,
    /// Always empty.
    groups: Vec<String>,
    /// The built-in roles; absent: the credential may not be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<Vec<crate::access::Role>>"))]
    roles: Option<Vec<&'static str>>,
    /// When a second factor was shown; null: none was.
    mfa_verified_at: Option<Moment>,
    /// Until when the credential holds; null: it has no end.
    token_expires_at: Option<Moment>,
}

/// What kind of identity it is.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum IdentityType {
    /// A person.
    User,
    /// A program, or the operator.
    ServiceAccount,
}

/// `GET /v1/auth/whoami`: the identity behind any credential that holds. Of a person it says no more than the credential may
/// be told.
pub async fn whoami(Caller(actor): Caller) -> Reply<Identity> {
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
    let roles: BTreeSet<&'static str> = actor.roles.iter().map(|held| held.role.name()).collect();
    Reply(Identity {
        identity_id: actor.identity(),
        identity_type: match actor.principal {
            Principal::User { .. } => IdentityType::User,
            Principal::Operator | Principal::Application { .. } => IdentityType::ServiceAccount,
        },
        tenant_id: actor.tenant,
        partner_id: actor.partner.display_as("ptn"),
        scopes,
        display_name: actor.display_name(),
        groups: Vec::new(),
        roles: actor.own_data().roles.then(|| roles.into_iter().collect()),
        mfa_verified_at: actor.mfa_at.map(Moment),
        token_expires_at: actor.expires_at.map(Moment),
    })
}
