//! The rules of API keys.

use super::*;
use crate::access::{Actor, Role};
use crate::base::Id;
use crate::base::id::UserId;
use crate::crypto::token::{self, TokenKind};
use crate::people::{self, User};
use crate::store::{Entity, Read, WriteTx};
use crate::tenancy::testkit::*;
use std::cell::Cell;
use std::sync::Arc;

fn key_id(id: u64) -> ApiKeyId {
    ApiKeyId::from_raw(id)
}

fn text(number: u64) -> String {
    use std::sync::{LazyLock, Mutex};
    static MADE: LazyLock<Mutex<std::collections::HashMap<u64, String>>> = LazyLock::new(Mutex::default);
    MADE.lock().unwrap().entry(number).or_insert_with(|| token::make(TokenKind::ApiKey).expose().clone()).clone()
}

fn print(number: u64) -> Fingerprint {
    Fingerprint { digest: TokenDigest::of(&text(number)), hint: "WXYZ".to_owned() }
}

fn new_key(number: u64, scopes: &str) -> NewApiKey {
    NewApiKey {
        fingerprint: print(number),
        name: name("backend"),
        scopes: ScopeSet::parse(scopes).unwrap(),
        limit: None,
        expires_at: None,
    }
}

fn make(world: &World, actor: &Arc<Actor>, new: NewApiKey, id: u64, now: Timestamp) -> Result<ApiKey, Problem> {
    let granted = actor.grant::<permit::MakeApiKeys>(actor.home())?;
    world.write(move |tx| create(tx, &granted, &new, 60, key_id(id), now))
}

/// A user of tenant a with a key 1.
fn alice(world: &World, scopes: &str) -> (User, Arc<Actor>) {
    let user = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let actor = acting(&world.store, &user, world.a, NOW);
    make(world, &actor, new_key(1, scopes), 1, NOW).unwrap();
    (user, actor)
}

fn live(world: &World, number: u64, now: Timestamp) -> Option<Arc<Actor>> {
    match authenticate(&text(number), || world.store.read(), now).unwrap() {
        Resolved::Live(live) => Some(Arc::new(live.into_actor(origin()))),
        Resolved::Dead => None,
    }
}

fn managed(actor: &Arc<Actor>, place: Place) -> Reach {
    Reach::of(actor, actor.grant(place).ok()).unwrap()
}

fn own(actor: &Arc<Actor>) -> Reach {
    Reach::of(actor, None).unwrap()
}

fn rerolled(world: &World, reach: &Reach, old: u64, new: u64, grace: u32, now: Timestamp) -> Result<ApiKey, Problem> {
    let reach = reach.clone();
    world.write(move |tx| reroll(tx, &reach, key_id(old), &print(new), grace, key_id(new), now))
}

#[test]
fn a_mistyped_key_costs_no_read() {
    let world = World::new();
    alice(&world, "");
    let reads = Cell::new(0);
    let look = |text: &str| {
        let read = || {
            reads.set(reads.get() + 1);
            world.store.read()
        };
        matches!(authenticate(text, read, NOW).unwrap(), Resolved::Live(_))
    };
    let good = text(1);
    for at in 0..good.len() {
        let mut typo = good.clone().into_bytes();
        typo[at] = if typo[at] == b'x' { b'y' } else { b'x' };
        assert!(!look(std::str::from_utf8(&typo).unwrap()), "{at}");
    }
    assert!(!look(&good[..good.len() - 1]) && !look(&format!("{good}x")) && !look("sgk_") && !look(""));
    assert_eq!(reads.get(), 0);
    assert!(look(&good));
    assert_eq!(reads.get(), 1);
}

#[test]
fn a_key_carries_its_users_rights_as_they_are_now() {
    let world = World::new();
    let (user, _) = alice(&world, "");
    let actor = live(&world, 1, NOW).unwrap();
    assert_eq!((actor.principal.identity(), actor.home()), ("user:alice@a.example".to_owned(), world.a));
    assert!(actor.may::<permit::ListModels>(world.a) && actor.may::<permit::ManageApiKeys>(world.a));
    assert!(!actor.may::<permit::ManageUsers>(world.a) && !actor.may::<permit::ListModels>(world.b));
    let (id, tenant) = (user.id, user.home_tenant);
    world
        .write(move |tx| {
            people::set_membership_role(tx, &all::<permit::WriteUsers>(), id, tenant, Role::TenantAdmin, NOW)
        })
        .unwrap();
    let actor = live(&world, 1, NOW).unwrap();
    assert!(actor.may::<permit::ManageUsers>(world.a), "more as soon as the user has more");
    world
        .write(move |tx| {
            people::set_membership_role(tx, &all::<permit::WriteUsers>(), id, tenant, Role::TenantViewer, NOW)
        })
        .unwrap();
    assert!(!live(&world, 1, NOW).unwrap().may::<permit::ManageApiKeys>(world.a), "less as soon as the user has less");
}

#[test]
fn a_key_reads_no_secret_unless_its_scopes_say_so() {
    let world = World::new();
    let (_, actor) = alice(&world, "");
    make(&world, &actor, new_key(2, "secrets:read"), 2, NOW).unwrap();
    let (plain, reader) = (live(&world, 1, NOW).unwrap(), live(&world, 2, NOW).unwrap());
    for place in [world.a, world.b] {
        assert!(!plain.may::<permit::ReadSecrets>(place) && !plain.may::<permit::ListSecrets>(place));
        assert!(!plain.may::<permit::WriteSecrets>(place) && !plain.may::<permit::OwnTokens>(place));
    }
    assert!(reader.may::<permit::ReadSecrets>(world.a) && !reader.may::<permit::ReadSecrets>(world.b));
    assert!(!reader.may::<permit::ListModels>(world.a) && !reader.may::<permit::WriteSecrets>(world.a));
    assert_eq!(code(make(&world, &actor, new_key(3, "admin:write"), 3, NOW)), "validation_error");
}

#[test]
fn a_revoked_or_disabled_key_fails_at_the_next_request() {
    let world = World::new();
    let (_, actor) = alice(&world, "");
    let switch = |disabled| {
        let reach = own(&actor);
        world.write(move |tx| set_disabled(tx, &reach, key_id(1), disabled, NOW)).unwrap()
    };
    assert_eq!(switch(true).state(NOW), KeyState::Disabled);
    assert!(live(&world, 1, NOW).is_none());
    switch(false);
    assert!(live(&world, 1, NOW).is_some());
    let end = || {
        let reach = own(&actor);
        world.write(move |tx| revoke(tx, &reach, key_id(1), NOW)).unwrap()
    };
    assert_eq!((end().state(NOW), end().state(NOW)), (KeyState::Revoked, KeyState::Revoked));
    assert!(live(&world, 1, NOW).is_none());
    let reach = own(&actor);
    let again = world.write(move |tx| set_disabled(tx, &reach, key_id(1), false, NOW));
    assert_eq!(code(again), "api_key_revoked");
}

#[test]
fn after_a_reroll_the_old_key_works_for_the_grace_and_not_a_second_more() {
    let world = World::new();
    let (_, actor) = alice(&world, "");
    let mut new = new_key(2, "models:list");
    new.limit = Some(7);
    new.expires_at = Some(NOW.plus_secs(1000));
    make(&world, &actor, new, 2, NOW).unwrap();
    let reach = own(&actor);
    let made = rerolled(&world, &reach, 2, 3, 100, NOW).unwrap();
    let old = get(&world.store.read(), &reach, key_id(2)).unwrap();
    assert_eq!((made.limit, made.expires_at, &made.scopes), (Some(7), Some(NOW.plus_secs(1000)), &old.scopes));
    assert_eq!((made.line, old.replaced_by), (key_id(2), Some(key_id(3))), "they count together");
    let end = NOW.plus_secs(100);
    assert!(live(&world, 2, Timestamp::from_millis(end.millis() - 1)).is_some());
    assert!(live(&world, 2, end).is_none() && live(&world, 3, end).is_some());
    assert_eq!(code(rerolled(&world, &reach, 2, 4, 0, NOW)), "api_key_replaced");

    let last = rerolled(&world, &reach, 3, 5, 5000, NOW).unwrap();
    assert!(live(&world, 3, NOW.plus_secs(999)).is_some());
    for number in [3, 5] {
        assert!(live(&world, number, NOW.plus_secs(1000)).is_none(), "grace extends no end");
    }
    assert_eq!(last.expires_at, Some(NOW.plus_secs(1000)));

    rerolled(&world, &reach, 1, 6, 0, NOW).unwrap();
    assert!(live(&world, 1, NOW).is_none() && live(&world, 6, NOW).is_some(), "without grace at once");
    assert_eq!(code(rerolled(&world, &reach, 1, 7, 0, NOW)), "api_key_not_active");
    assert_eq!(code(rerolled(&world, &reach, 6, 7, MAX_GRACE_SECS + 1, NOW)), "validation_error");
}

#[test]
fn no_credential_makes_a_key_wider_or_longer_lived_than_itself() {
    let world = World::new();
    let (_, actor) = alice(&world, "");
    let narrowed = |scopes: &str| {
        let mut narrow = Actor::clone(&actor);
        narrow.scopes = Some(ScopeSet::parse(scopes).unwrap());
        Arc::new(narrow)
    };
    let narrow = narrowed("api_keys:manage models:list openid");
    assert_eq!(code(make(&world, &narrow, new_key(2, "secrets:read"), 2, NOW)), "scope_not_held");
    let made = make(&world, &narrow, new_key(2, ""), 2, NOW).unwrap();
    assert_eq!(made.scopes.to_string(), "api_keys:manage models:list", "it hands on its own scopes");
    assert_eq!(code(rerolled(&world, &own(&narrow), 1, 3, 0, NOW)), "scope_not_held");
    let admin = narrowed("admin:write");
    assert!(make(&world, &admin, new_key(3, ""), 3, NOW).unwrap().scopes.is_empty());
    assert_eq!(code(make(&world, &admin, new_key(4, "secrets:read"), 4, NOW)), "scope_not_held");

    // A key makes no keys, not even as narrow as itself: it would live on when the first one is revoked.
    let key = live(&world, 1, NOW).unwrap();
    assert_eq!(code(make(&world, &key, new_key(6, ""), 6, NOW)), "step_up_required");
    assert_eq!(code(rerolled(&world, &own(&key), 1, 7, 0, NOW)), "step_up_required");
    assert!(live(&world, 1, NOW).is_some(), "the key goes on");
}

#[test]
fn limits_and_ends_of_a_key_have_bounds() {
    let world = World::new();
    let (_, actor) = alice(&world, "");
    for limit in [0, 61, u32::MAX] {
        let mut new = new_key(2, "");
        new.limit = Some(limit);
        assert_eq!(code(make(&world, &actor, new, 2, NOW)), "validation_error", "{limit}");
    }
    for end in [NOW, NOW.plus_secs(-1), Timestamp::from_millis(i64::MAX)] {
        let mut new = new_key(2, "");
        new.expires_at = Some(end);
        assert_eq!(code(make(&world, &actor, new, 2, NOW)), "validation_error");
    }
    assert_eq!(code(make(&world, &actor, new_key(1, ""), 2, NOW)), "already_exists");
}

#[test]
fn keys_for_others_are_made_by_those_who_may_give_their_roles() {
    let world = World::new();
    let (alice, alices) = alice(&world, "");
    let boss = world.user(101, "boss@a.example", world.a, Role::TenantAdmin);
    let root = world.give(&alice, Role::SuperAdmin, Place::Platform, None);
    let stranger = world.user(102, "bob@b.example", world.b, Role::TenantUser);
    let plain = world.user(103, "carol@a.example", world.a, Role::TenantUser);
    let acting_boss = acting(&world.store, &boss, world.a, NOW);
    let assign = |user: UserId, number: u64| {
        let granted = grant::<permit::MakeApiKeysForOthers>(&acting_boss, world.a);
        let new = new_key(number, "");
        world.write(move |tx| create_for(tx, &granted, user, &new, 60, key_id(number), NOW))
    };
    assert_eq!(assign(plain.id, 10).unwrap().user, plain.id);
    assert_eq!(code(assign(root.id, 11)), "outranked");
    assert_eq!(code(assign(stranger.id, 11)), "user_not_found");
    assert_eq!(code(assign(UserId::from_raw(9), 11)), "user_not_found");
    assert!(alices.grant::<permit::MakeApiKeysForOthers>(world.a).is_err(), "a tenant_user assigns nothing");
}

#[test]
fn a_key_for_somebody_who_was_only_invited_or_is_switched_off_is_refused_when_it_is_made() {
    let world = World::new();
    let boss = world.user(101, "boss@a.example", world.a, Role::TenantAdmin);
    let acting_boss = acting(&world.store, &boss, world.a, NOW);
    let assign = |user: UserId| {
        let granted = grant::<permit::MakeApiKeysForOthers>(&acting_boss, world.a);
        world.write(move |tx| create_for(tx, &granted, user, &new_key(20, ""), 60, key_id(20), NOW))
    };
    let mut new = people::NewUser::local(email("nia@a.example"), world.a.tenant().unwrap(), Role::TenantUser);
    new.status = people::Status::Invited;
    new.membership.invited_until = Some(NOW.plus_secs(100));
    let nia = UserId::from_raw(102);
    world.write(move |tx| people::create(tx, &all(), &new, nia, NOW)).unwrap();
    let refused = assign(nia).unwrap_err();
    assert_eq!((refused.code, refused.message.contains("not accepted")), ("user_inactive", true));
    let stranger = world.user(103, "bob@b.example", world.b, Role::TenantUser).id;
    let (a, mut asked) = (world.a.tenant().unwrap(), people::NewMembership::at_once(Role::TenantUser));
    asked.invited_until = Some(NOW.plus_secs(100));
    let who = people::UserRef::Id(stranger);
    world.write(move |tx| people::add_membership(tx, &all(), &who, a, &asked, NOW)).unwrap();
    assert_eq!(code(assign(stranger)), "user_inactive");
    world.write(move |tx| people::accept_by_link(tx, stranger, a, &origin(), NOW)).unwrap();
    let off = people::UserPatch { status: Some(people::Status::Disabled), ..people::UserPatch::default() };
    world.write(move |tx| people::update(tx, &all(), stranger, &off, NOW)).unwrap();
    assert_eq!(code(assign(stranger)), "user_inactive");
    let on = people::UserPatch { status: Some(people::Status::Active), ..people::UserPatch::default() };
    world.write(move |tx| people::update(tx, &all(), stranger, &on, NOW)).unwrap();
    assert_eq!(assign(stranger).unwrap().user, stranger);
}

#[test]
fn who_manages_users_by_a_custom_role_switches_no_administrators_keys() {
    let world = World::new();
    let (boss, plain) = (
        world.user(101, "boss@a.example", world.a, Role::TenantAdmin),
        world.user(102, "plain@a.example", world.a, Role::TenantUser),
    );
    for (user, number) in [(&boss, 1), (&plain, 2)] {
        make(&world, &acting(&world.store, user, world.a, NOW), new_key(number, ""), number, NOW).unwrap();
    }
    let manager = world.user(103, "manager@a.example", world.a, Role::TenantUser);
    let mut manager = Actor::clone(&acting(&world.store, &manager, world.a, NOW));
    manager.custom = crate::access::CoreSet::named("users:manage").unwrap();
    let reach = managed(&Arc::new(manager), world.a);
    let tried = |number: u64| {
        let run = |what: fn(&mut WriteTx<'_>, &Reach, ApiKeyId) -> Result<ApiKey, Problem>| {
            let reach = reach.clone();
            world.write(move |tx| what(tx, &reach, key_id(number))).err().map(|problem| problem.code)
        };
        [
            run(|tx, reach, id| set_disabled(tx, reach, id, true, NOW)),
            run(|tx, reach, id| set_disabled(tx, reach, id, false, NOW)),
            run(|tx, reach, id| set_limit(tx, reach, id, Some(1), 60, NOW)),
            run(|tx, reach, id| revoke(tx, reach, id, NOW)),
        ]
    };
    assert_eq!(tried(1), [Some("outranked"); 4]);
    assert!(live(&world, 1, NOW).is_some());
    assert_eq!(tried(2), [None; 4]);
    assert!(live(&world, 2, NOW).is_none());
}

#[test]
fn keys_of_others_are_not_found() {
    let world = World::new();
    let (_, alices) = alice(&world, "");
    let other = world.user(101, "eve@a.example", world.a, Role::TenantUser);
    let boss = world.user(102, "boss@a.example", world.a, Role::TenantAdmin);
    let foreign = world.user(103, "boss@b.example", world.b, Role::TenantAdmin);
    let snapshot = world.store.read();
    let sees = |reach: &Reach| get(&snapshot, reach, key_id(1)).is_ok();
    let acting = |user: &User, place| acting(&world.store, user, place, NOW);
    assert!(sees(&own(&alices)) && sees(&managed(&acting(&boss, world.a), world.a)));
    assert!(!sees(&own(&acting(&other, world.a))) && !sees(&managed(&acting(&foreign, world.b), world.b)));
    for reach in [own(&acting(&other, world.a)), managed(&acting(&foreign, world.b), world.b)] {
        let run = |what: fn(&mut WriteTx<'_>, &Reach) -> Result<ApiKey, Problem>| {
            let reach = reach.clone();
            code(world.write(move |tx| what(tx, &reach)))
        };
        assert_eq!(run(|tx, reach| revoke(tx, reach, key_id(1), NOW)), "api_key_not_found");
        assert_eq!(run(|tx, reach| set_disabled(tx, reach, key_id(1), true, NOW)), "api_key_not_found");
        assert_eq!(run(|tx, reach| set_limit(tx, reach, key_id(1), None, 60, NOW)), "api_key_not_found");
        assert_eq!(run(|tx, reach| reroll(tx, reach, key_id(1), &print(9), 0, key_id(9), NOW)), "api_key_not_found");
    }
    assert!(live(&world, 1, NOW).is_some());
}

#[test]
fn lists_are_paged_and_hide_revoked_keys() {
    let world = World::new();
    let (user, actor) = alice(&world, "");
    for id in 2..=5 {
        make(&world, &actor, new_key(id, ""), id, NOW).unwrap();
    }
    let reach = own(&actor);
    world.write(move |tx| revoke(tx, &reach, key_id(4), NOW)).unwrap();
    let snapshot = world.store.read();
    let granted = grant::<permit::ManageApiKeys>(&actor, world.a);
    let ids = |filter, before, limit| -> Vec<u64> {
        let keys = list_own(&snapshot, &granted, filter, before, limit, NOW).unwrap();
        keys.iter().map(|key| key.id.raw()).collect()
    };
    assert_eq!(ids(Filter::default(), None, 2), [5, 3]);
    assert_eq!(ids(Filter::default(), Some(key_id(3)), 10), [2, 1]);
    assert_eq!(ids(Filter { state: Some(KeyState::Revoked), user: None }, None, 10), [4]);
    let all = |place: Place| {
        let granted = grant::<permit::ManageUsers>(&holder(Role::PartnerAdmin, Place::Partner(p())), place);
        let filter = Filter { state: None, user: Some(user.id) };
        list_all(&snapshot, &granted, filter, None, 10, NOW).unwrap().len()
    };
    assert_eq!((all(Place::Partner(p())), all(world.a), all(world.b)), (4, 4, 0));
}

#[test]
fn a_key_that_cannot_be_read_takes_the_list_from_nobody() {
    let world = World::new();
    let (_, actor) = alice(&world, "");
    let broken = make(&world, &actor, new_key(2, ""), 2, NOW).unwrap();
    make(&world, &actor, new_key(3, ""), 3, NOW).unwrap();
    world.write(move |tx| Ok(tx.put_encoded(&ApiKey::TABLE, &broken.digest.0, &[0xff])?)).unwrap();
    let snapshot = world.store.read();
    let ids = |keys: Vec<ApiKey>| keys.iter().map(|key| key.id.raw()).collect::<Vec<_>>();
    let mine = grant::<permit::ManageApiKeys>(&actor, world.a);
    assert_eq!(ids(list_own(&snapshot, &mine, Filter::default(), None, 9, NOW).unwrap()), [3, 1]);
    let granted = grant::<permit::ManageUsers>(&holder(Role::TenantAdmin, world.a), world.a);
    assert_eq!(ids(list_all(&snapshot, &granted, Filter::default(), None, 9, NOW).unwrap()), [3, 1]);
}

#[test]
fn deleting_a_user_revokes_the_keys() {
    let world = World::new();
    let (user, _) = alice(&world, "");
    let id = user.id;
    world.write(move |tx| people::delete(tx, &all::<permit::DeleteUsers>(), id, NOW)).unwrap();
    assert!(live(&world, 1, NOW).is_none());
    let keys = table::of_user(&world.store.read(), id).unwrap();
    assert!(keys.iter().all(|key| key.state(NOW) == KeyState::Revoked) && keys.len() == 1);
}

#[test]
fn a_last_use_is_noted_once_a_minute() {
    let world = World::new();
    alice(&world, "");
    let look = |now| match authenticate(&text(1), || world.store.read(), now).unwrap() {
        Resolved::Live(live) => (live.stale_last_use, live.key.last_used_at),
        Resolved::Dead => panic!("it lives"),
    };
    assert_eq!(look(NOW), (true, None));
    let note = |now| world.store.write_blocking(move |tx| touch(tx, &tx.keep(&print(1).digest), now)).unwrap();
    note(NOW);
    note(NOW.plus_secs(59));
    assert_eq!(look(NOW.plus_secs(59)), (false, Some(NOW)));
    assert_eq!(look(NOW.plus_secs(60)), (true, Some(NOW)));
}
