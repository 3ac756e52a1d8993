//! `/v1/limits`: how many requests there may be, and limits of one's own for a tenant, a partner or a key. ScaiGrid
//! has such overrides but documents no addresses for them: these are ours.

use super::Services;
use super::api_keys::{most, reach};
use super::envelope;
use super::parts::{here, key_id};
use crate::access::{Principal, permit};
use crate::access::{over, widest};
use crate::base::id::{ApiKeyId, PartnerId, TenantId};
use crate::base::{Id, Problem};
use crate::http::extract::{Caller, IfMatch, Json, tagged};
use crate::keys::api_keys;
use crate::limits::{self, Subject, TenantLimits};
use crate::stack::Stack;
use crate::store::{Expected, Whole, WriteTx};
use crate::tenancy;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// A tenant's own limits; what is `null` or left out is as the settings say.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TenantBody {
    api_key: Option<u32>,
    user: Option<u32>,
    tenant: Option<u32>,
}

/// A partner's or a key's own limit.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OneBody {
    limit: u32,
}

fn level(name: &str, limit: u32, used: Option<u32>) -> Value {
    json!({ "level": name, "limit": limit, "used": used, "remaining": used.map(|used| limit.saturating_sub(used)) })
}

/// `GET /v1/limits`: what holds for the caller.
pub async fn mine(stack: Services, Caller(actor): Caller) -> Result<HttpResponse, Problem> {
    here::<permit::ListModels>(&actor)?;
    let (now, own) = (stack.now(), stack.limits.tenant(actor.tenant));
    let asks = stack.limits.asks(&actor);
    let used = |subject: Subject| Some(stack.limits.used(subject, now));
    let mut levels: Vec<Value> =
        asks.iter().map(|ask| level(ask.subject.level.name(), ask.limit, used(ask.subject))).collect();
    if actor.principal == Principal::Operator || !asks.iter().any(|ask| ask.subject.level == limits::Level::Key) {
        // What a key would have.
        levels.insert(0, level("api_key", own.key, None));
    }
    Ok(envelope::ok(&json!({ "window_seconds": stack.limits.window_secs(), "levels": levels })))
}

fn tenant_id(text: &str) -> Result<TenantId, Problem> {
    TenantId::parse(text).ok_or_else(tenancy::no_tenant)
}

fn partner_id(text: &str) -> Result<PartnerId, Problem> {
    PartnerId::parse(text).ok_or_else(|| Problem::not_found("partner_not_found", "There is no such partner"))
}

fn render_tenant(stack: &Stack, id: TenantId, own: &TenantLimits) -> Value {
    let effective = stack.limits.tenant(id);
    let one = |own: Option<u32>, limit: u32| json!({ "limit": limit, "override": own });
    json!({
        "tenant_id": id,
        "window_seconds": stack.limits.window_secs(),
        "api_key": one(own.key, effective.key),
        "user": one(own.user, effective.user),
        "tenant": one(own.tenant, effective.tenant),
        "used": stack.limits.used(Subject::tenant(id), stack.now()),
    })
}

/// `GET /v1/limits/tenants/{tenant_id}`.
pub async fn tenant(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    widest::<permit::ReadLimits>(&actor)?;
    let (id, snapshot) = (tenant_id(&id)?, stack.store.read());
    let granted = over::<permit::ReadLimits>(&actor, tenancy::place_of(&snapshot, id)?)?;
    let own = limits::of_tenant(&snapshot, &granted, id)?;
    Ok(tagged(envelope::ok(&render_tenant(&stack, id, &own)), &Whole(&own)))
}

/// `PUT /v1/limits/tenants/{tenant_id}`.
pub async fn set_tenant(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<TenantBody>,
) -> Result<HttpResponse, Problem> {
    let (granted, id, now) = (widest::<permit::WriteLimits>(&actor)?, tenant_id(&id)?, stack.now());
    let own = TenantLimits { key: body.api_key, user: body.user, tenant: body.tenant };
    let reading = widest::<permit::ReadLimits>(&actor)?;
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&Whole(limits::of_tenant(tx, &reading, id)?)))?;
        limits::set_tenant(tx, &granted, id, own, now)
    };
    stack.store.write(write).await?;
    stack.limits.reload(&stack.store.read())?;
    Ok(tagged(envelope::ok(&render_tenant(&stack, id, &own)), &Whole(&own)))
}

/// `DELETE /v1/limits/tenants/{tenant_id}`: as the settings say again.
pub async fn clear_tenant(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
) -> Result<HttpResponse, Problem> {
    let (granted, id, now) = (widest::<permit::WriteLimits>(&actor)?, tenant_id(&id)?, stack.now());
    let reading = widest::<permit::ReadLimits>(&actor)?;
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&Whole(limits::of_tenant(tx, &reading, id)?)))?;
        limits::clear_tenant(tx, &granted, id, now)
    };
    stack.store.write(write).await?;
    stack.limits.reload(&stack.store.read())?;
    Ok(envelope::no_content())
}

fn render_partner(stack: &Stack, id: PartnerId, own: Option<u32>) -> Value {
    json!({
        "partner_id": id,
        "window_seconds": stack.limits.window_secs(),
        "partner": { "limit": stack.limits.partner(id), "override": own },
        "used": stack.limits.used(Subject::partner(id), stack.now()),
    })
}

/// `GET /v1/limits/partners/{partner_id}`.
pub async fn partner(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (granted, id) = (widest::<permit::ReadLimits>(&actor)?, partner_id(&id)?);
    let own = limits::of_partner(&stack.store.read(), &granted, id)?;
    Ok(tagged(envelope::ok(&render_partner(&stack, id, own)), &Whole(own)))
}

/// `PUT /v1/limits/partners/{partner_id}`.
pub async fn set_partner(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<OneBody>,
) -> Result<HttpResponse, Problem> {
    let (granted, id, now) = (widest::<permit::WriteLimits>(&actor)?, partner_id(&id)?, stack.now());
    let reading = widest::<permit::ReadLimits>(&actor)?;
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&Whole(limits::of_partner(tx, &reading, id)?)))?;
        limits::set_partner(tx, &granted, id, body.limit, now)
    };
    stack.store.write(write).await?;
    stack.limits.reload(&stack.store.read())?;
    Ok(tagged(envelope::ok(&render_partner(&stack, id, Some(body.limit))), &Whole(Some(body.limit))))
}

/// `DELETE /v1/limits/partners/{partner_id}`: as the settings say again.
pub async fn clear_partner(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
) -> Result<HttpResponse, Problem> {
    let (granted, id, now) = (widest::<permit::WriteLimits>(&actor)?, partner_id(&id)?, stack.now());
    let reading = widest::<permit::ReadLimits>(&actor)?;
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&Whole(limits::of_partner(tx, &reading, id)?)))?;
        limits::clear_partner(tx, &granted, id, now)
    };
    stack.store.write(write).await?;
    stack.limits.reload(&stack.store.read())?;
    Ok(envelope::no_content())
}

fn render_key(stack: &Stack, key: &api_keys::ApiKey) -> Value {
    json!({
        "api_key_id": key.id,
        "window_seconds": stack.limits.window_secs(),
        "api_key": { "limit": key.limit.unwrap_or(stack.limits.tenant(key.tenant).key), "override": key.limit },
        "used": stack.limits.used(Subject::key(key.line), stack.now()),
    })
}

/// `GET /v1/limits/api-keys/{key_id}`.
pub async fn key(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let row = api_keys::get(&stack.store.read(), &reach(&actor)?, key_id(&id)?)?;
    Ok(tagged(envelope::ok(&render_key(&stack, &row)), &Whole(row.limit)))
}

/// `PUT /v1/limits/api-keys/{key_id}`: up to what the tenant's keys have; further only by those who set limits.
pub async fn set_key(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<OneBody>,
) -> Result<HttpResponse, Problem> {
    let row = change_key(&stack, &actor, key_id(&id)?, Some(body.limit), seen).await?;
    Ok(tagged(envelope::ok(&render_key(&stack, &row)), &Whole(row.limit)))
}

/// `DELETE /v1/limits/api-keys/{key_id}`: as its tenant's keys again.
pub async fn clear_key(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
) -> Result<HttpResponse, Problem> {
    change_key(&stack, &actor, key_id(&id)?, None, seen).await.map(|_| envelope::no_content())
}

async fn change_key(
    stack: &Stack,
    actor: &std::sync::Arc<crate::access::Actor>,
    id: ApiKeyId,
    limit: Option<u32>,
    seen: Expected,
) -> Result<api_keys::ApiKey, Problem> {
    let (reach, snapshot, now) = (reach(actor)?, stack.store.read(), stack.now());
    let row = api_keys::get(&snapshot, &reach, id)?;
    let place = tenancy::place_of(&snapshot, row.tenant)?.unwrap_or(actor.home());
    let most = most(stack, actor, place);
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&Whole(api_keys::get(tx, &reach, id)?.limit)))?;
        api_keys::set_limit(tx, &reach, id, limit, most, now)
    };
    stack.store.write(write).await
}
