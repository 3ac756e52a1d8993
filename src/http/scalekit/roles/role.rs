//! What is done with one role, wherever the witness is for.

use super::super::operation::Call;
use super::super::proto::roles::Role;
use super::read::{self, Include};
use super::render;
use crate::access::{Granted, permit};
use crate::base::Problem;
use crate::roles::named::{self, NewRole, RolePatch};
use crate::roles::{CustomRole, RoleName};
use crate::store::WriteTx;

/// Makes a role, where the witness is for.
pub(super) async fn make(call: &Call, granted: Granted<permit::WriteRoles>, new: NewRole) -> Result<Role, Problem> {
    let (id, now) = (call.stack.new_id(), call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| named::create(tx, &granted, &new, id, now);
    let role = call.stack.store.write(write).await.map_err(|problem| problem.within("role"))?;
    call.shows(&role);
    render::with_permissions(call, &role)
}

/// Changes a role, where the witness is for.
pub(super) async fn change(
    call: &Call,
    granted: Granted<permit::WriteRoles>,
    name: RoleName,
    patch: RolePatch,
) -> Result<Role, Problem> {
    // Who changes a role may see it: the line for reading takes every scope of the line for writing.
    let (seen, look, now) = (call.seen.clone(), granted.and()?, call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&named::get(tx, &look, &name)?))?;
        named::update(tx, &granted, &name, &patch, now)
    };
    let role = call.stack.store.write(write).await.map_err(|problem| problem.within("role"))?;
    call.shows(&role);
    render::with_permissions(call, &role)
}

/// One role by name.
pub(super) fn one(call: &Call, granted: &Granted<permit::ReadRoles>, name: &str) -> Result<CustomRole, Problem> {
    named::get(&call.stack.store.read(), granted, &read::role_name("role_name", name)?)
}

/// One role by name, as what the answer shows.
pub(super) fn shown(
    call: &Call,
    granted: &Granted<permit::ReadRoles>,
    name: &str,
    include: Include,
) -> Result<Role, Problem> {
    let role = one(call, granted, name)?;
    call.shows(&role);
    render::role(&call.stack.store.read(), granted, &role, include)
}

/// Deletes a role, where the witness is for.
pub(super) async fn remove(
    call: &Call,
    granted: Granted<permit::WriteRoles>,
    name: &str,
    instead: Option<&str>,
) -> Result<(), Problem> {
    let name = read::role_name("role_name", name)?;
    let instead = instead.filter(|text| !text.is_empty());
    let instead = instead.map(|text| read::role_name("reassign_role_name", text)).transpose()?;
    let (seen, look, now) = (call.seen.clone(), granted.and()?, call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&named::get(tx, &look, &name)?))?;
        named::delete(tx, &granted, &name, instead.as_ref(), now)
    };
    call.stack.store.write(write).await
}

/// How many hold a role.
pub(super) fn count(call: &Call, granted: &Granted<permit::ReadRoles>, name: &str) -> Result<i64, Problem> {
    let role = one(call, granted, name)?;
    let count = named::users_count(&call.stack.store.read(), granted, &role)?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Parts a role from the one that it extends.
pub(super) async fn part_from_base(
    call: &Call,
    granted: Granted<permit::WriteRoles>,
    name: &str,
) -> Result<(), Problem> {
    let (name, now) = (read::role_name("role_name", name)?, call.stack.now());
    call.stack.store.write(move |tx| named::remove_base(tx, &granted, &name, now)).await?;
    Ok(())
}
