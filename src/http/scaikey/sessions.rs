//! `/api/v1/admin/sessions`: who is signed in, and ending it.

use super::Services;
use super::list::{Enveloped, Page, PageQuery, pagination};
use super::wire::{at, id_in_path, partner_filter, tenant_filter, tenant_named, text};
use crate::access::{Actor, Granted, Permission, permit};
use crate::access::{over, widest};
use crate::base::id::{SessionId, TenantId, UserId};
use crate::base::{Email, Id, Problem, Slug};
use crate::http::extract::{Caller, Json, Query};
use crate::http::reply::{Moment, NoContent, Reply};
use crate::people;
use crate::sessions::{self, Filter, Session};
use crate::store::Read;
use crate::tenancy::{self, narrowed};
use actix_web::{HttpRequest, web};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The filters of the list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Wanted {
    /// Only those of one user, by id.
    user_id: Option<String>,
    /// Only those in one tenant: an id or a slug.
    tenant_id: Option<String>,
    /// Only those in the tenants of one partner: an id or a slug.
    partner_id: Option<String>,
}

/// A session, with whose it is.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UserSession {
    id: SessionId,
    /// The tenant that they signed in to.
    tenant_id: TenantId,
    /// Its short name; null: it is gone.
    tenant_slug: Option<Slug>,
    /// Whether it is the one that this request belongs to.
    current: bool,
    /// When they signed in.
    created_at: Moment,
    /// When it was last used, to about a minute.
    last_seen_at: Moment,
    /// When they last gave a password or a passkey.
    authenticated_at: Moment,
    /// When they last gave a second factor.
    mfa_at: Option<Moment>,
    /// When it ends at the latest.
    expires_at: Moment,
    /// The address that they signed in from.
    ip_address: Option<String>,
    /// What their browser says it is.
    user_agent: Option<String>,
    /// The user who is signed in.
    user_id: UserId,
    /// Their e-mail; null: they were deleted.
    user_email: Option<Email>,
}

impl UserSession {
    /// As `actor` sees it.
    fn new(tx: &impl Read, session: &Session, actor: &Actor) -> Result<Self, Problem> {
        Ok(Self {
            id: session.id,
            tenant_id: session.tenant,
            tenant_slug: tenancy::tenant(tx, session.tenant)?.map(|tenant| tenant.slug),
            current: actor.session() == Some(session.id),
            created_at: Moment(session.created_at),
            last_seen_at: Moment(session.last_seen_at),
            authenticated_at: Moment(session.evidence().at()),
            mfa_at: at(session.evidence().second_factor_at()),
            expires_at: Moment(session.expires_at),
            ip_address: session.ip.clone(),
            user_agent: session.user_agent.clone(),
            user_id: session.user,
            user_email: people::user(tx, session.user)?.map(|user| user.email),
        })
    }
}

/// `GET /sessions`: those that still live, the newest first. Without a total, because counting would mean reading all.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(wanted): Query<Wanted>,
    request: HttpRequest,
) -> Result<Reply<Page<UserSession>>, Problem> {
    let (paging, snapshot) = (page.paging()?, stack.store.read());
    widest::<permit::ReadSessions>(&actor)?;
    let (skip, size) = paging.window();
    let tenant = tenant_filter(&snapshot, &wanted.tenant_id)?.filter();
    let partner = partner_filter(&snapshot, &wanted.partner_id)?.filter();
    let user = match text(&wanted.user_id) {
        None => Some(None),
        Some(id) => UserId::parse(id).map(Some),
    };
    let mut found = Vec::new();
    if let (Some(user), Some(tenant), Some(partner)) = (user, tenant, partner) {
        let granted = narrowed(&snapshot, &actor, tenant)?;
        let filter = Filter { user, tenant, partner, before: paging.after().map(SessionId::from_raw) };
        let limit = skip.saturating_add(size).saturating_add(1);
        found = sessions::list(&snapshot, &granted, filter, limit, stack.now())?;
    }
    let end = skip.saturating_add(size);
    let next = found.get(end - 1).filter(|_| found.len() > end).map(|session| session.id.raw());
    let rows = found.iter().skip(skip).take(size).map(|session| UserSession::new(&snapshot, session, &actor));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(Page::new(rows, pagination(paging, None, next), &request))
}

/// The session that a path names, and the permission for where it is.
fn reach<P: Permission>(tx: &impl Read, actor: &Arc<Actor>, text: &str) -> Result<(SessionId, Granted<P>), Problem> {
    widest::<P>(actor)?;
    let id = id_in_path(text, "session_not_found")?;
    Ok((id, over(actor, sessions::place(tx, id)?)?))
}

/// `GET /sessions/{id}`: shows one session.
pub async fn show(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
) -> Result<Reply<UserSession>, Problem> {
    let snapshot = stack.store.read();
    let (id, granted) = reach::<permit::ReadSessions>(&snapshot, &actor, &id)?;
    let session = sessions::get(&snapshot, &granted, id)?;
    Ok(Reply(UserSession::new(&snapshot, &session, &actor)?))
}

/// `DELETE /sessions/{id}`: ends a session. Its browser is signed out, and its access tokens hold no more.
pub async fn end(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<NoContent, Problem> {
    let (id, granted) = reach::<permit::EndSessions>(&stack.store.read(), &actor, &id)?;
    let now = stack.now();
    stack.store.write(move |tx| sessions::end_by_admin(tx, &granted, id, now)).await?;
    Ok(NoContent)
}

/// The body of `POST /sessions/revoke-all`: one of the two.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevokeAll {
    /// All sessions of this user. Not together with `tenant_id`.
    user_id: Option<UserId>,
    /// The sessions of everybody in this tenant: an id or a slug. `tenant` is the same.
    #[serde(alias = "tenant")]
    tenant_id: Option<String>,
}

/// How many sessions were ended.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RevokedSessions {
    revoked: u64,
}

/// `POST /sessions/revoke-all`: ends all sessions of a user, or of everybody in a tenant.
pub async fn revoke_all(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<RevokeAll>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<RevokedSessions>>, Problem> {
    widest::<permit::EndSessions>(&actor)?;
    let now = stack.now();
    let revoked = match (body.user_id, body.tenant_id) {
        (Some(user), None) => {
            let snapshot = stack.store.read();
            let home = people::user(&snapshot, user)?.map(|user| user.home_tenant);
            let granted = narrowed(&snapshot, &actor, home)?;
            people::within(&snapshot, granted.place(), user)?;
            stack.store.write(move |tx| sessions::end_user_within(tx, &granted, user, now)).await?.len() as u64
        }
        (None, Some(name)) => {
            let tenant = tenant_named(&stack.store.read(), &name)?;
            let granted = over::<permit::EndSessions>(&actor, Some(tenant.place()))?;
            stack.store.write(move |tx| sessions::end_all_of_tenant(tx, &granted, tenant.id, now)).await?
        }
        (None, None) => return Err(Problem::invalid("user_id", "is required, or tenant_id")),
        (Some(_), Some(_)) => return Err(Problem::invalid("tenant_id", "is given beside user_id; one is enough")),
    };
    Ok(Reply(Enveloped::new(RevokedSessions { revoked }, &request)))
}
