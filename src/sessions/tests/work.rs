//! In which tenants the pages of a session may work, and what ends that.

use super::*;
use crate::access::Actor;
use crate::base::Problem;
use crate::base::id::TenantId;
use crate::tenancy::{Status, TenantPatch};
use std::sync::Arc;

/// Tries to let the pages of session 1 work in a tenant.
fn enter(world: &World, actor: &Arc<Actor>, place: Place, now: Timestamp) -> Result<Session, Problem> {
    let (actor, tenant) = (Arc::clone(actor), place.tenant().unwrap());
    world.write(move |tx| work_in(tx, &actor, session_id(1), tenant, IDLE_SECS, now))
}

fn stale(actor: &Arc<Actor>) -> Arc<Actor> {
    Arc::new(Actor { proof: crate::access::Proof::Stale, ..Actor::clone(actor) })
}

fn change(world: &World, place: Place, patch: TenantPatch) {
    let id = place.tenant().unwrap();
    world.write(move |tx| tenancy::update_tenant(tx, &all(), id, &patch, NOW)).unwrap();
}

#[test]
fn one_goes_where_one_belongs_and_to_what_one_administers_with_a_recent_sign_in() {
    let world = World::new();
    let user = world.user(100, "u@a.example", world.a, Role::TenantUser);
    let user = world.give(&user, Role::PartnerViewer, Place::Partner(p()), None);
    sign_in(&world, &user, world.a, 1);
    let me = acting(&world.store, &user, world.a, NOW);
    assert_eq!(enter(&world, &stale(&me), world.a, NOW).unwrap().working_in, world.a.tenant());
    assert_eq!(code(enter(&world, &stale(&me), world.b, NOW)), "step_up_required", "they do not belong there");
    assert_eq!(enter(&world, &me, world.b, NOW).unwrap().working_in, world.b.tenant());
    for out_of_reach in [world.c, Place::Tenant { partner: p(), tenant: TenantId::from_raw(99) }] {
        assert_eq!(code(enter(&world, &me, out_of_reach, NOW)), "tenant_not_found");
    }
    let kept = get(&world.store.read(), &all(), session_id(1)).unwrap();
    assert_eq!(
        (kept.working_in, kept.tenant),
        (world.b.tenant(), world.a.tenant().unwrap()),
        "the sign-in stays where it was"
    );
    let leave = Arc::clone(&me);
    let left = world.write(move |tx| work_everywhere(tx, &leave, session_id(1), NOW)).unwrap();
    assert_eq!(left.working_in, None);
    // Nobody sends the session of somebody else anywhere.
    let other = world.user(200, "v@a.example", world.a, Role::TenantAdmin);
    let other = acting(&world.store, &other, world.a, NOW);
    assert_eq!(code(enter(&world, &other, world.a, NOW)), "session_not_found");
    let log = actions(&world.store.read());
    assert_eq!(log.iter().filter(|action| *action == "tenant.enter").count(), 2);
    assert_eq!(log.iter().filter(|action| *action == "tenant.leave").count(), 1);
}

#[test]
fn what_ends_a_credential_in_a_tenant_ends_the_work_there() {
    let world = World::new();
    let user = world.user(100, "u@b.example", world.b, Role::TenantUser);
    let user = world.give(&user, Role::SuperAdmin, Place::Platform, None);
    sign_in(&world, &user, world.b, 1);
    let me = acting(&world.store, &user, world.b, NOW);
    let session = enter(&world, &me, world.a, NOW).unwrap();
    let now_there = |now| {
        let tenant = world.a.tenant().unwrap();
        place_of_work(&world.store.read(), &session, &me.roles, tenant, IDLE_SECS, now)
    };
    assert_eq!(now_there(NOW).unwrap(), world.a);
    // The tenant lets sessions live for half an hour, and this one has lived longer: elsewhere it goes on.
    policy(&world, tenancy::PolicySource::Custom, Some(30), None);
    assert_eq!(code(now_there(NOW.plus_secs(1800))), "session_too_old");
    assert_eq!(ended(&world, 1, NOW.plus_secs(1800)), None);
    policy(&world, tenancy::PolicySource::Application, None, None);
    let settings = Some(serde_json::json!({ "mfa_policy": "required" }));
    change(&world, world.a, TenantPatch { settings, ..TenantPatch::default() });
    assert_eq!(code(now_there(NOW)), "mfa_required");
    let settings = Some(serde_json::json!({ "mfa_policy": "optional" }));
    change(&world, world.a, TenantPatch { settings, ..TenantPatch::default() });
    assert!(now_there(NOW).is_ok());
    change(&world, world.a, TenantPatch { status: Some(Status::Suspended), ..TenantPatch::default() });
    assert_eq!(code(now_there(NOW)), "tenant_suspended");
    let id = world.a.tenant().unwrap();
    world.write(move |tx| tenancy::delete_tenant(tx, &all(), id, NOW)).unwrap();
    assert_eq!(code(now_there(NOW)), "tenant_not_found");
}
