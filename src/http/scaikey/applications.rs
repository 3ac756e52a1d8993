//! `/api/v1/admin/applications`.

use super::Services;
use super::list::{Page, PageQuery};
use super::noun::Noun;
use super::wire::application::{
    Application, ApplicationChange, ApplicationQuery, CreateApplication, NewClientSecret, RegisteredApplication,
};
use super::wire::missing;
use crate::access::{Actor, Granted, Permission, Place, permit};
use crate::access::{over, widest};
use crate::apps::{self, NewSecret, UpdateApplication};
use crate::base::id::ApplicationId;
use crate::base::{Id, Problem, Timestamp};
use crate::http::extract::{Caller, Json, Query};
use crate::http::reply::{Created, Reply};
use crate::store::{Listed, Read, Snapshot, WriteTx};
use actix_web::HttpRequest;
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
    type Row = apps::Application;
    type Body = ApplicationChange;
    type View = Application;
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

    fn get(tx: &Snapshot, granted: &Granted<Self::Read>, id: ApplicationId) -> Result<apps::Application, Problem> {
        apps::get(tx, granted, id)
    }

    fn now(tx: &WriteTx<'_>, place: Place, id: ApplicationId) -> Result<apps::Application, Problem> {
        apps::within(tx, place, id)
    }

    fn read(_: &Snapshot, body: ApplicationChange) -> Result<UpdateApplication, Problem> {
        Ok(UpdateApplication::from(body))
    }

    fn update(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Write>,
        id: ApplicationId,
        patch: &UpdateApplication,
        now: Timestamp,
    ) -> Result<apps::Application, Problem> {
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

    fn render<P: Permission>(granted: &Granted<P>, row: &apps::Application) -> Application {
        Application::seen_from(granted.place(), row)
    }
}

/// `GET /applications`: the applications that the caller may see.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<ApplicationQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<Application>>, Problem> {
    let (paging, snapshot) = (page.paging()?, stack.store.read());
    let granted = widest::<permit::ReadApplications>(&actor)?;
    let listed = match filter.read(&snapshot)? {
        Some(filter) => apps::list(&snapshot, &granted, &filter, paging)?,
        None => Listed::empty(paging),
    };
    Ok(Page::of(&listed, |application| Application::seen_from(granted.place(), application), &request))
}

/// `POST /applications`: registers an application. The answer shows the client secret, once, if its type has one.
pub async fn create(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<CreateApplication>,
) -> Result<Created<RegisteredApplication>, Problem> {
    widest::<permit::WriteApplications>(&actor)?;
    let snapshot = stack.store.read();
    let new = body.read(&snapshot, &actor, &stack.config.tokens)?;
    let granted = over::<permit::WriteApplications>(&actor, apps::place_of(&snapshot, new.scope)?)?;
    let (kept, secret) = NewSecret::make(stack.new_id());
    let (id, now) = (stack.new_id(), stack.now());
    let application = stack.store.write(move |tx| apps::create(tx, &granted, &new, id, &kept, now)).await?;
    let secret = application.secrets.last().map(|kept| NewClientSecret::new(secret, kept.id));
    Ok(Reply(RegisteredApplication::new(&application, secret)))
}
