//! At which place to ask for a permission, where a request names none: the widest that the actor rules, so that lists show all
//! of it.

use super::{Actor, Granted, Permission, Place, Reason};
use crate::base::Problem;
use std::sync::Arc;

/// The places where the actor could hold anything: those around the tenant that they work in, the widest first, since that is
/// what the credential was made for; then the others, the widest first.
fn places(actor: &Actor) -> Vec<Place> {
    let width = |place: &Place| match place {
        Place::Platform => 0,
        Place::Partner(_) => 1,
        Place::Tenant { .. } => 2,
    };
    let mut others: Vec<Place> = actor.roles.iter().map(|held| held.place).collect();
    others.sort_by_key(width);
    [Place::Platform, Place::Partner(actor.partner), actor.home()].into_iter().chain(others).collect()
}

/// The permission at the widest place where the actor holds it: for a list, and for what names no place.
///
/// # Errors
/// Forbidden, when they hold it nowhere.
pub fn widest<P: Permission>(actor: &Arc<Actor>) -> Result<Granted<P>, Problem> {
    over(actor, None)
}

/// Whether the actor holds a permission anywhere, if need be after the password: what a menu shows.
pub fn may_anywhere<P: Permission>(actor: &Actor) -> bool {
    places(actor).into_iter().any(|place| actor.may::<P>(place))
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
    fn what_the_credential_was_made_for_goes_before_wider_places_elsewhere() {
        let elsewhere = Place::Partner(PartnerId::from_raw(2));
        let place = |actor: &Arc<Actor>| widest::<permit::ReadUsers>(actor).map(|granted| granted.place()).ok();
        let both = actor(&[(Role::PartnerAdmin, elsewhere), (Role::TenantAdmin, tenant(1, 1))]);
        assert_eq!(place(&both), Some(tenant(1, 1)));
        let there = actor(&[(Role::PartnerAdmin, elsewhere), (Role::TenantUser, tenant(1, 1))]);
        assert_eq!(place(&there), Some(elsewhere));
        assert!(may_anywhere::<permit::ReadUsers>(&there));
        assert!(!may_anywhere::<permit::ReadUsers>(&actor(&[(Role::TenantUser, tenant(1, 1))])));
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
