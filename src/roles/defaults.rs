//! Which roles people get when nothing else is said: who makes an organisation, and who joins one.

use super::app::by_id;
use super::built_in::id_of;
use super::{CustomRole, RoleName, by_name, is_built_in, named, service, table};
use crate::access::{Actor, Granted, Place, Role, permit};
use crate::audit::{self, Event};
use crate::base::id::{CustomRoleId, TenantId};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::people;
use crate::store::{Read, StoreError, WriteTx};

/// The default roles of the instance, or as they are in a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultRoles {
    /// Of the first user of an organisation.
    pub creator: CustomRole,
    /// Of the others.
    pub member: CustomRole,
}

/// The default roles: what the tenant has chosen, else what the instance has, else `admin` and `member`. A role that is gone
/// is passed over.
///
/// # Errors
/// When the file cannot be read.
pub fn of(tx: &impl Read, tenant: Option<TenantId>) -> Result<DefaultRoles, StoreError> {
    let (own, general) = (table::defaults(tx, tenant)?, table::defaults(tx, None)?);
    let first = |chosen: [Option<CustomRoleId>; 3]| {
        for id in chosen.into_iter().flatten() {
            if let Some(role) = by_id(tx, tenant, id)? {
                return Ok(role);
            }
        }
        Err(StoreError::Corrupt("there is no default role"))
    };
    Ok(DefaultRoles {
        creator: first([own.creator, general.creator, id_of(Role::TenantAdmin)])?,
        member: first([own.member, general.member, id_of(Role::TenantUser)])?,
    })
}

/// Whether a role is one that people get by default, there where it is.
pub(super) fn is_default(tx: &impl Read, role: &CustomRole) -> Result<bool, StoreError> {
    let defaults = of(tx, role.tenant)?;
    Ok(defaults.creator.id == role.id || defaults.member.id == role.id)
}

/// Refuses to delete a role that people get by default, or that other roles extend.
pub(super) fn check_unneeded(tx: &impl Read, role: &CustomRole) -> Result<(), Problem> {
    if is_default(tx, role)? {
        let message = "New users get this role by default: choose another default role first";
        return Err(Problem::conflict("role_is_default", message));
    }
    if !table::extending(tx, role.id)?.is_empty() {
        return Err(Problem::conflict("role_has_dependents", "Other roles extend this one: change them first"));
    }
    Ok(())
}

/// The default roles to have: what is None stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Of the first user of an organisation. Only the instance chooses it.
    pub creator: Option<RoleName>,
    /// Of the others.
    pub member: Option<RoleName>,
}

/// What everybody gets who comes is given by whoever chooses it.
fn check(tx: &impl Read, actor: &Actor, place: Place, id: CustomRoleId) -> Result<(), Problem> {
    let Some(built_in) = is_built_in(id) else {
        let role = by_id(tx, place.tenant(), id)?;
        return role.map_or(Ok(()), |role| service::check_given(tx, actor, place, &role));
    };
    if !people::may_hand_out(actor, built_in, place) {
        return Err(service::cannot_grant());
    }
    people::check_step_up(actor, built_in, place)
}

/// Chooses the default roles of the instance, or of a tenant.
///
/// # Errors
/// `cannot_grant` for a role that is not the actor's to give; invalid, with `default_creator_role` or `default_member_role`, for a name that no role has there.
pub fn set(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteRoles>,
    chosen: &Chosen,
    now: Timestamp,
) -> Result<DefaultRoles, Problem> {
    let tenant = named::owner(granted)?;
    let find = |name: &Option<RoleName>, field: &'static str| match name {
        None => Ok(None),
        Some(name) => match by_name(tx, tenant, name)? {
            Some(role) => Ok(Some(role.id)),
            None => Err(Problem::invalid(field, "names a role that is not there")),
        },
    };
    let (creator, member) =
        (find(&chosen.creator, "default_creator_role")?, find(&chosen.member, "default_member_role")?);
    if tenant.is_some() && creator.is_some() {
        return Err(Problem::invalid("default_creator_role", "is chosen for the whole instance"));
    }
    let was = of(tx, tenant)?;
    for id in [(creator, was.creator.id), (member, was.member.id)]
        .into_iter()
        .filter_map(|(new, old)| new.filter(|new| *new != old))
    {
        check(tx, granted.actor(), granted.place(), id)?;
    }
    let mut defaults = table::defaults(tx, tenant)?;
    defaults.creator = creator.or(defaults.creator);
    defaults.member = member.or(defaults.member);
    table::save_defaults(tx, tenant, &defaults)?;
    let now_so = of(tx, tenant)?;
    let at = match tenant {
        Some(_) => granted.place(),
        None => Place::Platform,
    };
    let event = Event::by(granted.actor(), now, at, Action::RoleDefaultsUpdate).on("custom_role", now_so.member.id);
    audit::append(tx, event.with("creator", &now_so.creator.key).with("member", &now_so.member.key));
    Ok(now_so)
}
