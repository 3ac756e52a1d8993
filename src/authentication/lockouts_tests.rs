//! Who has to wait, and lifting that.

use super::tests::{PASSWORD, acting, done, enrol, from, user};
use super::*;
use crate::access::{Place, permit};
use crate::audit;
use crate::base::{Problem, Secret};
use crate::people::Status;
use crate::sessions::Whom;
use crate::stack::Stack;
use crate::stack::testkit::stack;
use crate::tenancy::testkit;
use std::net::IpAddr;

const ALICE: &str = "alice@acme.example";

async fn tried(stack: &Stack, email: &str, password: &str, last: u8) -> Result<Next, Problem> {
    let (password, wish, origin) = (Secret::new(password.to_owned()), TenantChoice::Home, from(last));
    let attempt = Attempt { email, password, wish, origin: &origin, device: None, admins_only: false };
    check_password(stack, attempt).await
}

async fn wrong(stack: &Stack, email: &str, last: u8) -> Problem {
    tried(stack, email, "wrong", last).await.unwrap_err()
}

#[tokio::test]
async fn a_lock_out_says_whom_it_holds_and_an_administrator_lifts_it() {
    let stack = stack();
    let alice = user(&stack, ALICE, Status::Active, true).await;
    for _ in 0..stack.config.auth.attempts_per_account {
        assert_eq!(wrong(&stack, ALICE, 1).await.code, "invalid_credentials");
    }
    let held = tried(&stack, ALICE, PASSWORD, 1).await.unwrap_err();
    assert_eq!(held.message, "Too many wrong tries at this account from your network");
    let ghost = "ghost@acme.example";
    for _ in 0..stack.config.auth.attempts_per_account {
        wrong(&stack, ghost, 2).await;
    }
    assert_eq!(wrong(&stack, ghost, 2).await.message, held.message, "it tells nobody who has an account");

    let seen = lockouts(&stack, &alice);
    assert!(matches!(seen.as_slice(), [(Tried::Password, one)] if matches!(one.whom, Whom::AccountFrom(Some(_)))));
    assert_eq!(lift_lockouts(&stack, testkit::all::<permit::LiftLockouts>(), alice.id).await.unwrap(), 1);
    assert_eq!(lockouts(&stack, &alice), []);
    assert!(matches!(tried(&stack, ALICE, PASSWORD, 1).await.unwrap(), Next::Done(_)));
    let filter = audit::Filter { actions: vec!["user.unlock".to_owned()], ..audit::Filter::default() };
    let rows = audit::list(&stack.store.read(), Place::Platform, &filter, None, 0, 10).unwrap().rows;
    let of: Vec<_> = rows.iter().map(|(_, row)| row.event.resource_id.as_str()).collect();
    assert_eq!(of, [alice.id.to_string()]);
}

#[tokio::test]
async fn wrong_codes_are_lifted_with_the_passwords() {
    let stack = stack();
    let alice = user(&stack, ALICE, Status::Active, true).await;
    let proven = done(&stack, ALICE, &from(1)).await;
    let started = start_session(&stack, &proven, &from(1)).await.unwrap();
    enrol(&stack, &acting(&stack, &alice, &started)).await;
    let Next::SecondFactor(challenge) = tried(&stack, ALICE, PASSWORD, 1).await.unwrap() else { panic!() };
    let code = Secret::new("000000".to_owned());
    let guess = async || second_factor(&stack, &challenge.mfa_token, &code, &from(1), None).await.unwrap_err();
    for _ in 0..stack.config.auth.attempts_per_account {
        assert_eq!(guess().await.code, "invalid_code");
    }
    assert_eq!(guess().await.code, "too_many_attempts");
    assert!(lockouts(&stack, &alice).iter().all(|(tried, _)| *tried == Tried::Code));
    assert!(lift_lockouts(&stack, testkit::all(), alice.id).await.unwrap() > 0);
    assert_eq!(guess().await.code, "invalid_code");
}

#[tokio::test]
async fn a_network_that_waits_is_told_and_lifted() {
    let stack = stack();
    for n in 0..stack.config.auth.attempts_per_network {
        wrong(&stack, &format!("{n}@acme.example"), 1).await;
    }
    assert_eq!(wrong(&stack, ALICE, 1).await.message, "Too many wrong tries at all accounts from your network");
    let seen = held_networks(&stack, &testkit::all()).unwrap();
    let address = from(1).ip.unwrap();
    let words: Vec<_> = seen.iter().map(|held| whom(held.whom)).collect();
    assert_eq!(words, [format!("{address}, on all accounts")]);
    assert_eq!(lift_networks(&stack, testkit::all(), IpAddr::from([203, 0, 113, 9])).await.unwrap(), 0);
    assert_eq!(lift_networks(&stack, testkit::all(), address).await.unwrap(), 1);
    assert_eq!(wrong(&stack, ALICE, 1).await.code, "invalid_credentials");
}
