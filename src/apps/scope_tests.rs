//! Which scopes an application can be allowed.

use super::testkit::{self, NOW, World, field};
use super::{AppScope, ApplicationType, NewApplication, UpdateApplication, update};
use crate::access::Place;

fn service(scope: AppScope) -> NewApplication {
    NewApplication::new(testkit::name("MyService"), ApplicationType::Service, scope)
}

#[test]
fn a_scope_that_is_none_is_refused_wherever_an_application_would_keep_it() {
    let world = World::new();
    let with = |scopes: &str| NewApplication { allowed_scopes: testkit::scopes(scopes), ..service(AppScope::Global) };
    let refused = world.try_register(Place::Platform, with("openid admin:reed")).unwrap_err();
    assert_eq!(field(&refused), "allowed_scopes");
    assert_eq!(refused.fields[0].message, "has admin:reed, which is no scope: did you mean admin:read?");
    let refused = world.try_register(Place::Platform, with("openid orders:read")).unwrap_err();
    assert!(refused.fields[0].message.ends_with("is a permission of applications: make that first"), "{refused:?}");
    world.name_permission("orders:read");
    let (application, _) = world.try_register(Place::Platform, with("openid orders:read")).unwrap();
    let change = |scopes: &str| {
        let change =
            UpdateApplication { allowed_scopes: Some(testkit::scopes(scopes)), ..UpdateApplication::default() };
        let (granted, id) = (world.may(Place::Platform), application.id);
        world.try_write(move |tx| update(tx, &granted, &change, id, NOW))
    };
    assert_eq!(field(&change("openid orders:reed").unwrap_err()), "allowed_scopes");
    // The permission goes: the application can be read and changed, and its scope is none any more.
    let (may, gone) = (world.may(Place::Platform), crate::roles::PermissionName::parse("orders:read").unwrap());
    world.write(move |tx| crate::roles::permissions::delete(tx, &may, &gone, NOW));
    let changed = change("openid orders:read admin:read").unwrap();
    assert_eq!(changed.allowed_scopes.to_string(), "openid orders:read admin:read");
    let existing = crate::roles::existing(&world.store.read(), &changed.allowed_scopes).unwrap();
    assert_eq!(existing.to_string(), "openid admin:read");
}
