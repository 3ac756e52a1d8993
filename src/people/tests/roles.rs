//! Who may give which role, and how far it reaches.

use super::*;
use crate::access::{Place, Role};

#[test]
fn nobody_grants_what_he_lacks() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser);
    let id = bob.id;
    let tries = |actor: &Arc<Actor>, at: Place, role: Role, place: Place| {
        as_at::<permit::WriteUsers, _>(&world, actor, at, move |tx, g| {
            grant_role(tx, g, id, role, place, None, NOW).map(|_| ())
        })
        .map_err(|problem| problem.code)
    };
    let (partner_p, partner_q) = (Place::Partner(p()), Place::Partner(q()));
    let tenant_admin = holder(Role::TenantAdmin, world.a);
    assert_eq!(tries(&tenant_admin, world.a, Role::TenantAdmin, world.a), Ok(()));
    assert_eq!(tries(&tenant_admin, world.a, Role::SuperAdmin, Place::Platform), Err("cannot_grant"));
    assert_eq!(tries(&tenant_admin, world.a, Role::PartnerAdmin, partner_p), Err("partner_not_found"));
    assert_eq!(tries(&tenant_admin, world.a, Role::TenantAdmin, world.b), Err("tenant_not_found"));
    let partner_admin = holder(Role::PartnerAdmin, partner_p);
    assert_eq!(tries(&partner_admin, partner_p, Role::PartnerAdmin, partner_p), Ok(()));
    assert_eq!(tries(&partner_admin, partner_p, Role::TenantAdmin, world.b), Ok(()));
    assert_eq!(tries(&partner_admin, partner_p, Role::PartnerAdmin, partner_q), Err("partner_not_found"));
    assert_eq!(tries(&partner_admin, partner_p, Role::TenantAdmin, world.c), Err("tenant_not_found"));
    assert_eq!(tries(&partner_admin, partner_p, Role::SuperAdmin, Place::Platform), Err("cannot_grant"));
    let super_admin = holder(Role::SuperAdmin, Place::Platform);
    assert_eq!(tries(&super_admin, Place::Platform, Role::SuperAdmin, Place::Platform), Ok(()));
    for (role, place) in [
        (Role::SuperAdmin, world.a),
        (Role::PartnerAdmin, Place::Platform),
        (Role::TenantAdmin, partner_p),
        (Role::PartnerViewer, world.a),
    ] {
        assert_eq!(tries(&super_admin, Place::Platform, role, place), Err("validation_error"), "{role:?} {place:?}");
    }
    let nowhere = Place::Partner(PartnerId::from_raw(777));
    assert_eq!(tries(&super_admin, Place::Platform, Role::PartnerAdmin, nowhere), Err("partner_not_found"));
}

#[test]
fn a_narrowed_credential_makes_no_admins() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser);
    let boss = world.user(101, "boss@a.example", world.a, Role::TenantAdmin);
    let principal = Principal::User { id: boss.id, email: boss.email.clone() };
    let roles = vec![Assignment { role: Role::TenantAdmin, place: world.a }];
    let narrow = actor(principal.clone(), world.a, roles.clone(), Some("users:write"));
    let (bob, boss, a) = (bob.id, boss.id, tenant_of(world.a));
    let promote = move |tx: &mut crate::store::WriteTx<'_>, g: &Granted<permit::WriteUsers>| {
        set_membership_role(tx, g, bob, a, Role::TenantAdmin, NOW)
    };
    assert_eq!(code(as_at(&world, &narrow, world.a, promote)), "cannot_grant");
    let new = new_user("puppet@a.example", world.a, Role::TenantAdmin);
    let tried = as_at(&world, &narrow, world.a, move |tx, g| create(tx, g, &new, user_id(102), NOW));
    assert_eq!(code(tried), "cannot_grant");
    let tried = as_at(&world, &narrow, world.a, move |tx, g| set_password(tx, g, boss, "phc", NOW));
    assert_eq!(code(tried), "access_denied", "not even the password of the admin whose token it is");
    let new = new_user("plain@a.example", world.a, Role::TenantUser);
    as_at(&world, &narrow, world.a, move |tx, g| create(tx, g, &new, user_id(103), NOW)).unwrap();
    let wide = actor(principal, world.a, roles, Some("users:write admin:write"));
    as_at(&world, &wide, world.a, promote).unwrap();
}

#[test]
fn nobody_changes_an_account_above_his_own() {
    let world = World::new();
    let root = world.user(100, "root@a.example", world.a, Role::TenantUser);
    world.give(&root, Role::SuperAdmin, Place::Platform, None);
    let second = world.user(101, "second@c.example", world.c, Role::TenantUser);
    world.give(&second, Role::SuperAdmin, Place::Platform, None);
    let admin = holder(Role::TenantAdmin, world.a);
    let id = root.id;
    let steal = UserPatch { email: Some(email("thief@a.example")), ..UserPatch::default() };
    let tries = [
        as_at(&world, &admin, world.a, move |tx, g| set_password(tx, g, id, "phc", NOW)),
        as_at(&world, &admin, world.a, move |tx, g| delete(tx, g, id, NOW)),
        as_at(&world, &admin, world.a, move |tx, g| update(tx, g, id, &steal, NOW).map(|_| ())),
    ];
    for tried in tries {
        assert_eq!(code(tried), "outranked");
    }
    let revoke = move |tx: &mut crate::store::WriteTx<'_>, g: &Granted<permit::WriteUsers>| {
        revoke_role(tx, g, id, Role::SuperAdmin, Place::Platform, NOW).map(|_| ())
    };
    assert_eq!(code(as_at(&world, &admin, world.a, revoke)), "cannot_grant");
    // A role that has ended protects nobody.
    let short = world.user(102, "short@a.example", world.a, Role::TenantUser);
    world.give(&short, Role::PartnerAdmin, Place::Partner(p()), Some(NOW.plus_secs(60)));
    let (short, later) = (short.id, NOW.plus_secs(60));
    let early = as_at(&world, &admin, world.a, move |tx, g| set_password(tx, g, short, "phc", NOW));
    assert_eq!(code(early), "outranked");
    as_at(&world, &admin, world.a, move |tx, g| set_password(tx, g, short, "phc", later)).unwrap();
    // An admin of another tenant stands above: the password is a way in there too.
    let guest = world.user(103, "guest@a.example", world.a, Role::TenantUser);
    world.give(&guest, Role::TenantAdmin, world.c, None);
    let tried = as_at(&world, &admin, world.a, move |tx, g| set_password(tx, g, guest.id, "phc", NOW));
    assert_eq!(code(tried), "outranked");
}

#[test]
fn the_last_super_admin_stays() {
    let world = World::new();
    let root = world.user(100, "root@a.example", world.a, Role::TenantUser);
    let id = root.id;
    assert!(!there_is_a_super_admin(&world.store.read()).unwrap());
    world.give(&root, Role::SuperAdmin, Place::Platform, None);
    assert!(there_is_a_super_admin(&world.store.read()).unwrap());
    let off = UserPatch { status: Some(Status::Suspended), ..UserPatch::default() };
    let revoke = move |tx: &mut crate::store::WriteTx<'_>| {
        revoke_role(tx, &all(), id, Role::SuperAdmin, Place::Platform, NOW).map(|_| ())
    };
    let switch_off = off.clone();
    let soon = Some(NOW.plus_secs(9));
    for tried in [
        world.write(revoke),
        world.write(move |tx| delete(tx, &all(), id, NOW)),
        world.write(move |tx| update(tx, &all(), id, &switch_off, NOW).map(|_| ())),
        world.write(move |tx| grant_role(tx, &all(), id, Role::SuperAdmin, Place::Platform, soon, NOW).map(|_| ())),
    ] {
        assert_eq!(code(tried), "last_super_admin");
    }
    let second = world.user(101, "second@a.example", world.a, Role::TenantUser);
    world.give(&second, Role::SuperAdmin, Place::Platform, None);
    world.write(revoke).unwrap();
    let second = second.id;
    assert_eq!(code(world.write(move |tx| update(tx, &all(), second, &off, NOW))), "last_super_admin");
    assert_eq!(code(world.write(revoke)), "role_not_found");
}

#[test]
fn roles_end_move_and_stop_with_their_place() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser);
    let b = tenant_of(world.b);
    world.give(&bob, Role::TenantAdmin, world.b, Some(NOW.plus_secs(60)));
    let bob = world.give(&bob, Role::PartnerViewer, Place::Partner(q()), None);
    let held = |user: &User, now| {
        let mut held = assignments(&world.store.read(), user, now).unwrap();
        held.sort_by_key(|held| held.role.name());
        held.into_iter().map(|held| (held.role.name(), held.place)).collect::<Vec<_>>()
    };
    let viewer = ("partner_viewer", Place::Partner(q()));
    let member = ("tenant_user", world.a);
    assert_eq!(held(&bob, NOW), [viewer, ("tenant_admin", world.b), member]);
    assert_eq!(held(&bob, NOW.plus_secs(59)).len(), 3);
    assert_eq!(held(&bob, NOW.plus_secs(60)), [viewer, member]);
    // The tenant moves, and the role with it.
    let patch = TenantPatch { partner: Some(q()), ..TenantPatch::default() };
    world.write(move |tx| tenancy::update_tenant(tx, &all(), b, &patch, NOW)).unwrap();
    assert_eq!(held(&bob, NOW)[1], ("tenant_admin", Place::Tenant { partner: q(), tenant: b }));
    let suspend = PartnerPatch { status: Some(tenancy::Status::Suspended), ..PartnerPatch::default() };
    world.write(move |tx| tenancy::update_partner(tx, &all(), q(), &suspend, NOW)).unwrap();
    assert_eq!(held(&bob, NOW), [member]);
    let a = tenant_of(world.a);
    let suspend = TenantPatch { status: Some(tenancy::Status::Suspended), ..TenantPatch::default() };
    world.write(move |tx| tenancy::update_tenant(tx, &all(), a, &suspend, NOW)).unwrap();
    assert_eq!(held(&bob, NOW), []);
    assert_eq!(tenants_open_to(&world.store.read(), &bob, NOW).unwrap(), [], "their home is suspended");
    let past = world.write(move |tx| {
        grant_role(tx, &all(), bob.id, Role::TenantUser, Place::Tenant { partner: p(), tenant: a }, Some(NOW), NOW)
    });
    assert_eq!(code(past), "validation_error");
}

#[test]
fn role_holders_are_listed_within_the_grant() {
    let world = World::new();
    let bob = world.user(100, "bob@a.example", world.a, Role::TenantUser);
    world.give(&bob, Role::TenantAdmin, world.a, None);
    world.give(&bob, Role::TenantAdmin, world.a, Some(NOW.plus_secs(9)));
    world.give(&bob, Role::TenantAdmin, world.c, None);
    world.give(&bob, Role::SuperAdmin, Place::Platform, None);
    let tx = world.store.read();
    let count = |granted: &Granted<permit::ReadUsers>, role| list_role_holders(&tx, granted, role).unwrap().len();
    assert_eq!(count(&all(), None), 3, "the second grant of the same role only moved its end");
    assert_eq!(count(&all(), Some(Role::SuperAdmin)), 1);
    let admin = holder(Role::TenantAdmin, world.c);
    let seen = list_role_holders(&tx, &grant(&admin, world.c), None).unwrap();
    assert_eq!(seen.iter().map(|(_, held)| held.place).collect::<Vec<_>>(), [world.c]);
}
