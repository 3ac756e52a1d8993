//! The rules of personal tokens.

use super::*;
use crate::access::{Actor, Place, Principal, Role, permit};
use crate::base::Id;
use crate::base::id::ApplicationId;
use crate::base::id::{TokenId, UserId};
use crate::base::{ScopeSet, Timestamp};
use crate::crypto::token::TokenDigest;
use crate::people::NewMembership;
use crate::people::{self, Status, User, UserPatch, UserRef};
use crate::store::{Entity, RawRead, StoreError};
use crate::tenancy::testkit::*;
use crate::tenancy::{self, PartnerPatch, TenantPatch};
use std::cell::Cell;
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

fn new_token(number: u64, place: Place, scopes: &str) -> NewToken {
    NewToken {
        digest: TokenDigest::of(&number.to_string()),
        hint: "WXYZ".to_owned(),
        name: name("laptop"),
        tenant: place.tenant().unwrap(),
        scopes: ScopeSet::parse(scopes).unwrap(),
        life_secs: None,
    }
}

fn token_id(id: u64) -> TokenId {
    TokenId::from_raw(id)
}

fn own(world: &World, actor: &Arc<Actor>, new: NewToken, id: u64) -> Result<PersonalToken, crate::base::Problem> {
    let granted = grant::<permit::MakeTokens>(actor, actor.home());
    world.write(move |tx| create_own(tx, &granted, &new, MAX_LIFE_SECS, token_id(id), NOW))
}

/// A user of tenant a with a token 1.
fn alice(world: &World) -> (User, Arc<Actor>) {
    let user = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let actor = acting(&world.store, &user, world.a, NOW);
    own(world, &actor, new_token(1, world.a, "secrets:read secrets:write"), 1).unwrap();
    (user, actor)
}

fn look(world: &World, number: u64, now: Timestamp) -> Resolved {
    resolve(&world.store.read(), &TokenDigest::of(&number.to_string()), now).unwrap()
}

fn is_live(world: &World, now: Timestamp) -> bool {
    matches!(look(world, 1, now), Resolved::Live(_))
}

#[test]
fn a_token_speaks_for_its_owner_with_its_scopes() {
    let world = World::new();
    let (user, _) = alice(&world);
    let Resolved::Live(live) = look(&world, 1, NOW) else { panic!("it lives") };
    assert_eq!((live.tenant_place, live.partner, live.stale_last_use), (world.a, p(), true));
    let actor = Arc::new(live.into_actor(origin()));
    assert_eq!(actor.principal.identity(), "user:alice@a.example");
    assert!(actor.grant::<permit::ReadSecrets>(world.a).is_ok());
    assert!(actor.grant::<permit::ReadSecrets>(world.b).is_err());
    assert!(actor.grant::<permit::DeleteSecrets>(world.a).is_err(), "no such scope");
    assert!(actor.grant::<permit::OwnTokens>(world.a).is_err(), "a token makes no tokens");
    // Who has left a tenant has no token there, though it was their home.
    world.write(move |tx| people::remove_membership(tx, &all(), user.id, user.home_tenant, NOW)).unwrap();
    assert!(!is_live(&world, NOW));
}

#[test]
fn a_personal_token_never_answers_for_its_owner() {
    let world = World::new();
    let boss = world.user(100, "boss@a.example", world.a, Role::TenantAdmin);
    own(&world, &acting(&world.store, &boss, world.a, NOW), new_token(1, world.a, "admin:write"), 1).unwrap();
    let Resolved::Live(live) = look(&world, 1, NOW) else { panic!("it lives") };
    let token = Arc::new(live.into_actor(origin()));
    let refused = |denied: Option<crate::access::Denied>| denied.map(|denied| crate::base::Problem::from(denied).code);
    assert_eq!(refused(token.grant::<permit::MakeTokens>(world.a).err()), Some("step_up_required"));
    assert_eq!(refused(token.grant::<permit::MakeClientSecrets>(world.a).err()), Some("step_up_required"));
    assert_eq!(refused(token.grant::<permit::AssignRoles>(world.a).err()), Some("step_up_required"));
    assert_eq!(refused(token.grant::<permit::ManageCredentials>(world.a).err()), Some("step_up_required"));
    assert!(token.grant::<permit::WriteUsers>(world.a).is_ok() && token.grant::<permit::OwnTokens>(world.a).is_ok());
}

#[test]
fn time_ends_a_token_at_its_second() {
    let world = World::new();
    alice(&world);
    let end = NOW.plus_secs(DEFAULT_LIFE_SECS);
    assert!(is_live(&world, end.plus_secs(-1)));
    assert!(matches!(look(&world, 1, end), Resolved::Expired));
    assert!(matches!(look(&world, 2, NOW), Resolved::Unknown));
}

#[test]
fn revoked_is_told_from_expired_and_unknown() {
    let world = World::new();
    let (_, actor) = alice(&world);
    let granted = grant::<permit::OwnTokens>(&actor, world.a);
    let revoke = {
        let granted = granted.clone();
        move |tx: &mut crate::store::WriteTx<'_>| revoke_own(tx, &granted, token_id(1), NOW)
    };
    world.write(revoke.clone()).unwrap();
    assert!(matches!(look(&world, 1, NOW), Resolved::Revoked));
    assert!(matches!(look(&world, 1, NOW.plus_secs(DEFAULT_LIFE_SECS)), Resolved::Revoked));
    let head = crate::audit::head(&world.store.read()).unwrap();
    world.write(revoke).unwrap();
    assert_eq!(crate::audit::head(&world.store.read()).unwrap(), head, "a second time changes nothing");
    let listed = list_own(&world.store.read(), &granted, None, 10).unwrap();
    assert_eq!((listed.len(), listed[0].revoked_at), (1, Some(NOW)));
}

#[test]
fn a_stopped_owner_or_tenant_stops_the_token_at_once() {
    let world = World::new();
    let (user, _) = alice(&world);
    let (id, a) = (user.id, user.home_tenant);
    let set_user = |status| {
        let patch = UserPatch { status: Some(status), ..UserPatch::default() };
        world.write(move |tx| people::update(tx, &all(), id, &patch, NOW)).unwrap();
    };
    for status in [Status::Disabled, Status::Suspended, Status::Invited] {
        set_user(status);
        assert!(matches!(look(&world, 1, NOW), Resolved::OwnerInactive), "{status:?}");
    }
    set_user(Status::Active);
    assert!(is_live(&world, NOW));
    let set_tenant = |status| {
        let patch = TenantPatch { status: Some(status), ..TenantPatch::default() };
        world.write(move |tx| tenancy::update_tenant(tx, &all(), a, &patch, NOW)).unwrap();
    };
    set_tenant(tenancy::Status::Suspended);
    assert!(matches!(look(&world, 1, NOW), Resolved::TenantInactive));
    set_tenant(tenancy::Status::Active);
    let suspend = PartnerPatch { status: Some(tenancy::Status::Suspended), ..PartnerPatch::default() };
    world.write(move |tx| tenancy::update_partner(tx, &all(), p(), &suspend, NOW)).unwrap();
    assert!(matches!(look(&world, 1, NOW), Resolved::TenantInactive));
    let resume = PartnerPatch { status: Some(tenancy::Status::Active), ..PartnerPatch::default() };
    world.write(move |tx| tenancy::update_partner(tx, &all(), p(), &resume, NOW)).unwrap();
    assert!(is_live(&world, NOW));
    world.write(move |tx| tenancy::delete_tenant(tx, &all(), a, NOW)).unwrap();
    assert!(matches!(look(&world, 1, NOW), Resolved::TenantInactive));
    world.write(move |tx| people::delete(tx, &all(), id, NOW)).unwrap();
    assert!(matches!(look(&world, 1, NOW), Resolved::Revoked));
}

#[test]
fn a_suspended_home_stops_its_own_tokens_and_none_elsewhere() {
    let world = World::new();
    let (user, _) = alice(&world);
    let c = world.c.tenant().unwrap();
    world
        .write(move |tx| {
            people::add_membership(tx, &all(), &UserRef::Id(user.id), c, &NewMembership::at_once(Role::TenantUser), NOW)
        })
        .unwrap();
    let actor = acting(&world.store, &user, world.c, NOW);
    own(&world, &actor, new_token(2, world.c, "secrets:read"), 2).unwrap();
    assert!(matches!(look(&world, 2, NOW), Resolved::Live(_)));
    let suspend = TenantPatch { status: Some(tenancy::Status::Suspended), ..TenantPatch::default() };
    world.write(move |tx| tenancy::update_tenant(tx, &all(), user.home_tenant, &suspend, NOW)).unwrap();
    assert!(matches!(look(&world, 1, NOW), Resolved::TenantInactive));
    assert!(matches!(look(&world, 2, NOW), Resolved::Live(_)));
}

#[test]
fn scopes_must_be_known_and_some() {
    let world = World::new();
    let (_, actor) = alice(&world);
    for bad in ["", "secrets:read root", "Secrets:read", "secrets"] {
        let refused = own(&world, &actor, new_token(2, world.a, bad), 2).unwrap_err();
        assert_eq!((refused.code, refused.fields[0].field.as_str()), ("validation_error", "scopes"), "{bad}");
    }
    // A scope that no role of theirs can use is fine: the role is asked at each request.
    own(&world, &actor, new_token(2, world.a, "admin:write audit:export"), 2).unwrap();
    // Whatever a token can do can be asked for alone: Scalekit's scopes too.
    own(&world, &actor, new_token(3, world.a, "organizations:read organizations:write sessions:revoke"), 3).unwrap();
    let refused = own(&world, &actor, new_token(4, world.a, "secrets:raed"), 4).unwrap_err();
    assert_eq!(refused.fields[0].message, "has secrets:raed, which is no scope: did you mean secrets:read?");
    let refused = own(&world, &actor, new_token(4, world.a, "offline_access"), 4).unwrap_err();
    assert_eq!(refused.fields[0].message, "has offline_access, which a personal token cannot have");
}

#[test]
fn a_life_is_bounded() {
    let world = World::new();
    let (_, actor) = alice(&world);
    let with_life = |life| NewToken { life_secs: life, ..new_token(2, world.a, "openid") };
    for bad in [0, -1, MAX_LIFE_SECS + 1, i64::MAX] {
        assert_eq!(code(own(&world, &actor, with_life(Some(bad)), 2)), "validation_error", "{bad}");
    }
    let token = own(&world, &actor, with_life(Some(MAX_LIFE_SECS)), 2).unwrap();
    assert_eq!(token.expires_at, NOW.plus_secs(MAX_LIFE_SECS));
    // A shorter configured limit bounds the default too.
    let granted = grant::<permit::MakeTokens>(&actor, world.a);
    let new = new_token(3, world.a, "openid");
    let token = world.write(move |tx| create_own(tx, &granted, &new, 86_400, token_id(3), NOW)).unwrap();
    assert_eq!(token.expires_at, NOW.plus_secs(86_400));
}

#[test]
fn nobody_makes_a_token_for_another_tenant_or_a_wider_one() {
    let world = World::new();
    let (user, alice) = alice(&world);
    assert_eq!(code(own(&world, &alice, new_token(2, world.b, "openid"), 2)), "tenant_not_found");
    let principal = Principal::User { id: user.id, email: user.email.clone() };
    let narrow = actor(principal, world.a, alice.roles.clone(), Some("admin:write secrets:read"));
    assert_eq!(code(own(&world, &narrow, new_token(2, world.a, "secrets:read secrets:write"), 2)), "scope_not_held");
    own(&world, &narrow, new_token(2, world.a, "secrets:read"), 2).unwrap();
    let program =
        Principal::Application { id: ApplicationId::from_raw(1), client_id: "c".to_owned(), name: "n".to_owned() };
    let program = actor(program, world.a, alice.roles.clone(), None);
    assert_eq!(code(own(&world, &program, new_token(3, world.a, "openid"), 3)), "not_a_user");
    assert_eq!(code(own(&world, &alice, new_token(1, world.a, "openid"), 4)), "already_exists");
}

#[test]
fn tokens_for_others_are_for_super_admins() {
    let world = World::new();
    let (user, _) = alice(&world);
    let make = |actor: &Arc<Actor>, at: Place, tenant: Place| {
        let granted = actor.grant::<permit::MakeTokensForOthers>(at)?;
        let new = new_token(9, tenant, "secrets:read");
        world.write(move |tx| create_for(tx, &granted, user.id, &new, MAX_LIFE_SECS, token_id(9), NOW))
    };
    assert_eq!(code(make(&holder(Role::TenantAdmin, world.a), world.a, world.a)), "access_denied");
    assert_eq!(code(make(&operator(), Place::Platform, world.b)), "validation_error");
    let token = make(&operator(), Place::Platform, world.a).unwrap();
    assert_eq!(token.owner, Owner::User(user.id));
    let Resolved::Live(live) = look(&world, 9, NOW) else { panic!("it lives") };
    assert_eq!(live.principal, Principal::User { id: user.id, email: user.email.clone() });
}

#[test]
fn the_operators_token_is_narrowed_too() {
    let world = World::new();
    let granted = grant::<permit::MakeTokens>(&operator(), Place::Platform);
    let new = new_token(1, world.default, "secrets:read");
    world.write(move |tx| create_own(tx, &granted, &new, MAX_LIFE_SECS, token_id(1), NOW)).unwrap();
    let Resolved::Live(live) = look(&world, 1, NOW) else { panic!("it lives") };
    let actor = Arc::new(live.into_actor(origin()));
    assert_eq!(actor.principal, Principal::Operator);
    assert!(actor.grant::<permit::ReadSecrets>(world.c).is_ok());
    assert!(actor.grant::<permit::WriteUsers>(world.c).is_err());
}

#[test]
fn lists_and_revocation_stay_within_the_grant() {
    let world = World::new();
    let (_, actor) = alice(&world);
    let bob = world.user(101, "bob@c.example", world.c, Role::TenantUser);
    let bob = acting(&world.store, &bob, world.c, NOW);
    for id in 2..=6 {
        own(&world, &actor, new_token(id, world.a, "openid"), id).unwrap();
    }
    own(&world, &bob, new_token(7, world.c, "openid"), 7).unwrap();
    let ids = |tokens: Vec<PersonalToken>| tokens.iter().map(|token| token.id.raw()).collect::<Vec<_>>();
    let tx = world.store.read();
    assert_eq!(ids(list(&tx, &all(), None, None, 100).unwrap()), [7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(ids(list(&tx, &all(), Some(Owner::Operator), None, 100).unwrap()), Vec::<u64>::new());
    let admin_a = holder(Role::TenantAdmin, world.a);
    let granted = grant(&admin_a, world.a);
    assert_eq!(ids(list(&tx, &granted, None, None, 2).unwrap()), [6, 5]);
    assert_eq!(ids(list(&tx, &granted, None, Some(token_id(5)), 9).unwrap()), [4, 3, 2, 1]);
    let bobs = Owner::User(UserId::from_raw(101));
    assert_eq!(ids(list(&tx, &granted, Some(bobs), None, 9).unwrap()), Vec::<u64>::new());
    assert_eq!(ids(list_own(&tx, &grant(&bob, world.c), None, 9).unwrap()), [7]);
    let revoke_it = |granted, id| world.write(move |tx| revoke(tx, &granted, token_id(id), NOW));
    assert_eq!(code(revoke_it(grant(&admin_a, world.a), 7)), "token_not_found");
    assert_eq!(code(revoke_it(grant(&admin_a, world.a), 777)), "token_not_found");
    revoke_it(grant(&admin_a, world.a), 6).unwrap();
    let granted = grant(&actor, world.a);
    assert_eq!(code(world.write(move |tx| revoke_own(tx, &granted, token_id(7), NOW))), "token_not_found");
}

#[test]
fn a_token_that_cannot_be_read_takes_the_list_from_nobody() {
    let world = World::new();
    let (_, actor) = alice(&world);
    own(&world, &actor, new_token(2, world.a, "openid"), 2).unwrap();
    let broken = own(&world, &actor, new_token(3, world.a, "openid"), 3).unwrap();
    world.write(move |tx| Ok(tx.put_encoded(&PersonalToken::TABLE, &broken.digest.0, &[0xff])?)).unwrap();
    let tx = world.store.read();
    let ids = |tokens: Vec<PersonalToken>| tokens.iter().map(|token| token.id.raw()).collect::<Vec<_>>();
    assert_eq!(ids(list(&tx, &all(), None, None, 2).unwrap()), [2, 1]);
    assert_eq!(ids(list_own(&tx, &grant(&actor, world.a), None, 9).unwrap()), [2, 1]);
    assert_eq!(ids(list(&tx, &grant(&holder(Role::TenantAdmin, world.a), world.a), None, None, 9).unwrap()), [2, 1]);
}

#[test]
fn a_use_is_noted_once_an_hour() {
    let world = World::new();
    alice(&world);
    let digest = TokenDigest::of("1");
    let stale = |now| match look(&world, 1, now) {
        Resolved::Live(live) => live.stale_last_use,
        _ => panic!("it lives"),
    };
    let note = |now| world.write(move |tx| Ok(touch(tx, &digest, now)?)).unwrap();
    note(NOW);
    assert!(!stale(NOW.plus_secs(3599)) && stale(NOW.plus_secs(3600)));
    note(NOW.plus_secs(10));
    let Resolved::Live(live) = look(&world, 1, NOW) else { panic!("it lives") };
    assert_eq!(live.token.last_used_at, Some(NOW), "too soon to be worth a write");
}

/// Counts how often the file is asked.
struct Counting<R> {
    inner: R,
    look_ups: Cell<u32>,
}

impl<R: RawRead> RawRead for Counting<R> {
    fn token_key(&self) -> &crate::crypto::digest::MacKey {
        self.inner.token_key()
    }

    fn raw_get(&self, key: &[u8], visit: &mut dyn FnMut(&[u8]) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.look_ups.set(self.look_ups.get() + 1);
        self.inner.raw_get(key, visit)
    }

    fn raw_scan(
        &self,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
        way: crate::store::Direction,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        self.look_ups.set(self.look_ups.get() + 1);
        self.inner.raw_scan(from, to, way, visit)
    }
}

#[test]
fn a_token_takes_six_look_ups() {
    let world = World::new();
    let (user, _) = alice(&world);
    let count = |number: u64| {
        let tx = Counting { inner: world.store.read(), look_ups: Cell::new(0) };
        resolve(&tx, &TokenDigest::of(&number.to_string()), NOW).unwrap();
        tx.look_ups.get()
    };
    // Token, tenant, partner, user, membership, and whether groups give roles in the tenant.
    assert_eq!(count(1), 6);
    assert_eq!(count(404), 1, "a guess costs one");
    // Being in many tenants, and a super_admin, costs nothing more.
    for place in [world.b, world.c, world.default] {
        let (id, tenant) = (user.id, place.tenant().unwrap());
        world
            .write(move |tx| {
                people::add_membership(
                    tx,
                    &all(),
                    &UserRef::Id(id),
                    tenant,
                    &NewMembership::at_once(Role::TenantUser),
                    NOW,
                )
            })
            .unwrap();
    }
    world.give(&user, Role::SuperAdmin, Place::Platform, None);
    world.give(&user, Role::PartnerAdmin, Place::Partner(p()), None);
    // Token, tenant, partner, user, membership, and whether groups give roles in the tenant.
    assert_eq!(count(1), 6);
    let granted = grant::<permit::MakeTokens>(&operator(), Place::Platform);
    let new = new_token(2, world.default, "openid");
    world.write(move |tx| create_own(tx, &granted, &new, MAX_LIFE_SECS, token_id(2), NOW)).unwrap();
    assert_eq!(count(2), 3);
}
