//! The permissions of applications.

use super::super::operation::Call;
use super::super::proto::roles::{
    CreatePermission, CreatePermissionRequest, CreatePermissionResponse, DeletePermissionRequest, GetPermissionRequest,
    GetPermissionResponse, ListPermissionsRequest, ListPermissionsResponse, PermissionType, UpdatePermissionRequest,
    UpdatePermissionResponse,
};
use super::super::rules;
use super::places::everywhere;
use super::{read, render};
use crate::access::permit;
use crate::base::Problem;
use crate::base::id::AppPermissionId;
use crate::http::page_token;
use crate::roles::{AppPermission, PermissionName, permissions};
use crate::store::WriteTx;
use std::collections::BTreeMap;

/// The largest page.
const MAX_PAGE: u32 = 100;
/// The longest description.
const MAX_DESCRIPTION: usize = 2000;

fn given(permission: Option<CreatePermission>) -> Result<(PermissionName, String), Problem> {
    let CreatePermission { name, description } = rules::required("permission", permission)?;
    let name = read::permission_name("permission.name", &name)?;
    rules::length("permission.description", &description, 0..=MAX_DESCRIPTION)?;
    Ok((name, description))
}

/// `CreatePermission`.
pub async fn create(call: Call, request: CreatePermissionRequest) -> Result<CreatePermissionResponse, Problem> {
    let granted = everywhere::<permit::WriteRoles>(&call)?;
    let (name, description) = given(request.permission)?;
    let (id, now) = (call.stack.new_id(), call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| permissions::create(tx, &granted, (&name, &description), id, now);
    let made = call.stack.store.write(write).await.map_err(|problem| problem.within("permission"))?;
    call.shows(&made);
    Ok(CreatePermissionResponse { permission: Some(render::permission(&made)) })
}

/// `GetPermission`.
pub async fn get(call: Call, request: GetPermissionRequest) -> Result<GetPermissionResponse, Problem> {
    let granted = everywhere(&call)?;
    let name = read::permission_name("permission_name", &request.permission_name)?;
    let found = permissions::get(&call.stack.store.read(), &granted, &name)?;
    call.shows(&found);
    Ok(GetPermissionResponse { permission: Some(render::permission(&found)) })
}

/// `UpdatePermission`: name and description as they are sent.
pub async fn update(call: Call, request: UpdatePermissionRequest) -> Result<UpdatePermissionResponse, Problem> {
    let granted = everywhere::<permit::WriteRoles>(&call)?;
    let name = read::permission_name("permission_name", &request.permission_name)?;
    let (new_name, description) = given(request.permission)?;
    let (seen, look, now) = (call.seen.clone(), granted.and()?, call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&permissions::get(tx, &look, &name)?))?;
        permissions::update(tx, &granted, &name, (&new_name, &description), now)
    };
    let changed = call.stack.store.write(write).await.map_err(|problem| problem.within("permission"))?;
    call.shows(&changed);
    Ok(UpdatePermissionResponse { permission: Some(render::permission(&changed)) })
}

/// `ListPermissions`, the newest first. All of them are the environment's: there are none of the product's own.
pub async fn list(call: Call, request: ListPermissionsRequest) -> Result<ListPermissionsResponse, Problem> {
    let granted = everywhere(&call)?;
    if request.page_size == Some(0) {
        return Err(Problem::invalid("page_size", "must be 1 to 100"));
    }
    let token = request.page_token.as_deref().unwrap_or_default();
    let window = page_token::window(request.page_size.unwrap_or(0), token, page_token::DEFAULT, MAX_PAGE)?;
    let all: BTreeMap<AppPermissionId, AppPermission> = if request.r#type == PermissionType::Scalekit as i32 {
        BTreeMap::new()
    } else {
        let rows = permissions::list(&call.stack.store.read(), &granted)?;
        rows.into_iter().map(|permission| (permission.id, permission)).collect()
    };
    let slice = window.within(&all.keys().copied().collect());
    let (next_page_token, prev_page_token) = page_token::tokens(&slice);
    let total_size = page_token::total(&slice);
    let permissions = slice.items.iter().filter_map(|id| all.get(id)).map(render::permission).collect();
    Ok(ListPermissionsResponse { permissions, prev_page_token, next_page_token, total_size })
}

/// `DeletePermission`: no role has it any more.
pub async fn delete(call: Call, request: DeletePermissionRequest) -> Result<(), Problem> {
    let granted = everywhere::<permit::WriteRoles>(&call)?;
    let name = read::permission_name("permission_name", &request.permission_name)?;
    let (seen, look, now) = (call.seen.clone(), granted.and()?, call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&permissions::get(tx, &look, &name)?))?;
        permissions::delete(tx, &granted, &name, now)
    };
    call.stack.store.write(write).await
}
