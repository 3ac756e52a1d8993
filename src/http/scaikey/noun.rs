//! Rows that have an address of their own below `/api/v1/admin`: reading, changing and deleting one is the same for all kinds.

use super::Services;
use crate::access::{Actor, Granted, Permission, Place};
use crate::base::{Problem, Timestamp};
use crate::http::extract::{Caller, IfMatch, Json};
use crate::http::reply::{NoContent, Tagged};
use crate::store::{Snapshot, Versioned, WriteTx};
use actix_web::web;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A kind of row, and its service.
pub trait Noun {
    /// How one is named.
    type Id: Copy + Send + 'static;
    /// The row that the store keeps of one.
    type Row: Versioned + Send + 'static;
    /// What a change is sent as.
    type Body: DeserializeOwned + 'static;
    /// What the service takes for a change.
    type Patch: Send + 'static;
    /// What goes over the wire.
    type View: Serialize;
    /// What looking at one needs.
    type Read: Permission + Send + Sync + 'static;
    /// What changing one needs.
    type Write: Permission + Send + Sync + 'static;
    /// What deleting one needs.
    type Delete: Permission + Send + Sync + 'static;

    /// The row that a path names, and the permission for where it is.
    ///
    /// # Errors
    /// Not found; the refusal of who may not.
    fn reach<P: Permission>(tx: &Snapshot, actor: &Arc<Actor>, text: &str) -> Result<(Self::Id, Granted<P>), Problem>;

    /// Reads one.
    ///
    /// # Errors
    /// Not found.
    fn get(tx: &Snapshot, granted: &Granted<Self::Read>, id: Self::Id) -> Result<Self::Row, Problem>;

    /// As those who administer `place` see it, inside the transaction that changes it. Versions are compared with this one:
    /// of what is out of reach a version would tell that it is there.
    ///
    /// # Errors
    /// Not found.
    fn now(tx: &WriteTx<'_>, place: Place, id: Self::Id) -> Result<Self::Row, Problem>;

    /// What a body asks for.
    ///
    /// # Errors
    /// Invalid, for what names something that is not there.
    fn read(tx: &Snapshot, body: Self::Body) -> Result<Self::Patch, Problem>;

    /// Changes one.
    ///
    /// # Errors
    /// Those of the service.
    fn update(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Write>,
        id: Self::Id,
        patch: &Self::Patch,
        now: Timestamp,
    ) -> Result<Self::Row, Problem>;

    /// Deletes one.
    ///
    /// # Errors
    /// Those of the service.
    fn delete(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Delete>,
        id: Self::Id,
        now: Timestamp,
    ) -> Result<(), Problem>;

    /// As the permission at hand shows it.
    fn render<P: Permission>(granted: &Granted<P>, row: &Self::Row) -> Self::View;
}

/// `GET /…/{id}`: one row, with its version as `ETag`.
pub async fn show<N: Noun>(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
) -> Result<Tagged<N::View>, Problem> {
    let snapshot = stack.store.read();
    let (id, granted) = N::reach::<N::Read>(&snapshot, &actor, &id)?;
    let row = N::get(&snapshot, &granted, id)?;
    Ok(Tagged::new(N::render(&granted, &row), &row))
}

/// `PATCH /…/{id}`: changes the fields of one row that are sent. With `If-Match` only a row that is still of this version.
pub async fn update<N: Noun>(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<N::Body>,
) -> Result<Tagged<N::View>, Problem> {
    let snapshot = stack.store.read();
    let (id, granted) = N::reach::<N::Write>(&snapshot, &actor, &id)?;
    let (patch, now, kept) = (N::read(&snapshot, body)?, stack.now(), granted.clone());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&N::now(tx, granted.place(), id)?))?;
        N::update(tx, &granted, id, &patch, now)
    };
    let row = stack.store.write(write).await?;
    Ok(Tagged::new(N::render(&kept, &row), &row))
}

/// `DELETE /…/{id}`: deletes one row. With `If-Match` only a row that is still of this version.
pub async fn delete<N: Noun>(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
) -> Result<NoContent, Problem> {
    let (id, granted) = N::reach::<N::Delete>(&stack.store.read(), &actor, &id)?;
    let now = stack.now();
    let write = move |tx: &mut WriteTx<'_>| -> Result<(), Problem> {
        seen.check(Some(&N::now(tx, granted.place(), id)?))?;
        N::delete(tx, &granted, id, now)
    };
    stack.store.write(write).await?;
    Ok(NoContent)
}
