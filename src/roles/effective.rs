//! What somebody may do, computed when it is asked for.

use super::table;
use super::{CustomRole, Given, Held, ModuleSet, RoleMapping};
use crate::access::{Actor, Assignment, CoreSet, Place, Principal, Role};
use crate::base::id::{CustomRoleId, GroupId, TenantId, UserId};
use crate::people::{self, groups};
use crate::store::{Read, StoreError};
use std::collections::BTreeSet;

/// What somebody may do in a tenant, over all that they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// The built-in roles, each once, the widest first.
    pub roles: Vec<Role>,
    /// The custom roles.
    pub custom: Vec<CustomRoleId>,
    /// The core permissions.
    pub core: CoreSet,
    /// Whether every permission of every module is held: by super_admin, partner_admin and tenant_admin.
    pub all_modules: bool,
    /// The permissions of modules that were given one by one.
    pub modules: ModuleSet,
}

impl Permissions {
    /// Whether all of these permissions are held.
    pub fn hold(&self, core: CoreSet, modules: &ModuleSet) -> bool {
        self.core.holds(core) && (self.all_modules || self.modules.holds(modules))
    }

    /// The permissions of modules as answers list them: one by one, or `*`.
    pub fn module_names(&self) -> Vec<&str> {
        if self.all_modules { vec!["*"] } else { self.modules.iter().collect() }
    }

    fn of_roles(held: &[Assignment], place: Place) -> Self {
        let has = |role| held.iter().any(|held| held.role == role && held.place.covers(place));
        let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| has(*role)).collect();
        Self {
            core: roles.iter().fold(CoreSet::default(), |core, role| core.and(CoreSet::bundle(*role))),
            all_modules: roles
                .iter()
                .any(|role| matches!(role, Role::SuperAdmin | Role::PartnerAdmin | Role::TenantAdmin)),
            roles,
            ..Self::default()
        }
    }

    fn add(&mut self, role: &CustomRole) {
        if !self.custom.contains(&role.id) {
            self.custom.push(role.id);
            self.core = self.core.and(role.core);
            self.modules.add(&role.modules);
        }
    }

    /// Takes in what was given to a member of the tenant beyond the built-in roles.
    fn add_held(&mut self, tx: &impl Read, tenant: TenantId, user: UserId) -> Result<(), StoreError> {
        let held = table::held(tx, tenant, user)?;
        let by_group = mapped(tx, tenant, user, held.as_ref())?;
        let own = held.iter().flat_map(|held| held.custom.iter().copied());
        for id in own.chain(by_group.into_iter().filter_map(Given::custom)) {
            if let Some(role) = table::role(tx, Some(tenant), id)? {
                self.add(&role);
            }
        }
        if let Some(held) = &held {
            self.modules.add(&held.modules);
        }
        Ok(())
    }
}

/// What the mappings of a tenant give a user now: those of the groups that they are in, and the remembered ones that stay.
pub(super) fn mapped(
    tx: &impl Read,
    tenant: TenantId,
    user: UserId,
    held: Option<&Held>,
) -> Result<Vec<Given>, StoreError> {
    let Some(mappings) = table::known_mappings(tx, tenant)? else { return Ok(Vec::new()) };
    let remembered = held.map_or(&[][..], |held| &held.remembered);
    let member_of: BTreeSet<GroupId> = groups::groups_of(tx, user, Some(tenant))?.into_iter().collect();
    let holds = |mapping: &&RoleMapping| {
        member_of.contains(&mapping.group) || (!mapping.auto_revoke && remembered.contains(&mapping.id))
    };
    Ok(mappings.iter().filter(holds).map(|mapping| mapping.gives).collect())
}

fn is_member(tx: &impl Read, tenant: TenantId, user: UserId) -> Result<bool, StoreError> {
    Ok(people::membership(tx, tenant, user)?.is_some())
}

/// The built-in roles that mappings give a member of a tenant: usually one look-up that finds nothing.
///
/// # Errors
/// When the file cannot be read.
pub fn roles_by_groups(tx: &impl Read, tenant: TenantId, user: UserId) -> Result<Vec<Role>, StoreError> {
    if table::known_mappings(tx, tenant)?.is_none() {
        return Ok(Vec::new());
    }
    let held = table::held(tx, tenant, user)?;
    Ok(mapped(tx, tenant, user, held.as_ref())?.into_iter().filter_map(Given::role).collect())
}

/// The core permissions that a user has in a tenant beyond the built-in roles: what an [`Actor`] carries. `roles` are those
/// that count for the credential: where none of a tenant's counts, its custom ones do not either. Usually two look-ups that
/// find nothing.
///
/// # Errors
/// When the file cannot be read.
pub fn custom_of(tx: &impl Read, roles: &[Assignment], tenant: TenantId, user: UserId) -> Result<CoreSet, StoreError> {
    let mut found = Permissions::default();
    if !people::works_in(roles, tenant) {
        return Ok(CoreSet::default());
    }
    found.add_held(tx, tenant, user)?;
    if found.core.is_empty() || !is_member(tx, tenant, user)? {
        return Ok(CoreSet::default());
    }
    Ok(found.core)
}

/// All that whoever asks may do in a tenant: the union of built-in roles, custom roles, mappings and own module permissions.
/// What was given in a tenant counts for its members only. The operator may do everything.
///
/// # Errors
/// When the file cannot be read.
pub fn of_actor(tx: &impl Read, actor: &Actor, place: Place) -> Result<Permissions, StoreError> {
    let mut found = Permissions::of_roles(&actor.roles, place);
    match &actor.principal {
        Principal::Operator => {
            found.roles = vec![Role::SuperAdmin];
            found.core = CoreSet::ALL;
            found.all_modules = true;
        }
        Principal::User { id, .. } => {
            if let Some(tenant) = place.tenant()
                && people::works_in(&actor.roles, tenant)
                && is_member(tx, tenant, *id)?
            {
                found.add_held(tx, tenant, *id)?;
            }
        }
        Principal::Application { .. } => {}
    }
    Ok(found)
}
