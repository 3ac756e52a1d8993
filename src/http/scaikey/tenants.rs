//! `/api/v1/admin/tenants`.

use super::Services;
use super::list::{Deleted, Page, PageQuery};
use super::noun::Noun;
use super::wire::tenant::{CreateTenant, Tenant, TenantChange, TenantQuery};
use super::wire::{id_in_path, tenant_named};
use crate::access::{Actor, Granted, Permission, Place, permit};
use crate::access::{over, widest};
use crate::base::id::TenantId;
use crate::base::{Problem, Timestamp};
use crate::http::extract::{Caller, Json, Query};
use crate::http::reply::{Created, Reply};
use crate::store::{Listed, Read, Snapshot, WriteTx};
use crate::tenancy::{self, TenantPatch};
use actix_web::{HttpRequest, web};
use std::sync::Arc;

/// `GET /tenants`: the tenants that the caller may see; with `deleted=true`, instead, those that can be restored.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<TenantQuery>,
    Query(which): Query<Deleted>,
    request: HttpRequest,
) -> Result<Reply<Page<Tenant>>, Problem> {
    let (paging, snapshot) = (page.paging()?, stack.store.read());
    let granted = widest::<permit::ReadTenants>(&actor)?;
    if which.deleted {
        if !filter.is_empty() {
            return Err(Problem::invalid_at("query", "deleted", "lists all of them: leave the other filters out"));
        }
        let listed = tenancy::deleted_tenants(&snapshot, &granted, None, paging)?;
        return Ok(Page::of(&listed, |tenant| Tenant::from(tenant), &request));
    }
    let listed = match filter.read(&snapshot)? {
        Some(filter) => tenancy::list_tenants(&snapshot, &granted, &filter, paging)?,
        None => Listed::empty(paging),
    };
    Ok(Page::of(&listed, |tenant| Tenant::from(tenant), &request))
}

/// `POST /tenants/{id}/restore`: brings back a tenant that was deleted, by its id.
pub async fn restore(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<Reply<Tenant>, Problem> {
    let granted = widest::<permit::DeleteTenants>(&actor)?;
    let (id, now) = (id_in_path(&id, "tenant_not_found")?, stack.now());
    let tenant = stack.store.write(move |tx| tenancy::restore_tenant(tx, &granted, id, now)).await?;
    Ok(Reply(Tenant::from(&tenant)))
}

/// `POST /tenants`: makes a tenant.
pub async fn create(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<CreateTenant>,
) -> Result<Created<Tenant>, Problem> {
    let granted = widest::<permit::WriteTenants>(&actor)?;
    let new = body.read(&stack.store.read(), &actor)?;
    let (id, now) = (stack.new_id(), stack.now());
    let tenant = stack.store.write(move |tx| tenancy::create_tenant(tx, &granted, &new, id, now)).await?;
    Ok(Reply(Tenant::from(&tenant)))
}

/// The tenant that a path names by id or slug, and the permission for where it is.
fn reach<P: Permission>(tx: &impl Read, actor: &Arc<Actor>, text: &str) -> Result<(TenantId, Granted<P>), Problem> {
    // Before anything is looked up, so that who may see no tenant learns nothing of which there are.
    widest::<P>(actor)?;
    let tenant = tenant_named(tx, text)?;
    Ok((tenant.id, over(actor, Some(tenant.place()))?))
}

/// `GET`, `PATCH` and `DELETE /tenants/{id}`.
pub struct Tenants;

impl Noun for Tenants {
    type Id = TenantId;
    type Row = tenancy::Tenant;
    type Body = TenantChange;
    type View = Tenant;
    type Patch = TenantPatch;
    type Read = permit::ReadTenants;
    type Write = permit::WriteTenants;
    type Delete = permit::DeleteTenants;

    fn reach<P: Permission>(tx: &Snapshot, actor: &Arc<Actor>, text: &str) -> Result<(TenantId, Granted<P>), Problem> {
        reach(tx, actor, text)
    }

    fn get(tx: &Snapshot, granted: &Granted<Self::Read>, id: TenantId) -> Result<tenancy::Tenant, Problem> {
        tenancy::get_tenant(tx, granted, id)
    }

    fn now(tx: &WriteTx<'_>, place: Place, id: TenantId) -> Result<tenancy::Tenant, Problem> {
        tenancy::tenant_within(tx, place, id)
    }

    fn read(tx: &Snapshot, body: TenantChange) -> Result<TenantPatch, Problem> {
        body.read(tx)
    }

    fn update(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Write>,
        id: TenantId,
        patch: &TenantPatch,
        now: Timestamp,
    ) -> Result<tenancy::Tenant, Problem> {
        tenancy::update_tenant(tx, granted, id, patch, now)
    }

    fn delete(
        tx: &mut WriteTx<'_>,
        granted: &Granted<Self::Delete>,
        id: TenantId,
        now: Timestamp,
    ) -> Result<(), Problem> {
        tenancy::delete_tenant(tx, granted, id, now)
    }

    fn render<P: Permission>(_: &Granted<P>, row: &tenancy::Tenant) -> Tenant {
        Tenant::from(row)
    }
}
