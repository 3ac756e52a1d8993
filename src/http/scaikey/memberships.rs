//! `/api/v1/admin/users/{id}/memberships`: which tenants a user belongs to, and as what.

use super::Services;
use super::list::Enveloped;
use super::users::reach;
use super::wire::membership::{AddMembership, Membership, UpdateMembership};
use super::wire::{id_in_path, tenant_named};
use crate::access::{Actor, Granted, Permission, Place, Role, permit};
use crate::access::{over, widest};
use crate::base::Problem;
use crate::base::id::{TenantId, UserId};
use crate::http::extract::{Caller, IfMatch, Json};
use crate::http::reply::{Created, NoContent, Reply, Tagged};
use crate::people::{self, MembershipPatch, NewMembership, UserRef};
use crate::stack::Stack;
use crate::store::{Expected, Read, WriteTx};
use crate::tenancy;
use actix_web::{HttpRequest, web};
use std::sync::Arc;

/// The user and the tenant of a membership, and the permission in that tenant.
fn both<P: Permission>(
    stack: &Stack,
    actor: &Arc<Actor>,
    user: &str,
    tenant: &str,
) -> Result<(UserId, TenantId, Granted<P>), Problem> {
    widest::<P>(actor)?;
    let tenant = tenant_named(&stack.store.read(), tenant)?;
    Ok((id_in_path(user, "user_not_found")?, tenant.id, over(actor, Some(tenant.place()))?))
}

/// `GET /users/{id}/memberships`: a user's memberships in the tenants that the caller reaches.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<Vec<Membership>>>, Problem> {
    let snapshot = stack.store.read();
    let (id, granted) = reach::<permit::ReadUsers>(&snapshot, &actor, &id)?;
    let found = people::memberships_of(&snapshot, &granted, id)?.iter().map(Membership::of).collect();
    Ok(Reply(Enveloped::new(found, &request)))
}

/// `POST /users/{id}/memberships`: makes a user a member of a tenant at once, without an invitation.
pub async fn add(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    Json(body): Json<AddMembership>,
) -> Result<Created<Membership>, Problem> {
    let (user, tenant, granted) = both::<permit::WriteUsers>(&stack, &actor, &id, &body.tenant_id)?;
    let (who, role, now) = (UserRef::Id(user), body.role.map_or(Role::TenantUser, |role| role.0), stack.now());
    let new = NewMembership { metadata: body.metadata, ..NewMembership::at_once(role) };
    let made = stack.store.write(move |tx| people::add_membership(tx, &granted, &who, tenant, &new, now)).await?;
    Ok(Reply(Membership::of(&made)))
}

/// `PATCH /users/{id}/memberships/{tenant}`: changes the role, or what is kept about the membership.
pub async fn update(
    stack: Services,
    Caller(actor): Caller,
    path: web::Path<(String, String)>,
    IfMatch(seen): IfMatch,
    Json(body): Json<UpdateMembership>,
) -> Result<Tagged<Membership>, Problem> {
    let (user, tenant, granted) = both::<permit::WriteUsers>(&stack, &actor, &path.0, &path.1)?;
    let (role, now) = (body.role.map(|role| role.0), stack.now());
    let patch = MembershipPatch { metadata: body.metadata };
    let write = move |tx: &mut WriteTx<'_>| -> Result<people::Membership, Problem> {
        check(tx, &seen, granted.place(), tenant, user)?;
        if let Some(role) = role {
            people::set_membership_role(tx, &granted, user, tenant, role, now)?;
        }
        people::update_membership(tx, &granted, user, tenant, &patch, now)
    };
    let changed = stack.store.write(write).await?;
    Ok(Tagged::new(Membership::of(&changed), &changed))
}

/// `DELETE /users/{id}/memberships/{tenant}`: takes a user out of a tenant.
pub async fn remove(
    stack: Services,
    Caller(actor): Caller,
    path: web::Path<(String, String)>,
    IfMatch(seen): IfMatch,
) -> Result<NoContent, Problem> {
    let (user, tenant, granted) = both::<permit::DeleteUsers>(&stack, &actor, &path.0, &path.1)?;
    let now = stack.now();
    let write = move |tx: &mut WriteTx<'_>| {
        check(tx, &seen, granted.place(), tenant, user)?;
        people::remove_membership(tx, &granted, user, tenant, now)
    };
    stack.store.write(write).await?;
    Ok(NoContent)
}

/// Compares the membership with the one that was seen, when the tenant is within reach at all.
fn check(tx: &impl Read, seen: &Expected, place: Place, tenant: TenantId, user: UserId) -> Result<(), Problem> {
    tenancy::place_within(tx, place, tenant)?;
    seen.check(people::belonging(tx, tenant, user)?.as_ref())
}
