//! Guessing, also in parallel; and what was proven with a password that is another one by now.

use super::tests::{PASSWORD, acting, done, enrol, from, user};
use super::*;
use crate::access::{Origin, Place};
use crate::audit;
use crate::base::id::RequestId;
use crate::base::{Id, Problem, Secret};
use crate::crypto::totp;
use crate::people::{self, Status};
use crate::stack::Stack;
use crate::stack::testkit::stack;
use crate::store::WriteTx;
use crate::tenancy::testkit;
use std::net::IpAddr;
use std::sync::Arc;

const ALICE: &str = "alice@acme.example";

fn at(n: u16) -> Origin {
    let [high, low] = n.to_be_bytes();
    Origin { request: RequestId::from_raw(1), ip: Some(IpAddr::from([198, 51, high, low])), user_agent: None }
}

async fn tried(
    stack: &Stack,
    password: &str,
    origin: &Origin,
    device: Option<&KnownDevice>,
) -> Result<Next, &'static str> {
    let (password, wish) = (Secret::new(password.to_owned()), TenantChoice::Home);
    let attempt = Attempt { email: ALICE, password, wish, origin, device, admins_only: false };
    check_password(stack, attempt).await.map_err(|problem| problem.code)
}

/// Tries a wrong password so often at once; gives how many hashes were compared.
async fn at_once(stack: &Arc<Stack>, times: u16, place: fn(u16) -> Origin, device: Option<&KnownDevice>) -> u64 {
    let before = stack.passwords.compared();
    let tries: Vec<_> = (0..times)
        .map(|n| {
            let (stack, device) = (Arc::clone(stack), device.cloned());
            tokio::spawn(async move { tried(&stack, "wrong", &place(n), device.as_ref()).await.map(|_| ()) })
        })
        .collect();
    for one in tries {
        let code = one.await.unwrap().unwrap_err();
        assert!(["invalid_credentials", "too_many_attempts", "service_unavailable"].contains(&code), "{code}");
    }
    stack.passwords.compared() - before
}

/// The browser in which somebody has signed in.
async fn device_of(stack: &Stack, user: &User) -> KnownDevice {
    let kept = KnownDevice::remember(stack, None, user.id).unwrap().unwrap();
    KnownDevice::read(stack, &kept).unwrap()
}

async fn set_password(stack: &Stack, user: &User, password: &str) {
    let phc = stack.passwords.hash(Secret::new(password.to_owned())).await.unwrap();
    set_hash(stack, user, phc).await;
}

async fn set_hash(stack: &Stack, user: &User, phc: String) {
    let (id, now) = (user.id, stack.now());
    let set = move |tx: &mut WriteTx<'_>| people::set_password(tx, &testkit::all(), id, &phc, now);
    stack.store.write(set).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_300_guesses_at_once_exactly_as_many_are_compared_as_may_be_wrong() {
    let stack = stack();
    let alice = user(&stack, ALICE, Status::Active, true).await;
    let device = device_of(&stack, &alice).await;
    assert_eq!(at_once(&stack, 300, |_| at(1), None).await, 10, "from one network");
    assert_eq!(at_once(&stack, 300, |n| at(n + 2), None).await, 90, "from 300 networks; with the ten above 100");
    assert_eq!(at_once(&stack, 300, at, Some(&device)).await, 10, "from a known browser");
}

#[tokio::test]
async fn many_at_once_with_the_right_password_all_come_in() {
    let stack = stack();
    user(&stack, ALICE, Status::Active, true).await;
    let origin = at(1);
    let all = futures_util::future::join_all((0..120).map(|_| tried(&stack, PASSWORD, &origin, None))).await;
    assert!(all.iter().all(|one| matches!(one, Ok(Next::Done(_)))));
}

#[tokio::test]
async fn wrong_tries_of_strangers_lock_neither_a_known_browser_nor_a_step_up() {
    let stack = stack();
    let alice = user(&stack, ALICE, Status::Active, true).await;
    let bob = user(&stack, "bob@acme.example", Status::Active, true).await;
    let started = start_session(&stack, &*done(&stack, ALICE, &from(1)).await, &from(1)).await.unwrap();
    let (device, foreign) = (device_of(&stack, &alice).await, device_of(&stack, &bob).await);
    for n in 0..100 {
        assert_eq!(tried(&stack, "wrong", &at(n), None).await.unwrap_err(), "invalid_credentials");
    }
    assert_eq!(tried(&stack, PASSWORD, &from(1), None).await.unwrap_err(), "too_many_attempts");
    assert_eq!(tried(&stack, PASSWORD, &from(1), Some(&foreign)).await.unwrap_err(), "too_many_attempts");
    assert!(tried(&stack, PASSWORD, &from(1), Some(&device)).await.is_ok());
    let (actor, id) = (acting(&stack, &alice, &started), started.session.id);
    for _ in 0..stack.config.auth.attempts_per_account {
        let wrong = reauthenticate(&stack, &actor, id, Secret::new("wrong".to_owned())).await;
        assert_eq!(wrong.unwrap_err().code, "invalid_credentials");
    }
    let right = || reauthenticate(&stack, &actor, id, Secret::new(PASSWORD.to_owned()));
    assert_eq!(right().await.unwrap_err().code, "too_many_attempts", "the session is bounded by itself");
    stack.clock.advance_secs(i64::from(stack.config.auth.wait_secs));
    assert!(right().await.is_ok());
}

#[tokio::test]
async fn a_known_browser_is_sealed_and_dies_with_the_password() {
    let stack = stack();
    let alice = user(&stack, ALICE, Status::Active, true).await;
    let kept = KnownDevice::remember(&stack, None, alice.id).unwrap().unwrap();
    assert!(KnownDevice::read(&stack, &kept[1..]).is_none() && KnownDevice::read(&stack, "").is_none());
    let device = KnownDevice::read(&stack, &kept).unwrap();
    at_once(&stack, 100, at, None).await;
    assert!(tried(&stack, PASSWORD, &at(200), Some(&device)).await.is_ok());
    set_password(&stack, &alice, "quite another horse").await;
    let old = tried(&stack, "quite another horse", &at(200), Some(&device)).await;
    assert_eq!(old.unwrap_err(), "too_many_attempts", "whoever knew the old password has no browsers left");
    stack.clock.advance_secs(DEVICE_SECS);
    assert!(KnownDevice::read(&stack, &kept).is_none());
}

#[tokio::test]
async fn an_old_password_that_waits_for_its_turn_across_a_reset_opens_nothing() {
    let stack = stack();
    let alice = user(&stack, ALICE, Status::Active, true).await;
    let started = start_session(&stack, &*done(&stack, ALICE, &from(1)).await, &from(1)).await.unwrap();
    let proven = done(&stack, ALICE, &from(1)).await;
    let actor = acting(&stack, &alice, &started);
    let phc = stack.passwords.hash(Secret::new("quite another horse".to_owned())).await.unwrap();
    let held = stack.passwords.hold().await;
    let (queued, again) = (Arc::clone(&stack), Arc::clone(&stack));
    let sign_in = tokio::spawn(async move { tried(&queued, PASSWORD, &from(1), None).await.map(|_| ()) });
    let (who, id) = (Arc::clone(&actor), started.session.id);
    let secret = || Secret::new(PASSWORD.to_owned());
    let step_up = tokio::spawn(async move { reauthenticate(&again, &who, id, secret()).await.map(|_| ()) });
    while stack.passwords.waiting() < 2 {
        tokio::task::yield_now().await;
    }
    set_hash(&stack, &alice, phc).await;
    drop(held);
    assert_eq!(sign_in.await.unwrap(), Err("invalid_credentials"));
    assert_eq!(step_up.await.unwrap().unwrap_err().code, "invalid_credentials");
    // What was proven before the reset, and is used after it.
    assert_eq!(start_session(&stack, &proven, &from(1)).await.unwrap_err().code, "invalid_credentials");
    let renewed = renew_session(&stack, &proven, &actor, started.session.id).await;
    assert_eq!(renewed.unwrap_err().code, "invalid_credentials");
    assert!(tried(&stack, "quite another horse", &from(1), None).await.is_ok());
}

#[tokio::test]
async fn a_proof_is_worth_nothing_once_the_account_is_switched_off() {
    let stack = stack();
    let alice = user(&stack, ALICE, Status::Active, true).await;
    let proven = done(&stack, ALICE, &from(1)).await;
    let (id, now) = (alice.id, stack.now());
    let off = people::UserPatch { status: Some(Status::Suspended), ..Default::default() };
    let write = move |tx: &mut WriteTx<'_>| people::update(tx, &testkit::all(), id, &off, now);
    stack.store.write(write).await.unwrap();
    assert_eq!(start_session(&stack, &proven, &from(1)).await.unwrap_err().code, "invalid_credentials");
}

/// The rows of refused sign-ins: method and who was claimed.
async fn refusals(stack: &Stack) -> Vec<(String, String)> {
    stack.store.write(|_| Ok::<_, Problem>(())).await.unwrap();
    let filter = audit::Filter { failed: Some(true), ..audit::Filter::default() };
    let page = audit::list(&stack.store.read(), Place::Platform, &filter, None, 0, 1000).unwrap();
    let of = |event: &audit::Event| (event.details[0].1.clone(), event.actor.name.clone());
    page.rows.iter().map(|(_, row)| of(&row.event)).collect()
}

#[tokio::test]
async fn of_100_codes_at_once_ten_are_looked_at() {
    let stack = stack();
    let alice = user(&stack, ALICE, Status::Active, true).await;
    let started = start_session(&stack, &*done(&stack, ALICE, &from(1)).await, &from(1)).await.unwrap();
    let secret = enrol(&stack, &acting(&stack, &alice, &started)).await;
    let Ok(Next::SecondFactor(challenge)) = tried(&stack, PASSWORD, &from(1), None).await else { panic!() };
    let wrong = Secret::new("000000".to_owned());
    let all = (0..100).map(async |n| second_factor(&stack, &challenge.mfa_token, &wrong, &at(n), None).await.map(drop));
    let codes = futures_util::future::join_all(all).await;
    assert!(codes.iter().all(Result::is_err));
    let looked_at = refusals(&stack).await.iter().filter(|(method, _)| method == "second_factor").count();
    assert_eq!(looked_at, 10, "wherever they come from: who is asked for one knows the password");
    let code = Secret::new(totp::code(&secret, totp::step_at(stack.now())));
    let owner = second_factor(&stack, &challenge.mfa_token, &code, &from(1), None).await;
    assert_eq!(owner.unwrap_err().code, "too_many_attempts");
    let device = device_of(&stack, &alice).await;
    assert!(second_factor(&stack, &challenge.mfa_token, &code, &from(1), Some(&device)).await.is_ok());
}

#[tokio::test]
async fn what_is_typed_in_the_place_of_an_address_stays_out_of_the_log() {
    let stack = stack();
    user(&stack, ALICE, Status::Active, true).await;
    for typed in ["hunter2", "hunter2@work", "p@55.w0rd", "", " Alice@Acme.example ", "nobody@acme.example"] {
        let (password, origin) = (Secret::new("wrong".to_owned()), from(1));
        let attempt = Attempt {
            email: typed,
            password,
            wish: TenantChoice::Home,
            origin: &origin,
            device: None,
            admins_only: false,
        };
        assert!(check_password(&stack, attempt).await.is_err());
    }
    let mut claimed: Vec<_> = refusals(&stack).await.into_iter().map(|(_, name)| name).collect();
    claimed.sort();
    let fixed = "(not an e-mail address)";
    assert_eq!(claimed, [fixed, fixed, fixed, fixed, ALICE, "nobody@acme.example"]);
}

#[tokio::test]
async fn only_all_factors_tell_who_is_no_administrator() {
    let stack = stack();
    let alice = user(&stack, ALICE, Status::Active, true).await;
    let knock = async |password: &str| {
        let (password, origin) = (Secret::new(password.to_owned()), from(1));
        let attempt = Attempt {
            email: ALICE,
            password,
            wish: TenantChoice::Home,
            origin: &origin,
            device: None,
            admins_only: true,
        };
        check_password(&stack, attempt).await
    };
    assert_eq!(knock("wrong").await.unwrap_err().code, "invalid_credentials");
    assert_eq!(knock(PASSWORD).await.unwrap_err().code, "not_an_admin", "there is no other factor to show");
    let started = start_session(&stack, &*done(&stack, ALICE, &from(1)).await, &from(1)).await.unwrap();
    let secret = enrol(&stack, &acting(&stack, &alice, &started)).await;
    let Next::SecondFactor(challenge) = knock(PASSWORD).await.unwrap() else { panic!("it asks for the code first") };
    let code = || Secret::new(totp::code(&secret, totp::step_at(stack.now())));
    let refused = second_factor(&stack, &challenge.mfa_token, &code(), &from(1), None).await;
    assert_eq!(refused.unwrap_err().code, "not_an_admin");
    let (id, now) = (alice.id, stack.now());
    let role = crate::access::Role::SuperAdmin;
    let give =
        move |tx: &mut WriteTx<'_>| people::grant_role(tx, &testkit::all(), id, role, Place::Platform, None, now);
    stack.store.write(give).await.unwrap();
    stack.clock.advance_secs(30);
    let Next::SecondFactor(challenge) = knock(PASSWORD).await.unwrap() else { panic!() };
    assert!(second_factor(&stack, &challenge.mfa_token, &code(), &from(1), None).await.is_ok());
}

#[tokio::test]
async fn each_attempt_to_set_a_second_factor_up_has_a_seed_of_its_own() {
    let stack = stack();
    let alice = user(&stack, ALICE, Status::Active, true).await;
    let settings = Some(serde_json::json!({ "mfa_policy": "required" }));
    let patch = crate::tenancy::TenantPatch { settings, ..Default::default() };
    let (id, now) = (alice.home_tenant, stack.now());
    let write = move |tx: &mut WriteTx<'_>| crate::tenancy::update_tenant(tx, &testkit::all(), id, &patch, now);
    stack.store.write(write).await.unwrap();
    let token = async || match tried(&stack, PASSWORD, &from(1), None).await.unwrap() {
        Next::Enrol(challenge) => challenge.mfa_token,
        other => panic!("{other:?}"),
    };
    let (first, second) = (token().await, token().await);
    let seed = async |token: &str| enrolment(&stack, token).await.unwrap().secret.expose().clone();
    let seen = seed(&first).await;
    assert_eq!(seed(&first).await, seen, "a page that is loaded again shows the same");
    let fresh = seed(&second).await;
    assert_ne!(fresh, seen, "who saw the first one may be somebody else");
    let code = |seed: &str| Secret::new(totp::code(&totp::from_base32(seed), totp::step_at(stack.now())));
    let stolen = confirm_enrolment(&stack, &second, &code(&seen), &from(1), None).await;
    assert_eq!(stolen.unwrap_err().code, "invalid_code");
    let other = confirm_enrolment(&stack, &first, &code(&fresh), &from(1), None).await;
    assert_eq!(other.unwrap_err().code, "invalid_code", "one attempt does not finish another");
    assert!(confirm_enrolment(&stack, &second, &code(&fresh), &from(1), None).await.is_ok());
}

#[tokio::test]
async fn a_flood_without_a_credential_costs_few_rows_and_hides_nothing() {
    let stack = stack();
    let missing = Problem::unauthenticated("auth_token_missing", "This needs a credential");
    let asked = crate::http::noted::Asked { action: None, resource: "", method: "GET", path: "/v1/me", fields: "" };
    for n in 0..5000u16 {
        crate::http::noted::failed(&stack, &missing, None, || at(n), &asked);
    }
    user(&stack, ALICE, Status::Active, true).await;
    assert!(tried(&stack, "wrong", &from(1), None).await.is_err());
    assert_eq!(stack.write_strangers().await.unwrap(), 1);
    assert_eq!(stack.write_strangers().await.unwrap(), 0, "nothing more since");
    let page = audit::list(&stack.store.read(), Place::Platform, &audit::Filter::default(), None, 0, 1000).unwrap();
    let of = |action: &str| page.rows.iter().filter(|(_, row)| row.event.action == action).collect::<Vec<_>>();
    let kept = of("access.denied").len();
    assert!((1..=250).contains(&kept), "{kept}");
    let [(_, row)] = of("access.refusals")[..] else { panic!("one row counts the others") };
    let fact = |name: &str| row.event.details.iter().find(|(known, _)| known == name).unwrap().1.clone();
    assert_eq!(fact("count").parse::<usize>().unwrap() + kept, 5000);
    assert_eq!(fact("codes"), format!("auth_token_missing={}", fact("count")));
    assert!(fact("networks") == "4096 or more", "{}", fact("networks"));
    assert_eq!(of("login").len(), 1, "a guess is kept beside them");
    assert_eq!(of("user.create").len(), 1);
}
