//! `/api/v1/admin/applications`.

use super::list::{self as pages, PageQuery};
use super::noun::Noun;
use super::wire::application::{Create, Filter, Update, render, render_from, with_secret};
use super::wire::missing;
use super::{Services, created};
use crate::access::{Actor, Granted, Permission, Place, permit};
use crate::access::{over, widest};
use crate::apps::{self, Application, NewSecret, UpdateApplication};
use crate::base::id::ApplicationId;
use crate::base::{Id, Problem, Timestamp};
use crate::http::extract::{Caller, Json, Query};
use crate::store::{Listed, Read, Snapshot, WriteTx};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;
use std::sync::Arc;

/// The application that a path names by its id or client_id, and the permission for where it is.
pub fn reach<P: Permission>(
    tx: &impl Read,
    actor: &Arc<Actor>,
    text: &str,
) -> Result<(ApplicationId, Granted<P>), Problem> {
    let granted = widest::<P>(actor)?;
    let id = ApplicationId::parse(text).or_else(|| apps::parse_client_id(text));
    let id = id.ok_or_else(|| missing("application_not_found"))?;
    let scope = apps::client(tx, &apps::client_id(id))?.map(|application| application.scope);
    match scope.map(|scope| apps::place_of(tx, scope)).transpose()?.flatten() {
        Some(place) => Ok((id, over(actor, Some(place))?)),
        None => Ok((id, granted)),
    }
}

/// `GET`, `PATCH` and `DELETE /applications/{id}`, by id or client_id.
pub struct Applications;

impl Noun for Applications {
    type Id = ApplicationId;
    type Row = Application;
    type Body = Update;
    type View = Value;
    type Patch = UpdateApplication;
    type Read = permit::ReadApplications;
    type Write = permit::WriteApplications;
    type Delete = permit::WriteApplications;

    fn reach<P: Permission>(
        tx: &Snapshot,
        actor: &Arc<Actor>,
        text: &str,
    ) -> Result<(ApplicationId, Granted<P>), Problem> {
        reach(tx, actor, text)
    }

    fn get(tx: &Snapshot, granted: &Granted<Self::Read>, id: ApplicationId) -> Result<Application, Problem> {
        apps::get(tx, granted, id)
    }

    fn now(tx: &WriteTx<'_>, place: Place, id: ApplicationId) -> Result<Application, Problem> {
        apps::within(tx, place, id)
    }

    fn read(_: &Snapshot, body: Update) -> Result<UpdateApplication, Problem> {
        Ok(UpdateApplication::from(body))
    }

    fn update(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Write>,
        id: ApplicationId,
        patch: &UpdateApplication,
        now: Timestamp,
    ) -> Result<Application, Problem> {
        apps::update(tx, granted, patch, id, now)
    }

    fn delete(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Delete>,
        id: ApplicationId,
        now: Timestamp,
    ) -> Result<(), Problem> {
        apps::delete(tx, granted, id, now)
    }

    fn render<P: Permission>(granted: &Granted<P>, row: &Application) -> Value {
        render_from(granted.place(), row)
    }
}

/// `GET /applications`.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<Filter>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (paging, snapshot) = (page.paging()?, stack.store.read());
    let granted = widest::<permit::ReadApplications>(&actor)?;
    let listed = match filter.read(&snapshot)? {
        Some(filter) => apps::list(&snapshot, &granted, &filter, paging)?,
        None => Listed::empty(paging),
    };
    Ok(pages::render(&listed, |application| render_from(granted.place(), application), &request))
}

/// `POST /applications`. The answer shows the client secret, once.
pub async fn create(stack: Services, Caller(actor): Caller, Json(body): Json<Create>) -> Result<HttpResponse, Problem> {
    widest::<permit::WriteApplications>(&actor)?;
    let snapshot = stack.store.read();
    let new = body.read(&snapshot, &actor, &stack.config.tokens)?;
    let granted = over::<permit::WriteApplications>(&actor, apps::place_of(&snapshot, new.scope)?)?;
    let (kept, secret) = NewSecret::make(stack.new_id());
    let (id, now) = (stack.new_id(), stack.now());
    let application = stack.store.write(move |tx| apps::create(tx, &granted, &new, id, &kept, now)).await?;
    if application.secrets.is_empty() {
        return Ok(created(&render(&application)));
    }
    Ok(created(&with_secret(&application, secret.expose())))
}
