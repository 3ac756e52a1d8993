//! `/api/v1/admin/tenants`.

use super::list::{self as pages, Deleted, PageQuery};
use super::reach::{over, widest};
use super::wire::tenant::{Create, Filter, Update, render};
use super::wire::{id_in_path, tenant_named};
use super::{Services, created, gone, ok};
use crate::access::permit;
use crate::base::Problem;
use crate::http::extract::{Caller, IfMatch, Json, Query, tagged};
use crate::store::{Listed, WriteTx};
use crate::tenancy;
use actix_web::{HttpRequest, HttpResponse, web};

/// `GET /tenants`.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<Filter>,
    Query(which): Query<Deleted>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (paging, snapshot) = (page.paging()?, stack.store.read());
    let granted = widest::<permit::ReadTenants>(&actor)?;
    if which.deleted {
        if !filter.is_empty() {
            return Err(Problem::invalid_at("query", "deleted", "lists all of them: leave the other filters out"));
        }
        return Ok(pages::render(&tenancy::deleted_tenants(&snapshot, &granted, None, paging)?, render, &request));
    }
    let listed = match filter.read(&snapshot)? {
        Some(filter) => tenancy::list_tenants(&snapshot, &granted, &filter, paging)?,
        None => Listed::empty(paging),
    };
    Ok(pages::render(&listed, render, &request))
}

/// `POST /tenants/{id}/restore`, by id: brings back one that was deleted.
pub async fn restore(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::DeleteTenants>(&actor)?;
    let (id, now) = (id_in_path(&id, "tenant_not_found")?, stack.now());
    let tenant = stack.store.write(move |tx| tenancy::restore_tenant(tx, &granted, id, now)).await?;
    Ok(ok(&render(&tenant)))
}

/// `POST /tenants`.
pub async fn create(stack: Services, Caller(actor): Caller, Json(body): Json<Create>) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::WriteTenants>(&actor)?;
    let new = body.read(&stack.store.read(), &actor)?;
    let (id, now) = (stack.new_id(), stack.now());
    let tenant = stack.store.write(move |tx| tenancy::create_tenant(tx, &granted, &new, id, now)).await?;
    Ok(created(&render(&tenant)))
}

/// `GET /tenants/{id}`, by id or slug.
pub async fn show(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    // Before anything is looked up, so that who may see no tenant learns nothing of which there are.
    widest::<permit::ReadTenants>(&actor)?;
    let snapshot = stack.store.read();
    let tenant = tenant_named(&snapshot, &id)?;
    let granted = over::<permit::ReadTenants>(&actor, Some(tenant.place()))?;
    let tenant = tenancy::get_tenant(&snapshot, &granted, tenant.id)?;
    Ok(tagged(ok(&render(&tenant)), &tenant))
}

/// `PATCH /tenants/{id}`.
pub async fn update(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<Update>,
) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::WriteTenants>(&actor)?;
    let snapshot = stack.store.read();
    let (id, patch) = (tenant_named(&snapshot, &id)?.id, body.read(&snapshot)?);
    let now = stack.now();
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(tenancy::tenant(tx, id)?.as_ref())?;
        tenancy::update_tenant(tx, &granted, id, &patch, now)
    };
    let tenant = stack.store.write(write).await?;
    Ok(tagged(ok(&render(&tenant)), &tenant))
}

/// `DELETE /tenants/{id}`.
pub async fn delete(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::DeleteTenants>(&actor)?;
    let id = tenant_named(&stack.store.read(), &id)?.id;
    let now = stack.now();
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(tenancy::tenant(tx, id)?.as_ref())?;
        tenancy::delete_tenant(tx, &granted, id, now)
    };
    stack.store.write(write).await?;
    Ok(gone())
}
