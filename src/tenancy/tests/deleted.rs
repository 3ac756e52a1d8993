//! Deleted tenants: shown, restored within the retention with what is in them, and without their slug afterwards.

use super::*;
use crate::access::Role;
use crate::people::{self, UserFilter};
use crate::store::{Entity, Paging};

fn page() -> Paging {
    Paging::new(1, 100).unwrap()
}

#[test]
fn a_deleted_tenant_comes_back_with_its_people_in_the_lists() {
    let world = World::new();
    let alice = world.user(100, "alice@c.example", world.c, Role::TenantUser);
    let c = world.c.tenant().unwrap();
    world.write(move |tx| delete_tenant(tx, &all(), c, NOW)).unwrap();
    let listed = |place| {
        let admin = holder(Role::PartnerAdmin, place);
        let found = people::list(&world.store.read(), &grant(&admin, place), &UserFilter::default(), page()).unwrap();
        found.items.iter().map(|user| user.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(Place::Partner(q())), []);
    let shown = |place, search| {
        let admin = holder(Role::PartnerAdmin, place);
        deleted_tenants(&world.store.read(), &grant(&admin, place), search, page()).unwrap().items.len()
    };
    assert_eq!((shown(Place::Partner(q()), None), shown(Place::Partner(p()), None)), (1, 0));
    assert_eq!((shown(Place::Partner(q()), Some("c")), shown(Place::Partner(q()), Some("d"))), (1, 0));
    let taken = new_tenant("c", p());
    let refused = world.write(move |tx| create_tenant(tx, &all(), &taken, TenantId::from_raw(99), NOW)).unwrap_err();
    assert!(refused.code == "slug_taken" && refused.message.contains("deleted"), "{refused:?}");
    let back = world.write(move |tx| restore_tenant(tx, &all(), c, NOW)).unwrap();
    assert_eq!((back.slug.as_str(), back.deleted_at), ("c", None));
    assert_eq!(listed(Place::Partner(q())), [alice.id]);
    assert!(is_active(&world.store.read(), c).unwrap());
    assert_eq!(code(world.write(move |tx| restore_tenant(tx, &all(), c, NOW))), "tenant_not_found");
}

#[test]
fn a_deleted_tenant_that_cannot_be_read_takes_the_list_from_nobody() {
    let world = World::new();
    let [b, c] = [world.b, world.c].map(|place| place.tenant().unwrap());
    for id in [b, c] {
        world.write(move |tx| delete_tenant(tx, &all(), id, NOW)).unwrap();
    }
    let shown = || {
        let found = deleted_tenants(&world.store.read(), &all(), None, page()).unwrap();
        found.items.iter().map(|tenant| tenant.id).collect::<Vec<_>>()
    };
    assert_eq!(shown(), [b, c]);
    world.write(move |tx| Ok(tx.put_encoded(&Tenant::TABLE, &c, &[0xff])?)).unwrap();
    assert_eq!(shown(), [b]);
}

#[test]
fn after_the_retention_the_slug_is_free_and_the_tenant_stays_away() {
    let world = World::new();
    let c = world.c.tenant().unwrap();
    world.write(move |tx| delete_tenant(tx, &all(), c, NOW)).unwrap();
    let release = |before| world.write(move |tx| Ok(release_deleted(tx, before, NOW, 10)?)).unwrap();
    assert_eq!((release(NOW), release(NOW.plus_secs(1)), release(NOW.plus_secs(1))), (0, 1, 0));
    assert_eq!(code(world.write(move |tx| restore_tenant(tx, &all(), c, NOW))), "tenant_not_found");
    let again = new_tenant("c", p());
    world.write(move |tx| create_tenant(tx, &all(), &again, TenantId::from_raw(99), NOW)).unwrap();
}
