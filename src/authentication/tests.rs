//! Signing in, on a store in memory and a clock that stands still.

use super::*;
use crate::access::{Actor, Credential, Origin, Proof, Role};
use crate::audit;
use crate::base::id::RequestId;
use crate::base::{Email, Id, Kind, Problem, Secret};
use crate::crypto::password::Passwords;
use crate::crypto::totp::{self, from_base32, step_at};
use crate::people::NewMembership;
use crate::people::{self, NewUser, Status, UserPatch};
use crate::stack::Stack;
use crate::stack::testkit::{stack, stack_with};
use crate::store::WriteTx;
use crate::tenancy::{self, testkit};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

pub(super) const PASSWORD: &str = "correct horse battery";

pub(super) fn from(last: u8) -> Origin {
    Origin { request: RequestId::from_raw(1), ip: Some(IpAddr::from([192, 0, 2, last])), user_agent: None }
}

/// A user of the default tenant, with a password unless it is said otherwise.
pub(super) async fn user(stack: &Stack, email: &str, status: Status, has_password: bool) -> User {
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let hash = stack.passwords.hash(Secret::new(PASSWORD.to_owned())).await.unwrap();
    let new = NewUser {
        password_hash: has_password.then_some(hash),
        status,
        ..NewUser::local(Email::parse(email).unwrap(), tenant, Role::TenantUser)
    };
    let (granted, id, now) = (testkit::all(), stack.new_id(), stack.now());
    stack.store.write(move |tx| people::create(tx, &granted, &new, id, now)).await.unwrap()
}

async fn attempt(
    stack: &Stack,
    email: &str,
    password: &str,
    wish: TenantChoice,
    origin: &Origin,
) -> Result<Next, Problem> {
    let password = Secret::new(password.to_owned());
    check_password(stack, Attempt { email, password, wish, origin, device: None, admins_only: false }).await
}

pub(super) async fn done(stack: &Stack, email: &str, origin: &Origin) -> Box<Proven> {
    match attempt(stack, email, PASSWORD, TenantChoice::Home, origin).await.unwrap() {
        Next::Done(proven) => proven,
        other => panic!("{other:?}"),
    }
}

/// Everybody who is refused, and why.
const REFUSED: [(&str, &str); 6] = [
    ("nobody@acme.example", PASSWORD),
    ("active@acme.example", "wrong"),
    ("disabled@acme.example", PASSWORD),
    ("suspended@acme.example", PASSWORD),
    ("invited@acme.example", PASSWORD),
    ("bare@acme.example", PASSWORD),
];

async fn everybody(stack: &Stack) {
    user(stack, "active@acme.example", Status::Active, true).await;
    user(stack, "disabled@acme.example", Status::Disabled, true).await;
    user(stack, "suspended@acme.example", Status::Suspended, true).await;
    user(stack, "invited@acme.example", Status::Invited, true).await;
    user(stack, "bare@acme.example", Status::Active, false).await;
}

#[tokio::test]
async fn whatever_was_wrong_the_answer_and_the_work_are_the_same() {
    let stack = stack();
    everybody(&stack).await;
    let mut answers = Vec::new();
    for (email, password) in REFUSED.into_iter().chain([("no e-mail at all", PASSWORD), ("", PASSWORD)]) {
        let before = stack.passwords.compared();
        let refusal = attempt(&stack, email, password, TenantChoice::Home, &from(1)).await.unwrap_err();
        assert_eq!(stack.passwords.compared() - before, 1, "{email}: one comparison, whoever it is");
        answers.push(format!("{:?} {} {} {:?}", refusal.kind, refusal.code, refusal.message, refusal.details));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let refusal =
        attempt(&stack, "active@acme.example", PASSWORD, TenantChoice::In(TenantId::from_raw(7)), &from(1)).await;
    assert_eq!(refusal.unwrap_err().code, "invalid_credentials", "a tenant that the account is not in");
    // What nobody waits for is committed with the next write.
    stack.store.write(|_| Ok::<_, crate::store::StoreError>(())).await.unwrap();
    let refused = audit_of_logins(&stack.store.read());
    assert_eq!(refused, 8, "each is in the log");
}

fn audit_of_logins(tx: &impl crate::store::Read) -> usize {
    let page = audit::list(tx, crate::access::Place::Platform, &audit::Filter::default(), None, 0, 100).unwrap();
    page.rows.iter().filter(|(_, row)| row.event.action == "login").count()
}

/// The greatest distance between two distributions (Kolmogorov and Smirnov).
fn distance(a: &[u128], b: &[u128]) -> f64 {
    let below = |all: &[u128], at: u128| all.iter().filter(|time| **time <= at).count() as f64 / all.len() as f64;
    a.iter().chain(b).map(|at| (below(a, *at) - below(b, *at)).abs()).fold(0.0, f64::max)
}

/// With the true cost, taken in turns, so that what else the machine does falls on all alike. Two samples of 40 of one
/// distribution are more than 0.55 apart once in 100,000 times; without the work for strangers they are 1 apart.
#[tokio::test]
async fn times_do_not_tell_who_there_is() {
    let stack = stack_with(Passwords::default());
    everybody(&stack).await;
    let groups = [REFUSED[0], REFUSED[1], REFUSED[2], REFUSED[5]];
    let mut times = vec![Vec::new(); groups.len()];
    for round in 0..40u8 {
        stack.clock.advance_secs(1000);
        for (group, (email, password)) in groups.iter().enumerate() {
            let start = Instant::now();
            attempt(&stack, email, password, TenantChoice::Home, &from(round)).await.unwrap_err();
            times[group].push(start.elapsed().as_micros());
        }
    }
    for other in &times[1..] {
        let apart = distance(&times[0], other);
        assert!(apart < 0.55, "{apart}");
    }
}

#[tokio::test]
async fn accounts_and_networks_wait_and_a_success_frees_its_own_account_only() {
    let stack = stack();
    for name in ["alice", "bob"] {
        user(&stack, &format!("{name}@acme.example"), Status::Active, true).await;
    }
    let limits = stack.config.auth.clone();
    let status = |result: Result<Next, Problem>| result.map(|_| ()).map_err(|problem| problem.code);
    for _ in 0..limits.attempts_per_account {
        let got = attempt(&stack, "ALICE@acme.example", "wrong", TenantChoice::Home, &from(1)).await;
        assert_eq!(status(got), Err("invalid_credentials"));
    }
    let compared = stack.passwords.compared();
    let got = attempt(&stack, "alice@acme.example", PASSWORD, TenantChoice::Home, &from(1)).await.unwrap_err();
    assert!(matches!(got.kind, Kind::RateLimited { retry_after_secs: 900 }), "{got:?}");
    let ghost: Vec<_> = {
        let mut all = Vec::new();
        for _ in 0..=limits.attempts_per_account {
            all.push(status(attempt(&stack, "ghost@acme.example", "wrong", TenantChoice::Home, &from(3)).await));
        }
        all
    };
    assert_eq!(ghost.last(), Some(&Err("too_many_attempts")), "an account that is none waits just so");
    assert_eq!(
        stack.passwords.compared() - compared,
        u64::from(limits.attempts_per_account),
        "who waits costs nothing"
    );
    assert!(
        attempt(&stack, "bob@acme.example", PASSWORD, TenantChoice::Home, &from(1)).await.is_ok(),
        "another does not wait"
    );
    let got = attempt(&stack, "alice@acme.example", PASSWORD, TenantChoice::Home, &from(1)).await;
    assert_eq!(status(got), Err("too_many_attempts"), "and frees nobody else");
    assert!(
        attempt(&stack, "alice@acme.example", PASSWORD, TenantChoice::Home, &from(2)).await.is_ok(),
        "nor elsewhere"
    );
    stack.clock.advance_secs(i64::from(limits.wait_secs));
    assert!(attempt(&stack, "alice@acme.example", PASSWORD, TenantChoice::Home, &from(1)).await.is_ok());

    for n in 0..limits.attempts_per_network {
        let email = format!("victim-{n}@acme.example");
        assert_eq!(
            status(attempt(&stack, &email, "wrong", TenantChoice::Home, &from(9)).await),
            Err("invalid_credentials")
        );
        // One known password between the guesses buys no more of them.
        if n % 5 == 0 {
            assert!(attempt(&stack, "bob@acme.example", PASSWORD, TenantChoice::Home, &from(9)).await.is_ok());
        }
    }
    let got = attempt(&stack, "bob@acme.example", PASSWORD, TenantChoice::Home, &from(9)).await;
    assert_eq!(status(got), Err("too_many_attempts"), "the network waits");
    assert!(
        attempt(&stack, "bob@acme.example", PASSWORD, TenantChoice::Home, &from(10)).await.is_ok(),
        "others do not"
    );
}

#[tokio::test]
async fn identify_answers_alike_and_its_token_works_once() {
    let stack = stack();
    user(&stack, "alice@acme.example", Status::Active, true).await;
    let known = identify(&stack, " alice@acme.example ", &from(1)).await.unwrap();
    let long = "x".repeat(5000);
    for stranger in ["nobody@acme.example", "not an address", "", &long] {
        let found = identify(&stack, stranger, &from(1)).await.unwrap();
        assert!(found.tenants.is_empty() && known.tenants.is_empty());
        assert!(!found.flow_token.is_empty() && found.flow_token.len() < 1024);
    }
    let same = identify(&stack, "bobby@acme.example", &from(1)).await.unwrap();
    assert_eq!(same.flow_token.len(), known.flow_token.len());
    assert_eq!(open_flow(&stack, &known.flow_token).unwrap(), "alice@acme.example");
    use_flow(&stack, &known.flow_token).await.unwrap();
    assert_eq!(open_flow(&stack, &known.flow_token).unwrap_err().code, "invalid_flow_token");
    assert_eq!(use_flow(&stack, &known.flow_token).await.unwrap_err().code, "invalid_flow_token");
    stack.clock.advance_secs(FLOW_SECS);
    assert_eq!(open_flow(&stack, &same.flow_token).unwrap_err().code, "invalid_flow_token");
    let now = stack.now();
    let swept = stack.store.write(move |tx| sweep(tx, now, 10)).await.unwrap();
    assert_eq!(swept, 1, "the mark goes when the token could not be used anyway");
}

#[tokio::test]
async fn of_many_uses_of_a_flow_token_at_once_one_counts() {
    let stack = stack();
    let token = identify(&stack, "alice@acme.example", &from(1)).await.unwrap().flow_token;
    let uses: Vec<_> = (0..50)
        .map(|_| {
            let (stack, token) = (Arc::clone(&stack), token.clone());
            tokio::spawn(async move { use_flow(&stack, &token).await.is_ok() })
        })
        .collect();
    let mut good = 0;
    for one in uses {
        good += usize::from(one.await.unwrap());
    }
    assert_eq!(good, 1);
}

#[tokio::test]
async fn several_tenants_are_named_after_the_password_only() {
    let stack = stack();
    let alice = user(&stack, "alice@acme.example", Status::Active, true).await;
    assert!(matches!(
        attempt(&stack, "alice@acme.example", PASSWORD, TenantChoice::TheOnlyOne, &from(1)).await,
        Ok(Next::Done(_))
    ));
    let (id, partner, now) = (
        stack.new_id(),
        tenancy::tenant(&stack.store.read(), alice.home_tenant).unwrap().unwrap().partner,
        stack.now(),
    );
    let (tenants, members) = (testkit::all(), testkit::all::<crate::access::permit::WriteUsers>());
    let user_id = alice.id;
    let second = stack
        .store
        .write(move |tx| {
            let made = tenancy::create_tenant(tx, &tenants, &testkit::new_tenant("second", partner), id, now)?;
            people::add_membership(
                tx,
                &members,
                &people::UserRef::Id(user_id),
                made.id,
                &NewMembership::at_once(Role::TenantUser),
                now,
            )?;
            Ok::<_, Problem>(made)
        })
        .await
        .unwrap();
    let refusal = attempt(&stack, "alice@acme.example", "wrong", TenantChoice::TheOnlyOne, &from(1)).await.unwrap_err();
    assert_eq!((refusal.code, refusal.details.len()), ("invalid_credentials", 0));
    let refusal =
        attempt(&stack, "alice@acme.example", PASSWORD, TenantChoice::TheOnlyOne, &from(1)).await.unwrap_err();
    assert_eq!((refusal.code, refusal.details[0].1.as_array().unwrap().len()), ("tenant_required", 2));
    match attempt(&stack, "alice@acme.example", PASSWORD, TenantChoice::In(second.id), &from(1)).await.unwrap() {
        Next::Done(proven) => {
            let started = start_session(&stack, &proven, &from(1)).await.unwrap();
            assert_eq!(started.session.tenant, second.id);
        }
        other => panic!("{other:?}"),
    }
}

/// Turns a second factor on; gives its secret.
pub(super) async fn enrol(stack: &Stack, actor: &Actor) -> Vec<u8> {
    let granted = Arc::new(actor.clone()).grant(actor.home()).unwrap();
    let setup = begin_totp(stack, &granted).await.unwrap();
    let secret = from_base32(setup.secret.expose());
    let code = Secret::new(totp::code(&secret, step_at(stack.now())));
    assert_eq!(confirm_totp(stack, &granted, &code).await.unwrap().len(), 10);
    stack.clock.advance_secs(30);
    secret
}

pub(super) fn acting(stack: &Stack, user: &User, started: &Started) -> Arc<Actor> {
    let home = tenancy::place_of(&stack.store.read(), user.home_tenant).unwrap().unwrap();
    let mut actor = Actor::clone(&testkit::acting(&stack.store, user, home, stack.now()));
    actor.credential = Credential::Session { id: started.session.id };
    Arc::new(actor)
}

#[tokio::test]
async fn of_many_with_the_same_code_at_once_one_comes_in() {
    let stack = stack();
    let alice = user(&stack, "alice@acme.example", Status::Active, true).await;
    let started = start_session(&stack, &*done(&stack, "alice@acme.example", &from(1)).await, &from(1)).await.unwrap();
    let secret = enrol(&stack, &acting(&stack, &alice, &started)).await;
    let mut tokens = Vec::new();
    for _ in 0..8 {
        match attempt(&stack, "alice@acme.example", PASSWORD, TenantChoice::Home, &from(1)).await.unwrap() {
            Next::SecondFactor(challenge) => tokens.push(challenge.mfa_token),
            other => panic!("{other:?}"),
        }
    }
    let code = Secret::new(totp::code(&secret, step_at(stack.now())));
    let tries: Vec<_> = tokens
        .into_iter()
        .map(|token| {
            let (stack, code) = (Arc::clone(&stack), code.clone());
            tokio::spawn(async move { second_factor(&stack, &token, &code, &from(1), None).await.is_ok() })
        })
        .collect();
    let mut good = 0;
    for one in tries {
        good += usize::from(one.await.unwrap());
    }
    assert_eq!(good, 1);
}

#[tokio::test]
async fn a_code_after_a_new_password_or_for_a_switched_off_account_opens_nothing() {
    let stack = stack();
    let alice = user(&stack, "alice@acme.example", Status::Active, true).await;
    let started = start_session(&stack, &*done(&stack, "alice@acme.example", &from(1)).await, &from(1)).await.unwrap();
    let secret = enrol(&stack, &acting(&stack, &alice, &started)).await;
    let token =
        async || match attempt(&stack, "alice@acme.example", PASSWORD, TenantChoice::Home, &from(1)).await.unwrap() {
            Next::SecondFactor(challenge) => challenge.mfa_token,
            other => panic!("{other:?}"),
        };
    let (first, second) = (token().await, token().await);
    stack.clock.advance_secs(30);
    let code = Secret::new(totp::code(&secret, step_at(stack.now())));
    let (id, now) = (alice.id, stack.now());
    let phc = stack.passwords.hash(Secret::new(PASSWORD.to_owned())).await.unwrap();
    let set = move |tx: &mut WriteTx<'_>| people::set_password(tx, &testkit::all(), id, &phc, now);
    stack.store.write(set).await.unwrap();
    assert_eq!(second_factor(&stack, &first, &code, &from(1), None).await.unwrap_err().code, "invalid_mfa_token");
    let third = token().await;
    let off = UserPatch { status: Some(Status::Disabled), ..UserPatch::default() };
    stack
        .store
        .write(move |tx| people::update(tx, &testkit::all::<crate::access::permit::WriteUsers>(), id, &off, now))
        .await
        .unwrap();
    for dead in [second, third] {
        assert_eq!(second_factor(&stack, &dead, &code, &from(1), None).await.unwrap_err().code, "invalid_mfa_token");
    }
}

#[tokio::test]
async fn a_session_must_be_recent_and_the_password_makes_it_so() {
    let stack = stack();
    let alice = user(&stack, "alice@acme.example", Status::Active, true).await;
    let started = start_session(&stack, &*done(&stack, "alice@acme.example", &from(1)).await, &from(1)).await.unwrap();
    let actor = acting(&stack, &alice, &started);
    let proof = |started: &Started| {
        let step_up_secs = i64::from(stack.config.sessions.step_up_secs);
        started.session.evidence().proof(stack.now(), step_up_secs)
    };
    assert_eq!(proof(&started), Proof::Recent);
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs) - 1);
    assert_eq!(proof(&started), Proof::Recent);
    stack.clock.advance_secs(1);
    assert_eq!(proof(&started), Proof::Stale);
    let id = started.session.id;
    let wrong = reauthenticate(&stack, &actor, id, Secret::new("wrong".to_owned())).await;
    assert_eq!(wrong.unwrap_err().code, "invalid_credentials");
    let again = reauthenticate(&stack, &actor, id, Secret::new(PASSWORD.to_owned())).await.unwrap();
    assert_ne!(again.cookie.expose(), started.cookie.expose());
    assert_ne!(again.session.csrf_secret, started.session.csrf_secret);
    assert_eq!(proof(&again), Proof::Recent);
}

#[tokio::test]
async fn an_old_hash_is_renewed_while_the_password_is_at_hand() {
    let stack = stack_with(Passwords::default());
    let alice = user(&stack, "alice@acme.example", Status::Active, true).await;
    let old = Passwords::for_tests().hash(Secret::new(PASSWORD.to_owned())).await.unwrap();
    let (id, have, weak) = (alice.id, alice.password_hash.unwrap(), old.clone());
    stack.store.write(move |tx| people::rehash_password(tx, id, &have, &weak)).await.unwrap();
    done(&stack, "alice@acme.example", &from(1)).await;
    stack.store.write(|_| Ok::<_, crate::store::StoreError>(())).await.unwrap();
    let now = people::user(&stack.store.read(), id).unwrap().unwrap().password_hash.unwrap();
    assert!(now != old && !stack.passwords.needs_rehash(&now), "{now}");
    done(&stack, "alice@acme.example", &from(1)).await;
}
