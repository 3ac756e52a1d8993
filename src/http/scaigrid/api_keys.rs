//! `/v1/api-keys`: one's own keys, and those of others for whoever manages users.

use super::Services;
use super::envelope::{self, Made, Paging, Rows, Success};
use super::parts::{here, is_self, key_id};
use super::wire::key::{ApiKey, ApiKeyWithUsage, CreateApiKey, MadeApiKey, RerollApiKey};
use crate::access::widest;
use crate::access::{Actor, Permission, Place, permit};
use crate::base::id::{TenantId, UserId};
use crate::base::{Id, Problem, Timestamp};
use crate::http::extract::{Caller, Json, OptionalJson, Query, flag};
use crate::http::reply::NoContent;
use crate::keys::api_keys::{self, Filter, KeyState, NewApiKey, Reach};
use crate::people;
use crate::stack::Stack;
use crate::tenancy;
use actix_web::web;
use serde::Deserialize;
use std::sync::Arc;

/// The query of the list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListQuery {
    #[serde(flatten)]
    paging: Paging,
    /// Only keys of this status.
    #[cfg_attr(test, schemars(with = "Option<crate::base::schema::OrNothing<KeyState>>"))]
    status: Option<String>,
    /// All keys that the caller manages, not only the own ones.
    #[serde(default, deserialize_with = "flag")]
    all: bool,
    /// Only this user's keys.
    #[cfg_attr(test, schemars(with = "Option<crate::base::schema::OrNothing<UserId>>"))]
    user_id: Option<String>,
    /// Only keys that work in this tenant, with `all` or `user_id`.
    #[cfg_attr(test, schemars(with = "Option<crate::base::schema::OrNothing<TenantId>>"))]
    tenant_id: Option<String>,
}

/// Which keys an actor reaches.
///
/// # Errors
/// `access_denied`.
pub fn reach(actor: &Arc<Actor>) -> Result<Reach, Problem> {
    Reach::of(actor, widest::<permit::ManageUsers>(actor).ok())
}

/// `GET /v1/api-keys`: one's own keys, the newest first. With `users:manage` also those of others, by `all` or `user_id`.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(query): Query<ListQuery>,
) -> Result<Rows<ApiKey>, Problem> {
    let (limit, before, now) = (query.paging.limit()?, query.paging.after()?, stack.now());
    let state = query.status.as_deref().filter(|text| !text.is_empty()).map(|text| {
        let found = KeyState::ALL.into_iter().find(|state| state.name() == text);
        found.ok_or_else(|| Problem::invalid_at("query", "status", "must be active, disabled, expired or revoked"))
    });
    let user = query.user_id.as_deref().map(|text| {
        UserId::parse(text).ok_or_else(|| Problem::invalid_at("query", "user_id", "is not an id such as usr_42"))
    });
    let filter = Filter { state: state.transpose()?, user: user.transpose()? };
    let snapshot = stack.store.read();
    let tenant = query.tenant_id.as_deref().filter(|text| !text.is_empty()).map(|text| {
        TenantId::parse(text).ok_or_else(|| Problem::invalid_at("query", "tenant_id", "is not an id such as tnt_42"))
    });
    let tenant = tenant.transpose()?;
    let rows = if filter.user.is_some() || query.all {
        let mut granted = widest::<permit::ManageUsers>(&actor)?;
        if let Some(tenant) = tenant {
            let place = tenancy::place_of(&snapshot, tenant)?.filter(|place| granted.place().covers(*place));
            granted = actor.grant(place.ok_or_else(tenancy::no_tenant)?)?;
        }
        api_keys::list_all(&snapshot, &granted, filter, before, limit + 1, now)?
    } else {
        if tenant.is_some() {
            return Err(Problem::invalid_at(
                "query",
                "tenant_id",
                "goes with all=true or user_id: own keys are of one tenant",
            ));
        }
        let granted = here::<permit::ManageApiKeys>(&actor)?;
        api_keys::list_own(&snapshot, &granted, filter, before, limit + 1, now)?
    };
    let (rows, next) = envelope::cut(rows, limit, |key| key.id);
    Ok(envelope::page(rows.iter().map(|row| ApiKey::of(row, now)).collect(), next))
}

/// A permission at a tenant, which is not found where the actor holds it elsewhere only.
fn at<P: Permission>(actor: &Arc<Actor>, place: Place) -> Result<crate::access::Granted<P>, Problem> {
    actor.grant::<P>(place).map_err(|denied| match denied.reason {
        crate::access::Reason::Place => tenancy::no_tenant(),
        _ => denied.into(),
    })
}

/// Where a key is to work: as the body says, or where the caller does; a key that the operator makes, at its user's home.
fn place(stack: &Stack, actor: &Actor, body: &CreateApiKey) -> Result<Place, Problem> {
    let snapshot = stack.store.read();
    let tenant: TenantId = match (body.tenant_id, body.assigned_user_id) {
        (Some(tenant), _) => tenant,
        (None, Some(user)) if actor.principal == crate::access::Principal::Operator => {
            let user = people::user(&snapshot, user)?;
            user.ok_or_else(|| Problem::not_found("user_not_found", "There is no such user"))?.home_tenant
        }
        (None, _) => actor.tenant,
    };
    tenancy::place_of(&snapshot, tenant)?.ok_or_else(tenancy::no_tenant)
}

/// `POST /v1/api-keys`: makes a key, for oneself or for another. This answer is the only one that shows it.
pub async fn create(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<CreateApiKey>,
) -> Result<Made<MadeApiKey>, Problem> {
    reach(&actor)?;
    let place = place(&stack, &actor, &body)?;
    let (text, fingerprint) = api_keys::fresh();
    let new = NewApiKey {
        fingerprint,
        name: body.name,
        scopes: body.scopes.0,
        limit: body.rate_limit,
        expires_at: body.expires_at.map(|end| end.0),
    };
    let (id, now, most) = (stack.new_id(), stack.now(), stack.limits.most_of_a_key(&actor, place));
    let made = match body.assigned_user_id.filter(|id| !is_self(&actor, *id)) {
        None => {
            let granted = at::<permit::MakeApiKeys>(&actor, place)?;
            stack.store.write(move |tx| api_keys::create(tx, &granted, &new, most, id, now)).await?
        }
        Some(user) => {
            let granted = at::<permit::MakeApiKeysForOthers>(&actor, place)?;
            stack.store.write(move |tx| api_keys::create_for(tx, &granted, user, &new, most, id, now)).await?
        }
    };
    Ok(envelope::created(MadeApiKey::of(&made, text, now)))
}

/// `GET /v1/api-keys/{key_id}`: one key, and how much of its limit is used.
pub async fn show(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
) -> Result<Success<ApiKeyWithUsage>, Problem> {
    let reach = reach(&actor)?;
    let now = stack.now();
    let row = api_keys::get(&stack.store.read(), &reach, key_id(&id)?)?;
    let used = stack.limits.used(crate::limits::Subject::key(row.line), now);
    let limit = row.limit.unwrap_or(stack.limits.tenant(row.tenant).key);
    Ok(envelope::ok(ApiKey::of(&row, now).with_usage(limit, used)))
}

/// `DELETE /v1/api-keys/{key_id}`: revokes a key for good, from the next request on.
pub async fn revoke(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<NoContent, Problem> {
    let (reach, id, now) = (reach(&actor)?, key_id(&id)?, stack.now());
    stack.store.write(move |tx| api_keys::revoke(tx, &reach, id, now)).await?;
    Ok(NoContent)
}

async fn switch(stack: &Stack, actor: &Arc<Actor>, id: &str, disabled: bool) -> Result<Success<ApiKey>, Problem> {
    let (reach, id, now) = (reach(actor)?, key_id(id)?, stack.now());
    let row = stack.store.write(move |tx| api_keys::set_disabled(tx, &reach, id, disabled, now)).await?;
    Ok(envelope::ok(ApiKey::of(&row, now)))
}

/// `POST /v1/api-keys/{key_id}/disable`: switches a key off. It can be switched on again.
pub async fn disable(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
) -> Result<Success<ApiKey>, Problem> {
    switch(&stack, &actor, &id, true).await
}

/// `POST /v1/api-keys/{key_id}/enable`: switches a key on again that was switched off.
pub async fn enable(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<Success<ApiKey>, Problem> {
    switch(&stack, &actor, &id, false).await
}

/// `POST /v1/api-keys/{key_id}/reroll`: makes a new key in the place of this one, which works on for `grace_seconds`. This
/// answer is the only one that shows it.
pub async fn reroll(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    OptionalJson(body): OptionalJson<RerollApiKey>,
) -> Result<Made<MadeApiKey>, Problem> {
    let (reach, id, now): (_, _, Timestamp) = (reach(&actor)?, key_id(&id)?, stack.now());
    let grace = body.unwrap_or_default().grace_seconds;
    let ((text, fingerprint), new_id) = (api_keys::fresh(), stack.new_id());
    let write =
        move |tx: &mut crate::store::WriteTx<'_>| api_keys::reroll(tx, &reach, id, &fingerprint, grace, new_id, now);
    let made = stack.store.write(write).await?;
    Ok(envelope::created(MadeApiKey::of(&made, text, now)))
}
