//! At which place to ask for a permission: the widest that the actor rules, so that lists show all of it. And the tenant that
//! an address names.

use crate::access::{Actor, Granted, Permission, Place, Reason};
use crate::base::id::TenantId;
use crate::base::{Problem, Slug};
use crate::stack::Stack;
use crate::store::Read;
use crate::tenancy::{self, Tenant, no_tenant};
use std::sync::Arc;

/// The places where the actor could hold anything, the widest first.
fn places(actor: &Actor) -> Vec<Place> {
    let width = |place: &Place| match place {
        Place::Platform => 0,
        Place::Partner(_) => 1,
        Place::Tenant { .. } => 2,
    };
    // The home tenant before others of the same width: it is what the credential was made for.
    let mut places = vec![Place::Platform, actor.home()];
    places.extend(actor.roles.iter().map(|held| held.place));
    places.sort_by_key(width);
    places
}

/// The permission at the widest place where the actor holds it.
///
/// # Errors
/// Forbidden, when they hold it nowhere.
pub fn widest<P: Permission>(actor: &Arc<Actor>) -> Result<Granted<P>, Problem> {
    over(actor, None)
}

/// The permission at the widest place that covers `target`; when none does, at the widest of all, so that the service says
/// of the target what such an actor may know: usually that it is not there.
///
/// # Errors
/// Forbidden, when they hold it nowhere.
pub fn over<P: Permission>(actor: &Arc<Actor>, target: Option<Place>) -> Result<Granted<P>, Problem> {
    let (mut first, mut refusal) = (None, None);
    for place in places(actor) {
        match actor.grant::<P>(place) {
            Ok(granted) if target.is_none_or(|target| place.covers(target)) => return Ok(granted),
            Ok(granted) => first = first.or(Some(granted)),
            // What the credential lacks, it lacks everywhere.
            Err(denied) if !matches!(denied.reason, Reason::Role | Reason::Place) => return Err(denied.into()),
            Err(denied) => refusal = Some(denied),
        }
    }
    match (first, refusal) {
        (Some(granted), _) => Ok(granted),
        (None, Some(denied)) => Err(denied.into()),
        (None, None) => Err(Problem::internal("an actor without any place")),
    }
}

/// The permission over what is in a tenant: at a place that covers it; without a tenant, at the widest.
///
/// # Errors
/// As [`over`]; when the file cannot be read.
pub fn narrowed<P: Permission>(
    tx: &impl Read,
    actor: &Arc<Actor>,
    tenant: Option<TenantId>,
) -> Result<Granted<P>, Problem> {
    over(actor, tenant.map(|tenant| tenancy::place_of(tx, tenant)).transpose()?.flatten())
}

/// The tenant in good standing that an address names by its slug.
///
/// # Errors
/// `tenant_not_found`.
pub fn tenant_at(stack: &Stack, slug: &str) -> Result<Tenant, Problem> {
    let (slug, snapshot) = (Slug::parse(slug).map_err(|_| no_tenant())?, stack.store.read());
    let tenant = tenancy::tenant_by_slug(&snapshot, &slug)?.ok_or_else(no_tenant)?;
    if tenancy::is_active(&snapshot, tenant.id)? { Ok(tenant) } else { Err(no_tenant()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Assignment, Principal, Role, permit};
    use crate::base::id::{PartnerId, TenantId, UserId};
    use crate::base::{Id, Kind};
    use crate::tenancy::testkit;

    fn tenant(partner: u64, tenant: u64) -> Place {
        Place::Tenant { partner: PartnerId::from_raw(partner), tenant: TenantId::from_raw(tenant) }
    }

    fn actor(roles: &[(Role, Place)]) -> Arc<Actor> {
        let ann = Principal::User { id: UserId::from_raw(1), email: testkit::email("a@b.c") };
        let roles = roles.iter().map(|&(role, place)| Assignment { role, place }).collect();
        testkit::actor(ann, tenant(1, 1), roles, None)
    }

    #[test]
    fn the_widest_place_wins() {
        let partner = Place::Partner(PartnerId::from_raw(1));
        let place = |actor: &Arc<Actor>| widest::<permit::ReadUsers>(actor).map(|granted| granted.place()).ok();
        assert_eq!(place(&actor(&[(Role::TenantAdmin, tenant(1, 1))])), Some(tenant(1, 1)));
        assert_eq!(place(&actor(&[(Role::TenantAdmin, tenant(1, 1)), (Role::PartnerAdmin, partner)])), Some(partner));
        assert_eq!(place(&actor(&[(Role::SuperAdmin, Place::Platform)])), Some(Place::Platform));
        assert_eq!(place(&actor(&[(Role::TenantUser, tenant(1, 1))])), None);
    }

    #[test]
    fn a_role_in_another_tenant_is_found_for_what_is_there() {
        let both = actor(&[(Role::TenantAdmin, tenant(1, 1)), (Role::TenantAdmin, tenant(2, 5))]);
        let place = |target| over::<permit::ReadUsers>(&both, Some(target)).map(|granted| granted.place()).ok();
        assert_eq!(place(tenant(2, 5)), Some(tenant(2, 5)));
        assert_eq!(place(tenant(3, 9)), Some(tenant(1, 1)), "the service then finds nothing");
        let nobody = actor(&[(Role::TenantUser, tenant(1, 1))]);
        assert_eq!(over::<permit::ReadUsers>(&nobody, Some(tenant(1, 1))).unwrap_err().kind, Kind::Forbidden);
    }
}
