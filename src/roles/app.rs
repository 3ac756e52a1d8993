//! What roles mean to the applications that run on this instance: names in tokens, and permissions that the applications
//! have given a name to. Nothing of this opens anything here, but for the three built-in roles of a tenant.

use super::built_in::{BUILT_IN, id_of, is_built_in, is_reserved};
use super::effective::mapped;
use super::{AppPermission, CustomRole, Given, Held, ModuleSet, RoleName, table};
use crate::access::{CoreSet, Place, Role};
use crate::base::id::{AppPermissionId, CustomRoleId, TenantId, UserId};
use crate::base::{DisplayName, Slug, Timestamp};
use crate::people::{self, User};
use crate::store::{Read, StoreError};
use std::collections::BTreeSet;

/// A built-in role of a tenant, with the permissions of applications that it was given since. None for a role of a partner
/// or of the platform.
///
/// # Errors
/// When the file cannot be read.
pub fn built_in(tx: &impl Read, role: Role) -> Result<Option<CustomRole>, StoreError> {
    let Some((_, number, key, name, description)) = BUILT_IN.iter().find(|built_in| built_in.0 == role) else {
        return Ok(None);
    };
    let id = CustomRoleId::built_in(*number);
    if let Some(changed) = table::role(tx, None, id)? {
        return Ok(Some(changed));
    }
    const WRONG: StoreError = StoreError::Corrupt("a built-in role that breaks a rule");
    Ok(Some(CustomRole {
        id,
        tenant: None,
        name: DisplayName::parse(name).map_err(|_| WRONG)?,
        slug: Slug::parse(key).map_err(|_| WRONG)?,
        description: Some((*description).to_owned()),
        core: CoreSet::default(),
        modules: ModuleSet::default(),
        created_by: "scaistack".to_owned(),
        created_at: Timestamp::from_secs(0),
        updated_at: Timestamp::from_secs(0),
        key: RoleName::parse(key).map_err(|_| WRONG)?,
        permissions: BTreeSet::new(),
        extends: None,
    }))
}

/// A role that can be held in a tenant, or, without a tenant, a role of the instance: built in, the tenant's, the instance's.
pub(super) fn by_id(
    tx: &impl Read,
    tenant: Option<TenantId>,
    id: CustomRoleId,
) -> Result<Option<CustomRole>, StoreError> {
    if let Some(role) = is_built_in(id) {
        return built_in(tx, role);
    }
    if tenant.is_some()
        && let Some(own) = table::role(tx, tenant, id)?
    {
        return Ok(Some(own));
    }
    table::role(tx, None, id)
}

/// The roles of the instance: the built-in ones, then those that were made, the oldest first.
pub(super) fn of_instance(tx: &impl Read) -> Result<Vec<CustomRole>, StoreError> {
    let mut roles = Vec::new();
    for (role, ..) in BUILT_IN {
        roles.extend(built_in(tx, role)?);
    }
    roles.extend(table::roles(tx, None)?.into_iter().filter(|role| is_built_in(role.id).is_none()));
    Ok(roles)
}

/// The role of this name that can be held in a tenant, or, without a tenant, the instance's. A tenant's own comes before one
/// of the instance of the same name; the names of the built-in ones are theirs alone.
///
/// # Errors
/// When the file cannot be read.
pub fn by_name(tx: &impl Read, tenant: Option<TenantId>, name: &RoleName) -> Result<Option<CustomRole>, StoreError> {
    if tenant.is_some()
        && !is_reserved(name)
        && let Some(own) = table::roles(tx, tenant)?.into_iter().find(|role| role.key == *name)
    {
        return Ok(Some(own));
    }
    Ok(of_instance(tx)?.into_iter().find(|role| role.key == *name))
}

/// The role and those that it extends, itself first. What is gone, or would lead in a circle, ends it.
pub(super) fn chain(tx: &impl Read, role: &CustomRole) -> Result<Vec<CustomRole>, StoreError> {
    let mut chain = vec![role.clone()];
    while let Some(base) = chain.last().and_then(|role| role.extends) {
        match by_id(tx, role.tenant, base)? {
            Some(base) if chain.iter().all(|known| known.id != base.id) => chain.push(base),
            _ => break,
        }
    }
    Ok(chain)
}

/// The permissions of applications that a role gives, with those of the roles that it extends.
pub(super) fn gives(tx: &impl Read, role: &CustomRole) -> Result<BTreeSet<AppPermissionId>, StoreError> {
    Ok(chain(tx, role)?.into_iter().flat_map(|role| role.permissions).collect())
}

/// The roles that a user has in a tenant, as applications are told of them: given, or by mappings of groups; the built-in
/// ones first. `viewer`, which everybody has who has nothing else, is named only then. Somebody who is no member has none.
///
/// # Errors
/// When the file cannot be read.
pub fn roles_of(tx: &impl Read, user: &User, place: Place, now: Timestamp) -> Result<Vec<CustomRole>, StoreError> {
    match place.tenant() {
        Some(tenant) if people::membership(tx, tenant, user.id)?.is_some() => roles_given(tx, user, place, now),
        _ => Ok(Vec::new()),
    }
}

/// As [`roles_of`], whether or not somebody has accepted to be a member: for what shows and manages them.
///
/// # Errors
/// When the file cannot be read.
pub fn roles_given(tx: &impl Read, user: &User, place: Place, now: Timestamp) -> Result<Vec<CustomRole>, StoreError> {
    let Some(tenant) = place.tenant() else { return Ok(Vec::new()) };
    let held = table::held(tx, tenant, user.id)?;
    let mapped = mapped(tx, tenant, user.id, held.as_ref())?;
    let mut built = built_in_assigned(tx, user, (tenant, place), now)?;
    built.extend(mapped.iter().copied().filter_map(Given::role));
    let mut roles = Vec::new();
    for (role, ..) in BUILT_IN.iter().filter(|built_in| built.contains(&built_in.0)) {
        roles.extend(built_in(tx, *role)?);
    }
    roles.extend(custom_roles(tx, tenant, held.as_ref(), &mapped)?);
    if roles.len() > 1 {
        roles.retain(|role| Some(role.id) != id_of(Role::TenantViewer));
    }
    Ok(roles)
}

/// The built-in roles that a user was given and that reach a tenant, each once, the widest first.
pub(super) fn built_in_assigned(
    tx: &impl Read,
    user: &User,
    (tenant, place): (TenantId, Place),
    now: Timestamp,
) -> Result<Vec<Role>, StoreError> {
    let membership = people::belonging(tx, tenant, user.id)?.map(|membership| membership.role);
    let reaches = |at: Place| if at.tenant().is_some() { at.tenant() == Some(tenant) } else { at.covers(place) };
    let given = user.admin_roles.iter().filter(|held| held.is_live(now) && reaches(held.place)).map(|held| held.role);
    let all: Vec<Role> = membership.into_iter().chain(given).collect();
    Ok(Role::ALL.into_iter().filter(|role| all.contains(role)).collect())
}

/// The custom roles of a member, of the instance and of the tenant, each once.
fn custom_roles(
    tx: &impl Read,
    tenant: TenantId,
    held: Option<&Held>,
    mapped: &[Given],
) -> Result<Vec<CustomRole>, StoreError> {
    let given = held.into_iter().flat_map(|held| held.instance.iter().chain(&held.custom)).copied();
    let mut roles: Vec<CustomRole> = Vec::new();
    for id in given.chain(mapped.iter().copied().filter_map(Given::custom)) {
        if roles.iter().all(|known| known.id != id) {
            roles.extend(by_id(tx, Some(tenant), id)?);
        }
    }
    Ok(roles)
}

/// The permissions of applications that these roles give together, by name.
///
/// # Errors
/// When the file cannot be read.
pub fn app_permissions(tx: &impl Read, roles: &[CustomRole]) -> Result<Vec<AppPermission>, StoreError> {
    let mut ids = BTreeSet::new();
    for role in roles {
        ids.append(&mut gives(tx, role)?);
    }
    rows(tx, &ids)
}

/// The rows of permissions, by name.
pub(super) fn rows(tx: &impl Read, ids: &BTreeSet<AppPermissionId>) -> Result<Vec<AppPermission>, StoreError> {
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.extend(table::permission(tx, *id)?);
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rows)
}

/// What a member's own roles give, for the comparison with what they hand out.
pub(super) fn held_by(tx: &impl Read, tenant: TenantId, user: UserId) -> Result<BTreeSet<AppPermissionId>, StoreError> {
    let Some(membership) = people::membership(tx, tenant, user)? else { return Ok(BTreeSet::new()) };
    let held = table::held(tx, tenant, user)?;
    let mapped = mapped(tx, tenant, user, held.as_ref())?;
    let mut all = BTreeSet::new();
    for role in built_in(tx, membership.role)?.into_iter().chain(custom_roles(tx, tenant, held.as_ref(), &mapped)?) {
        all.append(&mut gives(tx, &role)?);
    }
    Ok(all)
}
