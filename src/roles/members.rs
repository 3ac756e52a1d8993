//! Roles of a member as one list of names, for a surface that knows nothing of built-in and custom ones.

use super::built_in::id_of;
use super::{RoleName, assign_named, assigned, by_name, defaults, is_built_in};
use crate::access::{Granted, Place, Role, permit};
use crate::base::id::{CustomRoleId, TenantId, UserId};
use crate::base::{Problem, Timestamp};
use crate::people::{self, User};
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;

/// The most roles named at once.
const MAX_NAMES: usize = 50;

/// Names of roles as a request gives them, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleNames(Vec<RoleName>);

impl RoleNames {
    /// From texts. Those that say nothing are dropped; `tenant_admin` and its like are taken for `admin` and its like.
    ///
    /// # Errors
    /// The rule.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, &'static str> {
        let mut names: Vec<RoleName> = Vec::new();
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            let name = RoleName::parse(match text {
                "tenant_admin" => "admin",
                "tenant_user" => "member",
                "tenant_viewer" => "viewer",
                other => other,
            })?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.len() > MAX_NAMES { Err("must be at most 50 roles") } else { Ok(Self(names)) }
    }

    /// Whether none is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The roles that names stand for in a tenant.
///
/// # Errors
/// `validation_error` at `roles` for a name that nothing has.
pub fn resolve(tx: &impl Read, tenant: TenantId, names: &RoleNames) -> Result<Vec<CustomRoleId>, Problem> {
    let unknown = || Problem::invalid("roles", "must name roles that there are in this organization");
    names.0.iter().map(|name| Ok(by_name(tx, Some(tenant), name)?.ok_or_else(unknown)?.id)).collect()
}

/// The roles of somebody who is made a member: those named, or the default ones. Whoever is first in a tenant gets the
/// creator's, if the actor may make an admin, later ones the members'.
///
/// # Errors
/// `tenant_not_found`, and as [`resolve`].
pub fn for_newcomer(
    tx: &impl Read,
    granted: &Granted<permit::WriteUsers>,
    tenant: TenantId,
    names: &RoleNames,
) -> Result<Vec<CustomRoleId>, Problem> {
    let place = tenancy::place_within(tx, granted.place(), tenant)?;
    if !names.is_empty() {
        return resolve(tx, tenant, names);
    }
    let defaults = defaults::of(tx, Some(tenant))?;
    let may = is_built_in(defaults.creator.id) != Some(Role::TenantAdmin)
        || people::may_hand_out(granted.actor(), Role::TenantAdmin, place);
    let first = people::members_count(tx, tenant)? == 0;
    Ok(vec![if first && may { defaults.creator.id } else { defaults.member.id }])
}

/// The built-in role that stands in the membership of somebody with these roles: the widest, or the least if there is none.
pub fn membership_role(roles: &[CustomRoleId]) -> Role {
    let built_in: Vec<Role> = roles.iter().filter_map(|role| is_built_in(*role)).collect();
    let widest = [Role::TenantAdmin, Role::TenantUser].into_iter().find(|role| built_in.contains(role));
    widest.unwrap_or(Role::TenantViewer)
}

/// Gives a new member what the membership itself does not hold: further built-in roles, and custom ones. Usually there is
/// nothing of the kind, and nothing is written.
///
/// # Errors
/// `cannot_grant`, `validation_error`.
pub fn set_roles_of_newcomer(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    user: UserId,
    tenant: TenantId,
    roles: &[CustomRoleId],
    now: Timestamp,
) -> Result<(), Problem> {
    match roles {
        [only] if is_built_in(*only).is_some() => Ok(()),
        _ => set_roles(tx, granted, user, tenant, roles, now),
    }
}

/// Gives a member of a tenant these roles, and no others.
///
/// # Errors
/// `tenant_not_found`, `user_not_found`, `membership_not_found`, `cannot_grant`, `validation_error`.
pub fn set_roles(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    user: UserId,
    tenant: TenantId,
    roles: &[CustomRoleId],
    now: Timestamp,
) -> Result<(), Problem> {
    let place = tenancy::place_within(tx, granted.place(), tenant)?;
    if people::belonging(tx, tenant, user)?.is_none() {
        return Err(Problem::not_found("membership_not_found", "The user is not a member of this tenant"));
    }
    assign_named(tx, &granted.actor().grant(place)?, user, roles, now)
}

/// The roles that a member was given in a tenant, without those by mappings of groups. The least built-in one, which everybody
/// has beside custom ones, is named only alone.
///
/// # Errors
/// When the file cannot be read.
pub fn own_roles(tx: &impl Read, user: &User, place: Place, now: Timestamp) -> Result<Vec<CustomRoleId>, StoreError> {
    let given = assigned(tx, user, place, now)?;
    let mut roles: Vec<CustomRoleId> = given.roles.iter().filter_map(|role| id_of(*role)).collect();
    roles.extend(given.instance.into_iter().flatten());
    roles.extend(given.custom);
    if roles.len() > 1 {
        roles.retain(|role| is_built_in(*role) != Some(Role::TenantViewer));
    }
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_widest_built_in_role_stands_in_the_membership() {
        let ids = |roles: &[Role]| roles.iter().map(|role| id_of(*role).unwrap()).collect::<Vec<_>>();
        assert_eq!(membership_role(&ids(&[Role::TenantUser, Role::TenantAdmin])), Role::TenantAdmin);
        assert_eq!(membership_role(&ids(&[Role::TenantUser])), Role::TenantUser);
        assert_eq!(membership_role(&[CustomRoleId::built_in(900)]), Role::TenantViewer);
        assert_eq!(membership_role(&[]), Role::TenantViewer);
    }

    #[test]
    fn aliases_are_one_name() {
        let names = RoleNames::parse(["tenant_admin", "admin", "", "editor"]).unwrap();
        assert_eq!(names, RoleNames::parse(["admin", "editor"]).unwrap());
        assert!(RoleNames::parse([""]).unwrap().is_empty());
        assert!(RoleNames::parse(["a b"]).is_err());
        let many: Vec<String> = (0..51).map(|number| format!("role_{number}")).collect();
        assert!(RoleNames::parse(many.iter().map(String::as_str)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(texts in proptest::collection::vec(".{0,80}", 0..60)) {
            if let Ok(names) = RoleNames::parse(texts.iter().map(String::as_str)) {
                prop_assert!(names.0.len() <= MAX_NAMES && names.0.len() <= texts.len());
            }
        }
    }
}
