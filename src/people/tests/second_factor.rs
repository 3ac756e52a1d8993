//! A tenant that wants a second factor wants it of whoever uses a role there, however they came by it.

use super::*;
use crate::access::{Place, Role};
use crate::tenancy::TenantPatch;

fn wants_one(world: &World, place: Place) {
    let (tenant, patch) = (
        tenant_of(place),
        TenantPatch { settings: Some(json!({ "mfa_policy": "required" })), ..TenantPatch::default() },
    );
    world.write(move |tx| tenancy::update_tenant(tx, &all(), tenant, &patch, NOW)).unwrap();
}

fn counting(world: &World, user: &User, shown: SecondFactor) -> Vec<Place> {
    let tx = world.store.read();
    let mut held = assignments(&tx, user, NOW).unwrap();
    hold_to_second_factor(&tx, &mut held, shown).unwrap();
    held.into_iter().map(|held| held.place).collect()
}

#[test]
fn roles_at_a_tenant_that_wants_one_need_one_assigned_ones_too() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser);
    let bob = world.give(&bob, Role::TenantAdmin, world.c, None);
    assert_eq!(counting(&world, &bob, SecondFactor::Missing).len(), 2, "nobody asks for one yet");
    wants_one(&world, world.c);
    assert_eq!(counting(&world, &bob, SecondFactor::Missing), [world.a]);
    assert_eq!(counting(&world, &bob, SecondFactor::Given).len(), 2);
    // A key of that tenant was made by somebody who was asked; one of another tenant says nothing about it.
    assert_eq!(counting(&world, &bob, SecondFactor::AskedBy(tenant_of(world.c))).len(), 2);
    assert_eq!(counting(&world, &bob, SecondFactor::AskedBy(tenant_of(world.a))), [world.a]);
    wants_one(&world, world.a);
    assert_eq!(counting(&world, &bob, SecondFactor::Missing), []);
}

#[test]
fn roles_above_a_tenant_are_not_its_to_bind() {
    let world = World::new();
    let root = world.user(100, "root@a.example", world.a, Role::TenantUser);
    let root = world.give(&root, Role::SuperAdmin, Place::Platform, None);
    wants_one(&world, world.c);
    assert_eq!(counting(&world, &root, SecondFactor::Missing), [Place::Platform, world.a]);
}
