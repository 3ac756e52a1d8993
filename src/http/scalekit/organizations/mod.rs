//! OrganizationService: organisations are tenants.

mod pages;
mod policy;
mod portal;
mod read;
mod render;
mod settings;

pub use pages::Organizations;
pub use policy::{get_session_policy, update_session_policy};
pub use portal::generate_portal_link;
pub use settings::{get_user_management, update_settings, upsert_user_management};

use super::identity::Identity;
use super::operation::Call;
use super::proto::organizations::{
    CreateOrganizationRequest, CreateOrganizationResponse, DeleteOrganizationRequest, GetOrganizationRequest,
    GetOrganizationResponse, ListOrganizationsRequest, SearchOrganizationsRequest, UpdateOrganizationRequest,
    UpdateOrganizationResponse,
};
use super::rules;
use crate::access::{Granted, Permission, permit};
use crate::access::{over, widest};
use crate::base::Problem;
use crate::base::id::TenantId;
use crate::http::page_token;
use crate::store::{Read, Slice, Window, WriteTx};
use crate::tenancy::{self, DetailsPatch, Tenant, TenantPatch};
use std::sync::Arc;

/// The largest page of a list, which has no rule of its own, and of a search, which has one.
const MAX_PAGE: u32 = 100;
const MAX_FOUND: u32 = 30;

/// `CreateOrganization`.
pub async fn create(call: Call, request: CreateOrganizationRequest) -> Result<CreateOrganizationResponse, Problem> {
    let granted = widest::<permit::WriteTenants>(&call.actor)?;
    let given = rules::required("organization", request.organization)?;
    let new = read::create(given, call.actor.partner)?;
    let (id, now) = (call.stack.new_id(), call.stack.now());
    let made = call.stack.store.write(move |tx| tenancy::create_tenant(tx, &granted, &new, id, now)).await;
    let tenant = made.map_err(|problem| problem.within("organization"))?;
    call.shows(&tenant);
    Ok(CreateOrganizationResponse { organization: Some(render::organization(&tenant)) })
}

/// `UpdateOrganization`: what is absent stays, `""` empties, and so do empty metadata when the mask names them.
pub async fn update(call: Call, request: UpdateOrganizationRequest) -> Result<UpdateOrganizationResponse, Problem> {
    let identity = Identity::from(request.identities);
    let one = over_one::<permit::WriteTenants, _>(&call, &call.stack.store.read(), |tx| identity.organization(tx))?;
    let given = rules::required("organization", request.organization)?;
    let patch = read::update(given, request.update_mask.map(|mask| mask.paths))?;
    let tenant = change(&call, one, patch).await.map_err(|problem| problem.within("organization"))?;
    Ok(UpdateOrganizationResponse { organization: Some(render::organization(&tenant)) })
}

/// `GetOrganization`.
pub async fn get(call: Call, request: GetOrganizationRequest) -> Result<GetOrganizationResponse, Problem> {
    let identity = Identity::from(request.identities);
    let snapshot = call.stack.store.read();
    let tenant = readable(&call, &snapshot, |tx| identity.organization(tx))?;
    Ok(GetOrganizationResponse { organization: Some(render::organization(&tenant)) })
}

/// `DeleteOrganization`.
pub async fn delete(call: Call, request: DeleteOrganizationRequest) -> Result<(), Problem> {
    let identity = Identity::from(request.identities);
    let (granted, id) =
        over_one::<permit::DeleteTenants, _>(&call, &call.stack.store.read(), |tx| identity.organization(tx))?;
    let (seen, now) = (call.seen.clone(), call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&tenancy::tenant_within(tx, granted.place(), id)?))?;
        tenancy::delete_tenant(tx, &granted, id, now)
    };
    call.stack.store.write(write).await
}

/// `ListOrganization`, the newest first; with an external id, the one that has it.
pub async fn list(call: Call, request: ListOrganizationsRequest) -> Result<Organizations, Problem> {
    let window = page_token::up_to(request.page_size, &request.page_token, page_token::DEFAULT, MAX_PAGE)?;
    let snapshot = call.stack.store.read();
    Ok(Organizations(match request.external_id.filter(|id| !id.is_empty()) {
        Some(external_id) => {
            match readable(&call, &snapshot, |tx| Identity::ExternalId(external_id.clone()).organization(tx)) {
                Ok(tenant) => {
                    let tenant = Arc::new(tenant);
                    window.within(&[tenant.id].into()).try_map(|_| Ok::<_, Problem>(Arc::clone(&tenant)))?
                }
                Err(problem) if problem.code == rules::no_organization().code => Slice::empty(),
                Err(problem) => return Err(problem),
            }
        }
        None => slice(&call, &snapshot, None, window)?,
    }))
}

/// `SearchOrganization`: by the front of the name, the slug, the external id or a word in them, or by the id.
pub async fn search(call: Call, request: SearchOrganizationsRequest) -> Result<Organizations, Problem> {
    rules::length("query", &request.query, 3..=100)?;
    let window = page_token::window(request.page_size, &request.page_token, page_token::DEFAULT, MAX_FOUND)?;
    Ok(Organizations(slice(&call, &call.stack.store.read(), Some(&request.query), window)?))
}

fn slice(call: &Call, tx: &impl Read, search: Option<&str>, window: Window) -> Result<Slice<Arc<Tenant>>, Problem> {
    let granted = widest::<permit::ReadTenants>(&call.actor)?;
    tenancy::slice_tenants(tx, &granted, search, window)
}

/// The permission at a place that covers an organisation. Who lacks it is told so only of an organisation that they may see;
/// any other is not there.
fn over_one<P: Permission, T: Read>(
    call: &Call,
    tx: &T,
    find: impl FnOnce(&T) -> Result<TenantId, Problem>,
) -> Result<(Granted<P>, TenantId), Problem> {
    let id = find(tx)?;
    let place = tenancy::place_of(tx, id)?;
    match over::<P>(&call.actor, place) {
        Ok(granted) => Ok((granted, id)),
        Err(denied) if place.is_some_and(|place| call.actor.may::<permit::ReadTenants>(place)) => Err(denied),
        Err(_) => Err(rules::no_organization()),
    }
}

/// An organisation that the caller may see.
fn readable<T: Read>(
    call: &Call,
    tx: &T,
    find: impl FnOnce(&T) -> Result<TenantId, Problem>,
) -> Result<Tenant, Problem> {
    let (granted, id) = over_one::<permit::ReadTenants, T>(call, tx, find)?;
    let tenant = tenancy::get_tenant(tx, &granted, id)?;
    call.shows(&tenant);
    Ok(tenant)
}

/// Changes an organisation.
async fn change(
    call: &Call,
    (granted, id): (Granted<permit::WriteTenants>, TenantId),
    patch: TenantPatch,
) -> Result<Tenant, Problem> {
    let (seen, now) = (call.seen.clone(), call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&tenancy::tenant_within(tx, granted.place(), id)?))?;
        tenancy::update_tenant(tx, &granted, id, &patch, now)
    };
    let tenant = call.stack.store.write(write).await?;
    call.shows(&tenant);
    Ok(tenant)
}

/// Changes what an organisation has besides its name and slug.
async fn change_details(
    call: &Call,
    (field, id): (&'static str, &str),
    details: impl FnOnce() -> Result<DetailsPatch, Problem>,
) -> Result<Tenant, Problem> {
    let one =
        over_one::<permit::WriteTenants, _>(call, &call.stack.store.read(), |_| rules::organization_id(field, id))?;
    change(call, one, TenantPatch { details: details()?, ..TenantPatch::default() }).await
}
