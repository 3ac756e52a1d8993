//! `/api/v1/admin/partners`.

use super::list::{self as pages, PageQuery};
use super::reach::{over, widest};
use super::wire::partner::{Create, Filter, Update, render};
use super::wire::partner_named;
use super::{Services, created, gone, ok};
use crate::access::{Place, permit};
use crate::base::Problem;
use crate::http::extract::{Caller, IfMatch, Json, Query, tagged};
use crate::store::WriteTx;
use crate::tenancy::{self, NewPartner, PartnerPatch};
use actix_web::{HttpRequest, HttpResponse, web};

/// `GET /partners`.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<Filter>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (paging, filter) = (page.paging()?, filter.read()?);
    let granted = widest::<permit::ReadPartners>(&actor)?;
    let listed = tenancy::list_partners(&stack.store.read(), &granted, &filter, paging)?;
    Ok(pages::render(&listed, render, &request))
}

/// `POST /partners`.
pub async fn create(stack: Services, Caller(actor): Caller, Json(body): Json<Create>) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::WritePartners>(&actor)?;
    let (new, id, now) = (NewPartner::from(body), stack.new_id(), stack.now());
    let partner = stack.store.write(move |tx| tenancy::create_partner(tx, &granted, &new, id, now)).await?;
    Ok(created(&render(&partner)))
}

/// `GET /partners/{id}`, by id or slug.
pub async fn show(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    // Before anything is looked up, so that who may see no partner learns nothing of which there are.
    widest::<permit::ReadPartners>(&actor)?;
    let snapshot = stack.store.read();
    let id = partner_named(&snapshot, &id)?;
    let granted = over::<permit::ReadPartners>(&actor, Some(Place::Partner(id)))?;
    let partner = tenancy::get_partner(&snapshot, &granted, id)?;
    Ok(tagged(ok(&render(&partner)), &partner))
}

/// `PATCH /partners/{id}`.
pub async fn update(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<Update>,
) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::WritePartners>(&actor)?;
    let id = partner_named(&stack.store.read(), &id)?;
    let (patch, now) = (PartnerPatch::from(body), stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(tenancy::partner(tx, id)?.as_ref())?;
        tenancy::update_partner(tx, &granted, id, &patch, now)
    };
    let partner = stack.store.write(write).await?;
    Ok(tagged(ok(&render(&partner)), &partner))
}

/// `DELETE /partners/{id}`.
pub async fn delete(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::WritePartners>(&actor)?;
    let id = partner_named(&stack.store.read(), &id)?;
    let now = stack.now();
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(tenancy::partner(tx, id)?.as_ref())?;
        tenancy::delete_partner(tx, &granted, id, now)
    };
    stack.store.write(write).await?;
    Ok(gone())
}
