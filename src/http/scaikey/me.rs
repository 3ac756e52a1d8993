//! `/api/v1/me`: who the credential is, and what is one's own.

use super::list::PageQuery;
use super::tokens::{make_own, page};
use super::wire::token::Create;
use super::wire::user::{Profile, render_own};
use super::wire::{at, id_in_path};
use super::{Services, gone, ok};
use crate::access::widest;
use crate::access::{Actor, Principal, permit};
use crate::base::Problem;
use crate::base::id::TokenId;
use crate::http::extract::{Caller, IfMatch, Json, Query, tagged};
use crate::keys;
use crate::people::{self, ProfilePatch};
use crate::store::{Read, WriteTx};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

/// The facts of a credential: what every kind of actor has, and for a user of the row what the credential may be told.
///
/// # Errors
/// `insufficient_scope` when that is nothing.
fn describe(tx: &impl Read, actor: &Actor) -> Result<Value, Problem> {
    let seen = actor.read_own_data()?;
    let mut body = match &actor.principal {
        Principal::User { id, .. } => people::user(tx, *id)?.map(|user| render_own(&user, seen)).unwrap_or_default(),
        Principal::Application { id, client_id, name } => {
            Map::from_iter([("id", json!(id)), ("client_id", json!(client_id)), ("name", json!(name))].map(named))
        }
        Principal::Operator => Map::from_iter([("id", Value::Null), ("name", json!("operator"))].map(named)),
    };
    let kind = match actor.principal {
        Principal::User { .. } => "user",
        Principal::Application { .. } => "application",
        Principal::Operator => "operator",
    };
    let roles: Vec<Value> = actor
        .roles
        .iter()
        .map(|held| json!({ "role": held.role.name(), "partner_id": held.place.partner(), "tenant_id": held.place.tenant() }))
        .collect();
    let more = [
        ("type", json!(kind)),
        ("tenant_id", json!(actor.tenant)),
        ("partner_id", json!(actor.partner)),
        ("roles", json!(roles)),
        ("scopes", json!(actor.scopes)),
        ("expires_at", json!(at(actor.expires_at))),
        ("mfa_at", json!(at(actor.mfa_at))),
    ];
    body.extend(more.into_iter().filter(|(name, _)| seen.roles || *name != "roles").map(named));
    Ok(Value::Object(body))
}

fn named((name, value): (&str, Value)) -> (String, Value) {
    (name.to_owned(), value)
}

/// `GET /me`.
pub async fn show(stack: Services, Caller(actor): Caller) -> Result<HttpResponse, Problem> {
    let snapshot = stack.store.read();
    let answer = ok(&describe(&snapshot, &actor)?);
    let user = match &actor.principal {
        Principal::User { id, .. } => people::user(&snapshot, *id)?,
        Principal::Application { .. } | Principal::Operator => None,
    };
    Ok(match user {
        Some(user) => tagged(answer, &user),
        None => answer,
    })
}

/// `PATCH /me`: one's own name. A narrowed credential needs the scope for it.
pub async fn update(
    stack: Services,
    Caller(actor): Caller,
    IfMatch(seen): IfMatch,
    Json(body): Json<Profile>,
) -> Result<HttpResponse, Problem> {
    widest::<permit::OwnTokens>(&actor)?;
    let (patch, now, me) = (ProfilePatch::from(body), stack.now(), std::sync::Arc::clone(&actor));
    let write = move |tx: &mut WriteTx<'_>| {
        if let Principal::User { id, .. } = &me.principal {
            seen.check(people::user(tx, *id)?.as_ref())?;
        }
        people::update_own_profile(tx, &me, &patch, now)
    };
    let user = stack.store.write(write).await?;
    Ok(tagged(ok(&describe(&stack.store.read(), &actor)?), &user))
}

/// `GET /me/personal-tokens`.
pub async fn tokens(
    stack: Services,
    Caller(actor): Caller,
    Query(query): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::OwnTokens>(&actor)?;
    let snapshot = stack.store.read();
    page(query.paging()?, &stack, &request, |before, limit| keys::list_own(&snapshot, &granted, before, limit))
}

/// `POST /me/personal-tokens`. The answer shows the token, once.
pub async fn make_token(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<Create>,
) -> Result<HttpResponse, Problem> {
    if body.user_id.is_some() || body.user_email.is_some() {
        return Err(Problem::invalid("user_id", "is not for this address: a token made here is one's own"));
    }
    make_own(&stack, &actor, body).await
}

/// `DELETE /me/personal-tokens/{id}`.
pub async fn revoke_token(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::OwnTokens>(&actor)?;
    let id: TokenId = id_in_path(&id, "token_not_found")?;
    let now = stack.now();
    stack.store.write(move |tx| keys::revoke_own(tx, &granted, id, now)).await?;
    Ok(gone())
}
