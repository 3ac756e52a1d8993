//! The permissions of applications: one list for the instance (Scalekit's `permissions`).

use super::service::author;
use super::{AppPermission, MAX_DESCRIPTION_OF_PERMISSION, MAX_PERMISSIONS, PermissionName, table};
use crate::access::{Granted, Place, permit};
use crate::audit::{self, Event};
use crate::base::id::AppPermissionId;
use crate::base::{Problem, Timestamp};
use crate::catalogue::{Action, did_you_mean};
use crate::store::{Read, StoreError, WriteTx};
use std::collections::BTreeSet;

/// There is no such permission.
pub fn missing() -> Problem {
    Problem::not_found("permission_not_found", "There is no such permission")
}

fn check(description: &str) -> Result<(), Problem> {
    if description.chars().count() > MAX_DESCRIPTION_OF_PERMISSION {
        return Err(Problem::invalid("description", "must be at most 2000 characters"));
    }
    Ok(())
}

fn save(tx: &mut WriteTx<'_>, permission: &AppPermission) -> Result<(), Problem> {
    tx.save(permission).map_err(|error| match error {
        StoreError::Taken(_) => {
            Problem::conflict("permission_exists", "There is already a permission with this name").at("name")
        }
        other => other.into(),
    })
}

/// The list is the instance's, so whoever changes it does so for everybody.
fn instance_wide<P>(granted: &Granted<P>) -> Result<(), Problem> {
    if granted.place() == Place::Platform {
        return Ok(());
    }
    Err(Problem::forbidden(
        "access_denied",
        "Permissions belong to the whole instance: only its administrators change them",
    ))
}

fn event(granted: &Granted<permit::WriteRoles>, now: Timestamp, verb: Action, permission: &AppPermission) -> Event {
    Event::by(granted.actor(), now, Place::Platform, verb)
        .on("permission", permission.id)
        .with("name", &permission.name)
        .with("by", author(granted.actor()))
}

/// Makes a permission.
///
/// # Errors
/// `permission_exists`, `validation_error`, `quota_exceeded`; `access_denied` beyond the platform.
pub fn create(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    (name, description): (&PermissionName, &str),
    id: AppPermissionId,
    now: Timestamp,
) -> Result<AppPermission, Problem> {
    instance_wide(granted)?;
    check(description)?;
    if table::all_permissions(tx)?.len() >= MAX_PERMISSIONS {
        return Err(Problem::conflict("quota_exceeded", "There are as many permissions as there may be")
            .with("quota", "permissions")
            .with("limit", MAX_PERMISSIONS));
    }
    let description = description.to_owned();
    let permission = AppPermission { id, name: name.clone(), description, created_at: now, updated_at: now };
    save(tx, &permission)?;
    audit::append(tx, event(granted, now, Action::PermissionCreate, &permission));
    Ok(permission)
}

/// All permissions, the oldest first: 1000 at most.
///
/// # Errors
/// When the file cannot be read.
pub fn list(tx: &impl Read, _: &Granted<permit::ReadRoles>) -> Result<Vec<AppPermission>, Problem> {
    Ok(table::all_permissions(tx)?)
}

/// One permission by its name.
///
/// # Errors
/// `permission_not_found`.
pub fn get(tx: &impl Read, _: &Granted<permit::ReadRoles>, name: &PermissionName) -> Result<AppPermission, Problem> {
    table::permission_named(tx, name.as_str())?.ok_or_else(missing)
}

/// Gives a permission another name or description, in every role that has it.
///
/// # Errors
/// `permission_not_found`, `permission_exists`, `validation_error`; `access_denied` beyond the platform.
pub fn update(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    name: &PermissionName,
    (new_name, description): (&PermissionName, &str),
    now: Timestamp,
) -> Result<AppPermission, Problem> {
    instance_wide(granted)?;
    check(description)?;
    let old = table::permission_named(tx, name.as_str())?.ok_or_else(missing)?;
    let permission =
        AppPermission { name: new_name.clone(), description: description.to_owned(), updated_at: now, ..old.clone() };
    save(tx, &permission)?;
    audit::append(tx, event(granted, now, Action::PermissionUpdate, &permission).with("former_name", &old.name));
    Ok(permission)
}

/// Deletes a permission, and takes it from every role that has it.
///
/// # Errors
/// `permission_not_found`; `access_denied` beyond the platform.
pub fn delete(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    name: &PermissionName,
    now: Timestamp,
) -> Result<(), Problem> {
    instance_wide(granted)?;
    let permission = table::permission_named(tx, name.as_str())?.ok_or_else(missing)?;
    let roles = table::with_permission(tx, permission.id)?;
    let count = roles.len();
    for mut role in roles {
        role.permissions.remove(&permission.id);
        role.updated_at = now;
        tx.save(&role)?;
    }
    tx.remove::<AppPermission>(&permission.id)?;
    audit::append(tx, event(granted, now, Action::PermissionDelete, &permission).with("taken_from_roles", count));
    Ok(())
}

fn unknown(tx: &impl Read, field: String, name: &PermissionName) -> Problem {
    let all = match table::all_permissions(tx) {
        Ok(all) => all,
        Err(error) => return error.into(),
    };
    match did_you_mean(name.as_str(), all.iter().map(|permission| permission.name.as_str())) {
        Some(meant) => Problem::invalid(field, format!("names a permission that is not there: did you mean {meant}?")),
        None => Problem::invalid(field, "names a permission that is not there"),
    }
}

/// The permissions of these names.
///
/// # Errors
/// Invalid for the first that is not there: `<field>[n]`.
pub(super) fn named(
    tx: &impl Read,
    field: &str,
    names: &[PermissionName],
) -> Result<BTreeSet<AppPermissionId>, Problem> {
    let mut found = BTreeSet::new();
    for (at, name) in names.iter().enumerate() {
        match table::permission_named(tx, name.as_str())? {
            Some(permission) => found.insert(permission.id),
            None => return Err(unknown(tx, format!("{field}[{at}]"), name)),
        };
    }
    Ok(found)
}
