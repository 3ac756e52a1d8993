//! `/api/v1/admin/sessions`: who is signed in, and ending it.

use super::list::{PageQuery, enveloped, pagination, wrap};
use super::wire::login::session as render;
use super::wire::{id_in_path, partner_filter, tenant_filter, tenant_named, text};
use super::{Services, gone, ok};
use crate::access::{Actor, Granted, Permission, permit};
use crate::access::{over, widest};
use crate::base::id::{SessionId, UserId};
use crate::base::{Id, Problem};
use crate::http::extract::{Caller, Json, Query};
use crate::people;
use crate::sessions::{self, Filter, Session};
use crate::store::Read;
use crate::tenancy::narrowed;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The filters of the list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Wanted {
    user_id: Option<String>,
    tenant_id: Option<String>,
    partner_id: Option<String>,
}

/// A session, with whose it is.
fn row(tx: &impl Read, session: &Session, actor: &Actor) -> Result<Value, Problem> {
    let mut row = render(session, actor.session() == Some(session.id));
    if let Value::Object(fields) = &mut row {
        fields.insert("user_id".to_owned(), json!(session.user));
        let user = people::user(tx, session.user)?;
        fields.insert("user_email".to_owned(), json!(user.map(|user| user.email)));
    }
    Ok(row)
}

/// `GET /sessions`: those that still live, the newest first. Without a total, because counting would mean reading all.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(wanted): Query<Wanted>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
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
    let rows = found.iter().skip(skip).take(size).map(|session| row(&snapshot, session, &actor));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(wrap(&rows, pagination(paging, None, next), &request))
}

/// The session that a path names, and the permission for where it is.
fn reach<P: Permission>(tx: &impl Read, actor: &Arc<Actor>, text: &str) -> Result<(SessionId, Granted<P>), Problem> {
    widest::<P>(actor)?;
    let id = id_in_path(text, "session_not_found")?;
    Ok((id, over(actor, sessions::place(tx, id)?)?))
}

/// `GET /sessions/{id}`.
pub async fn show(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let snapshot = stack.store.read();
    let (id, granted) = reach::<permit::ReadSessions>(&snapshot, &actor, &id)?;
    let session = sessions::get(&snapshot, &granted, id)?;
    Ok(ok(&row(&snapshot, &session, &actor)?))
}

/// `DELETE /sessions/{id}`: its browser is signed out, and its access tokens are dead.
pub async fn end(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (id, granted) = reach::<permit::EndSessions>(&stack.store.read(), &actor, &id)?;
    let now = stack.now();
    stack.store.write(move |tx| sessions::end_by_admin(tx, &granted, id, now)).await?;
    Ok(gone())
}

/// The body of `POST /sessions/revoke-all`: one of the two.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevokeAll {
    user_id: Option<UserId>,
    #[serde(alias = "tenant")]
    tenant_id: Option<String>,
}

/// `POST /sessions/revoke-all`: all of a user, or of everybody in a tenant.
pub async fn revoke_all(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<RevokeAll>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    widest::<permit::EndSessions>(&actor)?;
    let now = stack.now();
    let ended = match (body.user_id, body.tenant_id) {
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
    Ok(ok(&enveloped(json!({ "revoked": ended }), &request)))
}
