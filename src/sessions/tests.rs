//! The rules of sessions.

mod work;

use super::*;
use crate::access::{Evidence, Method, Place, Role, permit};
use crate::audit;
use crate::base::Id;
use crate::base::Timestamp;
use crate::base::id::SessionId;
use crate::crypto::token::TokenDigest;
use crate::people::User;
use crate::store::Entity;
use crate::tenancy::{self, testkit::*};

/// How long a session may lie unused by the settings.
const IDLE_SECS: i64 = 2 * 3600;

fn session_id(id: u64) -> SessionId {
    SessionId::from_raw(id)
}

fn cookie(id: u64) -> TokenDigest {
    TokenDigest::of(&format!("cookie {id}"))
}

fn new_session(user: &User, place: Place, id: u64) -> NewSession {
    NewSession {
        id: session_id(id),
        digest: cookie(id),
        user: user.id,
        tenant: place.tenant().unwrap(),
        csrf_secret: CsrfSecret([9; 32]),
        life_secs: None,
        email: user.email.clone(),
        evidence: Evidence::of(&[Method::Password], NOW),
        origin: origin(),
    }
}

fn sign_in(world: &World, user: &User, place: Place, id: u64) {
    let new = new_session(user, place, id);
    world.write(move |tx| create(tx, &new, NOW)).unwrap();
}

/// Why it ended; None: it lives.
fn ended(world: &World, id: u64, now: Timestamp) -> Option<Ended> {
    let tx = world.store.read();
    let by_cookie = resolve(&tx, &cookie(id), now, IDLE_SECS).unwrap();
    let by_id = resolve_id(&tx, session_id(id), now, IDLE_SECS).unwrap();
    match (by_cookie, by_id) {
        (State::Live { .. }, State::Live { .. }) => None,
        (State::Ended(a), State::Ended(b)) if a == b => Some(a),
        other => panic!("the two ways differ: {other:?}"),
    }
}

#[test]
fn it_ends_unused_and_at_the_latest_after_twelve_hours() {
    let world = World::new();
    let user = world.user(100, "u@a.example", world.a, Role::TenantUser);
    sign_in(&world, &user, world.a, 1);
    assert_eq!(ended(&world, 1, NOW.plus_secs(IDLE_SECS - 1)), None);
    assert_eq!(ended(&world, 1, NOW.plus_secs(IDLE_SECS)), Some(Ended::Idle));
    let mut now = NOW;
    while now < NOW.plus_secs(MAX_LIFE_SECS) {
        assert_eq!(ended(&world, 1, now), None);
        world.write(move |tx| Ok(touch(tx, session_id(1), now)?)).unwrap();
        now = now.plus_secs(3600);
    }
    assert_eq!(ended(&world, 1, now), Some(Ended::Expired), "however busy it was");
    assert_eq!(ended(&world, 2, NOW), Some(Ended::Unknown));
    let mut long = new_session(&user, world.a, 3);
    long.life_secs = Some(i64::MAX);
    let session = world.write(move |tx| create(tx, &long, NOW)).unwrap();
    assert_eq!(session.expires_at, NOW.plus_secs(MAX_LIFE_SECS));
}

#[test]
fn a_use_is_noted_once_a_minute_and_revives_nothing() {
    let world = World::new();
    let user = world.user(100, "u@a.example", world.a, Role::TenantUser);
    let me = acting(&world.store, &user, world.a, NOW);
    sign_in(&world, &user, world.a, 1);
    let stale = |now| match resolve_id(&world.store.read(), session_id(1), now, IDLE_SECS).unwrap() {
        State::Live { stale, .. } => stale,
        State::Ended(why) => panic!("{why:?}"),
    };
    assert!(!stale(NOW.plus_secs(59)) && stale(NOW.plus_secs(60)));
    world.write(move |tx| end(tx, &me, session_id(1), NOW)).unwrap();
    world.write(|tx| Ok(touch(tx, session_id(1), NOW.plus_secs(100))?)).unwrap();
    assert_eq!(ended(&world, 1, NOW.plus_secs(101)), Some(Ended::SignedOut));
}

#[test]
fn one_ends_only_ones_own() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    let bob = world.user(101, "bob@a.example", world.a, Role::TenantUser);
    for id in [1, 2] {
        sign_in(&world, &alice, world.a, id);
    }
    let bob = acting(&world.store, &bob, world.a, NOW);
    assert_eq!(code(world.write(move |tx| end(tx, &bob, session_id(1), NOW))), "session_not_found");
    let me = acting(&world.store, &alice, world.a, NOW);
    let same = me.clone();
    world.write(move |tx| end(tx, &me, session_id(1), NOW)).unwrap();
    world.write(move |tx| end(tx, &same, session_id(1), NOW)).unwrap();
    assert_eq!((ended(&world, 1, NOW), ended(&world, 2, NOW)), (Some(Ended::SignedOut), None));
    let log = audit::list(&world.store.read(), Place::Platform, &audit::Filter::default(), None, 0, 100).unwrap();
    let count = |action: &str| log.rows.iter().filter(|(_, row)| row.event.action == action).count();
    assert_eq!((count("login"), count("logout")), (2, 1));
}

#[test]
fn a_new_proof_changes_cookie_and_csrf_secret() {
    let world = World::new();
    let user = world.user(100, "u@a.example", world.a, Role::TenantUser);
    sign_in(&world, &user, world.a, 1);
    let me = acting(&world.store, &user, world.a, NOW);
    let later = NOW.plus_secs(600);
    let fresh = (TokenDigest::of("fresh"), CsrfSecret([4; 32]));
    let renew = move |tx: &mut crate::store::WriteTx<'_>| {
        reauthenticate(tx, &me, session_id(1), fresh.clone(), Evidence::of(&[Method::Totp], later), later)
    };
    let session = world.write(renew.clone()).unwrap();
    assert_eq!((session.authenticated_at, session.mfa_at, session.created_at), (later, Some(later), NOW));
    assert_eq!(session.expires_at, NOW.plus_secs(MAX_LIFE_SECS), "that does not lengthen it");
    let tx = world.store.read();
    assert!(matches!(resolve(&tx, &cookie(1), later, IDLE_SECS).unwrap(), State::Ended(Ended::Unknown)));
    assert!(matches!(resolve(&tx, &TokenDigest::of("fresh"), later, IDLE_SECS).unwrap(), State::Live { .. }));
    world.write(move |tx| Ok(sign_out(tx, user.id, later)?)).unwrap();
    assert_eq!(code(world.write(renew)), "session_not_found");
    assert!(!format!("{session:?}").contains("4, 4"), "no CSRF secret in a log");
}

#[test]
fn admins_see_and_end_those_of_their_tenant() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    for (id, place) in [(1, world.a), (2, world.a), (3, world.b), (4, world.c)] {
        sign_in(&world, &alice, place, id);
    }
    let admin = holder(Role::TenantAdmin, world.a);
    let ids = |granted: &crate::access::Granted<permit::ReadSessions>, filter| {
        let found = list(&world.store.read(), granted, filter, 100, NOW).unwrap();
        found.iter().map(|session| session.id.raw()).collect::<Vec<_>>()
    };
    let any = Filter::default();
    assert_eq!(ids(&all(), any), [4, 3, 2, 1]);
    assert_eq!(ids(&all(), Filter { before: Some(session_id(3)), ..any }), [2, 1]);
    assert_eq!(ids(&grant(&admin, world.a), any), [2, 1]);
    assert_eq!(ids(&grant(&admin, world.a), Filter { user: Some(alice.id), ..any }), [2, 1]);
    assert_eq!(ids(&grant(&admin, world.a), Filter { tenant: world.b.tenant(), ..any }), Vec::<u64>::new());
    let partner = holder(Role::PartnerViewer, Place::Partner(p()));
    assert_eq!(ids(&grant(&partner, Place::Partner(p())), any), [3, 2, 1]);
    assert_eq!(code(get(&world.store.read(), &grant(&admin, world.a), session_id(3))), "session_not_found");
    let end_it = |id| {
        let granted = grant(&admin, world.a);
        world.write(move |tx| end_by_admin(tx, &granted, session_id(id), NOW))
    };
    assert_eq!((code(end_it(3)), code(end_it(99))), ("session_not_found", "session_not_found"));
    end_it(2).unwrap();
    assert_eq!(ids(&all(), any), [4, 3, 1]);
    let granted = grant(&admin, world.a);
    assert_eq!(world.write(move |tx| end_user_within(tx, &granted, alice.id, NOW)).unwrap(), [session_id(1)]);
    let (granted, b) = (grant(&admin, world.a), world.b.tenant().unwrap());
    assert_eq!(code(world.write(move |tx| end_all_of_tenant(tx, &granted, b, NOW))), "tenant_not_found");
    assert_eq!(world.write(move |tx| end_all_of_tenant(tx, &all(), b, NOW)).unwrap(), 1);
    let me = acting(&world.store, &alice, world.a, NOW);
    let own = list_own(&world.store.read(), &me, 10, NOW).unwrap();
    assert_eq!(own.iter().map(|session| session.id.raw()).collect::<Vec<_>>(), [4]);
}

#[test]
fn old_rows_are_swept_in_bites() {
    let world = World::new();
    let user = world.user(100, "u@a.example", world.a, Role::TenantUser);
    for id in 1..=5 {
        sign_in(&world, &user, world.a, id);
    }
    let last = NOW.plus_secs(MAX_LIFE_SECS + KEEP_ENDED_SECS);
    let bite = |now| world.write(move |tx| Ok(sweep(tx, now, 3)?)).unwrap();
    assert_eq!(bite(last), 0);
    assert_eq!((bite(last.plus_secs(1)), bite(last.plus_secs(1)), bite(last.plus_secs(1))), (3, 2, 0));
    assert_eq!(ended(&world, 1, NOW), Some(Ended::Unknown));
}

/// Gives the tenant of `world.a` a policy of its own.
fn policy(world: &World, source: tenancy::PolicySource, absolute: Option<u32>, idle: Option<u32>) {
    let session_policy = tenancy::SessionPolicyPatch {
        source: Some(source),
        absolute,
        idle,
        idle_enabled: Some(idle.is_some()),
        ..tenancy::SessionPolicyPatch::default()
    };
    let details = tenancy::DetailsPatch { session_policy, ..tenancy::DetailsPatch::default() };
    let (id, patch) = (world.a.tenant().unwrap(), tenancy::TenantPatch { details, ..tenancy::TenantPatch::default() });
    world.write(move |tx| tenancy::update_tenant(tx, &all(), id, &patch, NOW)).unwrap();
}

#[test]
fn a_tenants_own_policy_ends_its_sessions() {
    use tenancy::PolicySource::{Application, Custom};
    const MINUTE: i64 = 60;
    let world = World::new();
    let user = world.user(100, "u@a.example", world.a, Role::TenantUser);
    let other = world.user(200, "u@b.example", world.b, Role::TenantUser);
    sign_in(&world, &user, world.a, 1);
    sign_in(&world, &other, world.b, 2);
    // Thirty minutes at most, ten unused: for sessions that are there already too, and for this tenant's only.
    policy(&world, Custom, Some(30), Some(10));
    assert_eq!(ended(&world, 1, NOW.plus_secs(10 * MINUTE - 1)), None);
    assert_eq!(ended(&world, 1, NOW.plus_secs(10 * MINUTE)), Some(Ended::Idle));
    assert_eq!(ended(&world, 2, NOW.plus_secs(IDLE_SECS - 1)), None);
    for minutes in [9, 18, 27] {
        let now = NOW.plus_secs(minutes * MINUTE);
        assert_eq!(ended(&world, 1, now), None);
        world.write(move |tx| Ok(touch(tx, session_id(1), now)?)).unwrap();
    }
    assert_eq!(ended(&world, 1, NOW.plus_secs(30 * MINUTE)), Some(Ended::Expired), "however busy it was");
    let me = acting(&world.store, &user, world.a, NOW);
    let listed = |now| list_own(&world.store.read(), &me, 10, now).unwrap();
    assert_eq!(listed(NOW)[0].expires_at, NOW.plus_secs(30 * MINUTE));
    assert!(listed(NOW.plus_secs(30 * MINUTE)).is_empty());
    // A session that has ended gets no new cookie.
    let renewed = (cookie(9), CsrfSecret([8; 32]));
    let now = NOW.plus_secs(30 * MINUTE);
    let (again, actor) = (renewed.clone(), me.clone());
    let late = world.write(move |tx| {
        reauthenticate(tx, &actor, session_id(1), again.clone(), Evidence::of(&[Method::Password], now), now)
    });
    assert_eq!(code(late), "session_not_found");
    // The instance's limits again, and the old session lives by them.
    policy(&world, Application, None, None);
    assert_eq!(ended(&world, 1, now), None);
    // A longer life than the instance gives, for who signs in from now on; nothing ends for lying unused.
    policy(&world, Custom, Some(7 * 24 * 60), None);
    sign_in(&world, &user, world.a, 3);
    assert_eq!(ended(&world, 1, NOW.plus_secs(MAX_LIFE_SECS)), Some(Ended::Expired));
    assert_eq!(ended(&world, 3, NOW.plus_secs(7 * 86_400 - 1)), None);
    assert_eq!(ended(&world, 3, NOW.plus_secs(7 * 86_400)), Some(Ended::Expired));
    let ends = ends(&world.store.read(), &get(&world.store.read(), &all(), session_id(3)).unwrap(), IDLE_SECS).unwrap();
    assert_eq!(ends, Ends { absolute: NOW.plus_secs(7 * 86_400), idle: None });
}

#[test]
fn where_sessions_lie_unused_for_a_minute_only_uses_are_noted_in_time() {
    let world = World::new();
    let user = world.user(100, "u@a.example", world.a, Role::TenantUser);
    policy(&world, tenancy::PolicySource::Custom, Some(60), Some(1));
    sign_in(&world, &user, world.a, 1);
    for secs in [20, 40, 60, 80, 100] {
        let now = NOW.plus_secs(secs);
        match resolve_id(&world.store.read(), session_id(1), now, IDLE_SECS).unwrap() {
            State::Live { stale: true, .. } => world.write(move |tx| Ok(touch(tx, session_id(1), now)?)).unwrap(),
            other => panic!("{secs}: {other:?}"),
        }
    }
    assert_eq!(ended(&world, 1, NOW.plus_secs(160)), Some(Ended::Idle));
}

#[test]
fn a_session_that_cannot_be_read_takes_the_list_from_nobody() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    for id in [1, 2, 3] {
        sign_in(&world, &alice, world.a, id);
    }
    world.write(|tx| Ok(tx.put_encoded(&Session::TABLE, &session_id(2), &[0xff])?)).unwrap();
    let filters = [
        Filter::default(),
        Filter { user: Some(alice.id), ..Filter::default() },
        Filter { tenant: world.a.tenant(), ..Filter::default() },
        Filter { partner: world.a.partner(), ..Filter::default() },
    ];
    for filter in filters {
        let found = list(&world.store.read(), &all(), filter, 100, NOW).unwrap();
        assert_eq!(found.iter().map(|session| session.id.raw()).collect::<Vec<_>>(), [3, 1], "{filter:?}");
        let filter = Filter { before: Some(session_id(3)), ..filter };
        assert_eq!(list(&world.store.read(), &all(), filter, 100, NOW).unwrap().len(), 1, "{filter:?}");
    }
    world.write(move |tx| Ok(sign_out(tx, alice.id, NOW)?)).unwrap();
    assert_eq!((ended(&world, 1, NOW), ended(&world, 3, NOW)), (Some(Ended::SignedOut), Some(Ended::SignedOut)));
}

#[test]
fn a_partner_lists_the_sessions_of_its_tenants_wherever_these_go() {
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    for (id, place) in [(1, world.a), (2, world.a), (3, world.b), (4, world.c)] {
        sign_in(&world, &alice, place, id);
    }
    let under = |partner| {
        let filter = Filter { partner: Some(partner), ..Filter::default() };
        let found = list(&world.store.read(), &all(), filter, 100, NOW).unwrap();
        found.iter().map(|session| session.id.raw()).collect::<Vec<_>>()
    };
    let (p, q) = (p(), world.c.partner().unwrap());
    assert_eq!((under(p), under(q)), (vec![3, 2, 1], vec![4]));
    let b = world.b.tenant().unwrap();
    let patch = tenancy::TenantPatch { partner: Some(q), ..tenancy::TenantPatch::default() };
    world.write(move |tx| tenancy::update_tenant(tx, &all(), b, &patch, NOW)).unwrap();
    assert_eq!((under(p), under(q)), (vec![2, 1], vec![4, 3]));
    world.write(move |tx| tenancy::delete_tenant(tx, &all(), b, NOW)).unwrap();
    assert_eq!((under(p), under(q)), (vec![2, 1], vec![4]));
    // A file from before there was such a list gets it, and what is swept leaves nothing in it.
    world.write(|tx| Ok(list_by_partner(tx)?)).unwrap();
    assert_eq!((under(p), under(q)), (vec![2, 1], vec![4]));
    let over = NOW.plus_secs(MAX_LIFE_SECS + 8 * 86_400);
    assert_eq!(world.write(move |tx| Ok(sweep(tx, over, 100)?)).unwrap(), 4);
    assert!(super::table::is_listed_nowhere(&world.store.read()));
}

#[test]
fn a_users_sessions_tell_what_became_of_them() {
    use crate::store::{Seek, Window};
    let world = World::new();
    let alice = world.user(100, "alice@a.example", world.a, Role::TenantUser);
    for (id, place) in [(1, world.a), (2, world.a), (3, world.b), (4, world.a)] {
        sign_in(&world, &alice, place, id);
    }
    let me = acting(&world.store, &alice, world.a, NOW);
    world.write(move |tx| end(tx, &me, session_id(1), NOW)).unwrap();
    world.write(move |tx| end_by_admin(tx, &all(), session_id(2), NOW)).unwrap();
    let show = |granted: &crate::access::Granted<permit::ReadSessions>, wanted: &OfUser, window, now| {
        let found = of_user(&world.store.read(), granted, alice.id, wanted, window, now, IDLE_SECS).unwrap();
        let line = |(session, ends): &(Session, Ends)| (session.id.raw(), session.standing(ends, now).name());
        (found.items.iter().map(line).collect::<Vec<_>>(), found.total)
    };
    let (any, ten) = (OfUser::default(), Window::new(Seek::Start, 10));
    let everywhere = [(4, "active"), (3, "active"), (2, "revoked"), (1, "logout")];
    assert_eq!(show(&all(), &any, ten, NOW), (everywhere.to_vec(), 4));
    let admin = grant(&holder(Role::TenantAdmin, world.a), world.a);
    assert_eq!(show(&admin, &any, ten, NOW).0, [(4, "active"), (2, "revoked"), (1, "logout")]);
    assert_eq!(show(&admin, &any, Window::new(Seek::OlderThan(4), 1), NOW), (vec![(2, "revoked")], 3));
    let ended = OfUser { standing: vec![SessionState::Logout, SessionState::Revoked], ..OfUser::default() };
    assert_eq!(show(&all(), &ended, ten, NOW).0, [(2, "revoked"), (1, "logout")]);
    let idle = NOW.plus_secs(IDLE_SECS);
    assert_eq!(show(&all(), &any, ten, idle).0[0], (4, "expired"));
    let later = OfUser { from: Some(NOW.plus_secs(1)), ..OfUser::default() };
    assert_eq!(show(&all(), &later, ten, NOW), (vec![], 0));
    let before = OfUser { until: Some(NOW), ..OfUser::default() };
    assert_eq!(show(&all(), &before, ten, NOW), (vec![], 0));
    let old = postcard::to_allocvec(&get(&world.store.read(), &all(), session_id(4)).unwrap()).unwrap();
    // Version 1 ended before the last three fields, each later one a field later: a byte each.
    for (version, cut) in [(1, 3), (2, 2), (3, 1)] {
        let read = <Session as crate::store::Row>::upgrade(version, &old[..old.len() - cut]).unwrap();
        assert_eq!(
            (read.id, read.signed_out, read.methods),
            (session_id(4), false, Evidence::of(&[Method::Password], NOW).methods())
        );
    }
}
