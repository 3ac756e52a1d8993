//! `/v1/limits`: how many requests there may be, and limits of one's own for a tenant, a partner or a key. ScaiGrid
//! has such overrides but documents no addresses for them: these are ours.

use super::Services;
use super::api_keys::reach;
use super::envelope::{Seen, Success, ok, tagged};
use super::parts::{here, key_id};
use crate::access::{Principal, permit};
use crate::access::{over, widest};
use crate::base::id::{ApiKeyId, PartnerId, TenantId};
use crate::base::{Id, Problem};
use crate::http::extract::{Caller, IfMatch, Json};
use crate::http::reply::NoContent;
use crate::keys::api_keys;
use crate::limits::{self, Level, Subject};
use crate::stack::Stack;
use crate::store::{Expected, Whole, WriteTx};
use crate::tenancy;
use actix_web::web;
use serde::{Deserialize, Serialize};

/// A tenant's own limits; what is `null` or left out is as the settings say.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetTenantLimits {
    /// Of each API key, in requests a window.
    #[cfg_attr(test, schemars(range(min = 1, max = 1_000_000_000)))]
    api_key: Option<u32>,
    /// Of each user, in requests a window.
    #[cfg_attr(test, schemars(range(min = 1, max = 1_000_000_000)))]
    user: Option<u32>,
    /// Of the tenant as a whole, in requests a window.
    #[cfg_attr(test, schemars(range(min = 1, max = 1_000_000_000)))]
    tenant: Option<u32>,
}

/// A partner's or a key's own limit.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetLimit {
    /// In requests a window: of a partner at most 1 000 000 000, of a key at most 1 000 000.
    #[cfg_attr(test, schemars(range(min = 1)))]
    limit: u32,
}

/// What holds for the caller.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Limits {
    /// The length in seconds of the window that slides over the requests.
    window_seconds: u32,
    /// A request counts at each of them.
    levels: Vec<LevelLimit>,
}

/// What holds for the caller at one level.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LevelLimit {
    level: Level,
    /// How many requests there may be in a window.
    limit: u32,
    /// How many there were in this window; null: nothing is counted there, it is what a key would have.
    used: Option<u32>,
    /// How many there may still be.
    remaining: Option<u32>,
}

impl LevelLimit {
    fn new(level: Level, limit: u32, used: Option<u32>) -> Self {
        Self { level, limit, used, remaining: used.map(|used| limit.saturating_sub(used)) }
    }
}

/// A limit, and whether it is one's own.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Limit {
    /// How many requests there may be in a window.
    limit: u32,
    /// What was set for this one; null: the limit is as the settings or the tenant say.
    r#override: Option<u32>,
}

/// The limits of a tenant.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TenantLimits {
    tenant_id: TenantId,
    /// The length in seconds of the window that slides over the requests.
    window_seconds: u32,
    /// Of each API key.
    api_key: Limit,
    /// Of each user.
    user: Limit,
    /// Of the tenant as a whole.
    tenant: Limit,
    /// How many requests of the tenant there were in this window.
    used: u32,
}

/// The limit of a partner.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PartnerLimits {
    partner_id: PartnerId,
    /// The length in seconds of the window that slides over the requests.
    window_seconds: u32,
    partner: Limit,
    /// How many requests of the partner there were in this window.
    used: u32,
}

/// The limit of an API key.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ApiKeyLimits {
    api_key_id: ApiKeyId,
    /// The length in seconds of the window that slides over the requests.
    window_seconds: u32,
    api_key: Limit,
    /// How many requests there were in this window, with all keys of its line.
    used: u32,
}

impl TenantLimits {
    fn of(stack: &Stack, id: TenantId, own: &limits::TenantLimits) -> Self {
        let effective = stack.limits.tenant(id);
        Self {
            tenant_id: id,
            window_seconds: stack.limits.window_secs(),
            api_key: Limit { limit: effective.key, r#override: own.key },
            user: Limit { limit: effective.user, r#override: own.user },
            tenant: Limit { limit: effective.tenant, r#override: own.tenant },
            used: stack.limits.used(Subject::tenant(id), stack.now()),
        }
    }
}

impl PartnerLimits {
    fn of(stack: &Stack, id: PartnerId, own: Option<u32>) -> Self {
        Self {
            partner_id: id,
            window_seconds: stack.limits.window_secs(),
            partner: Limit { limit: stack.limits.partner(id), r#override: own },
            used: stack.limits.used(Subject::partner(id), stack.now()),
        }
    }
}

impl ApiKeyLimits {
    fn of(stack: &Stack, key: &api_keys::ApiKey) -> Self {
        let limit = key.limit.unwrap_or(stack.limits.tenant(key.tenant).key);
        Self {
            api_key_id: key.id,
            window_seconds: stack.limits.window_secs(),
            api_key: Limit { limit, r#override: key.limit },
            used: stack.limits.used(Subject::key(key.line), stack.now()),
        }
    }
}

/// `GET /v1/limits`: the limits that hold for the caller, and how much of them is used.
pub async fn mine(stack: Services, Caller(actor): Caller) -> Result<Success<Limits>, Problem> {
    here::<permit::ListModels>(&actor)?;
    let (now, own) = (stack.now(), stack.limits.tenant(actor.tenant));
    let asks = stack.limits.asks(&actor);
    let used = |subject: Subject| Some(stack.limits.used(subject, now));
    let mut levels: Vec<LevelLimit> =
        asks.iter().map(|ask| LevelLimit::new(ask.subject.level, ask.limit, used(ask.subject))).collect();
    if actor.principal == Principal::Operator || !asks.iter().any(|ask| ask.subject.level == Level::Key) {
        // What a key would have.
        levels.insert(0, LevelLimit::new(Level::Key, own.key, None));
    }
    Ok(ok(Limits { window_seconds: stack.limits.window_secs(), levels }))
}

fn tenant_id(text: &str) -> Result<TenantId, Problem> {
    TenantId::parse(text).ok_or_else(tenancy::no_tenant)
}

fn partner_id(text: &str) -> Result<PartnerId, Problem> {
    PartnerId::parse(text).ok_or_else(|| Problem::not_found("partner_not_found", "There is no such partner"))
}

/// `GET /v1/limits/tenants/{tenant_id}`: the limits of a tenant.
pub async fn tenant(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
) -> Result<Seen<TenantLimits>, Problem> {
    widest::<permit::ReadLimits>(&actor)?;
    let (id, snapshot) = (tenant_id(&id)?, stack.store.read());
    let granted = over::<permit::ReadLimits>(&actor, tenancy::place_of(&snapshot, id)?)?;
    let own = limits::of_tenant(&snapshot, &granted, id)?;
    Ok(tagged(TenantLimits::of(&stack, id, &own), &Whole(&own)))
}

/// `PUT /v1/limits/tenants/{tenant_id}`: sets a tenant's own limits, all three at once.
pub async fn set_tenant(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<SetTenantLimits>,
) -> Result<Seen<TenantLimits>, Problem> {
    let (granted, id, now) = (widest::<permit::WriteLimits>(&actor)?, tenant_id(&id)?, stack.now());
    let own = limits::TenantLimits { key: body.api_key, user: body.user, tenant: body.tenant };
    let reading = widest::<permit::ReadLimits>(&actor)?;
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&Whole(limits::of_tenant(tx, &reading, id)?)))?;
        limits::set_tenant(tx, &granted, id, own, now)
    };
    stack.store.write(write).await?;
    stack.limits.reload(&stack.store.read())?;
    Ok(tagged(TenantLimits::of(&stack, id, &own), &Whole(&own)))
}

/// `DELETE /v1/limits/tenants/{tenant_id}`: takes a tenant's own limits away. They are as the settings say again.
pub async fn clear_tenant(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
) -> Result<NoContent, Problem> {
    let (granted, id, now) = (widest::<permit::WriteLimits>(&actor)?, tenant_id(&id)?, stack.now());
    let reading = widest::<permit::ReadLimits>(&actor)?;
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&Whole(limits::of_tenant(tx, &reading, id)?)))?;
        limits::clear_tenant(tx, &granted, id, now)
    };
    stack.store.write(write).await?;
    stack.limits.reload(&stack.store.read())?;
    Ok(NoContent)
}

/// `GET /v1/limits/partners/{partner_id}`: the limit of a partner.
pub async fn partner(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
) -> Result<Seen<PartnerLimits>, Problem> {
    let (granted, id) = (widest::<permit::ReadLimits>(&actor)?, partner_id(&id)?);
    let own = limits::of_partner(&stack.store.read(), &granted, id)?;
    Ok(tagged(PartnerLimits::of(&stack, id, own), &Whole(own)))
}

/// `PUT /v1/limits/partners/{partner_id}`: sets a partner's own limit.
pub async fn set_partner(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<SetLimit>,
) -> Result<Seen<PartnerLimits>, Problem> {
    let (granted, id, now) = (widest::<permit::WriteLimits>(&actor)?, partner_id(&id)?, stack.now());
    let reading = widest::<permit::ReadLimits>(&actor)?;
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&Whole(limits::of_partner(tx, &reading, id)?)))?;
        limits::set_partner(tx, &granted, id, body.limit, now)
    };
    stack.store.write(write).await?;
    stack.limits.reload(&stack.store.read())?;
    Ok(tagged(PartnerLimits::of(&stack, id, Some(body.limit)), &Whole(Some(body.limit))))
}

/// `DELETE /v1/limits/partners/{partner_id}`: takes a partner's own limit away. It is as the settings say again.
pub async fn clear_partner(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
) -> Result<NoContent, Problem> {
    let (granted, id, now) = (widest::<permit::WriteLimits>(&actor)?, partner_id(&id)?, stack.now());
    let reading = widest::<permit::ReadLimits>(&actor)?;
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&Whole(limits::of_partner(tx, &reading, id)?)))?;
        limits::clear_partner(tx, &granted, id, now)
    };
    stack.store.write(write).await?;
    stack.limits.reload(&stack.store.read())?;
    Ok(NoContent)
}

/// `GET /v1/limits/api-keys/{key_id}`: the limit of an API key.
pub async fn key(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<Seen<ApiKeyLimits>, Problem> {
    let row = api_keys::get(&stack.store.read(), &reach(&actor)?, key_id(&id)?)?;
    Ok(tagged(ApiKeyLimits::of(&stack, &row), &Whole(row.limit)))
}

/// `PUT /v1/limits/api-keys/{key_id}`: sets a key's own limit. It goes up to what the tenant's keys have; further only by those
/// who set limits.
pub async fn set_key(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<SetLimit>,
) -> Result<Seen<ApiKeyLimits>, Problem> {
    let row = change_key(&stack, &actor, key_id(&id)?, Some(body.limit), seen).await?;
    Ok(tagged(ApiKeyLimits::of(&stack, &row), &Whole(row.limit)))
}

/// `DELETE /v1/limits/api-keys/{key_id}`: takes a key's own limit away. It is that of its tenant's keys again.
pub async fn clear_key(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
) -> Result<NoContent, Problem> {
    change_key(&stack, &actor, key_id(&id)?, None, seen).await.map(|_| NoContent)
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
    let most = stack.limits.most_of_a_key(actor, place);
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&Whole(api_keys::get(tx, &reach, id)?.limit)))?;
        api_keys::set_limit(tx, &reach, id, limit, most, now)
    };
    stack.store.write(write).await
}
