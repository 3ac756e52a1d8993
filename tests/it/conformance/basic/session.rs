//! Who is asked to sign in, and who is not: `prompt`, `max_age`, `id_token_hint` (OpenID Connect Core §3.1.2.1).

use super::super::browser::Journey;
use super::super::person::Seen;
use super::super::provider::Run;
use super::super::rp::{Ask, Tokens};
use std::time::{Duration, Instant};

fn asked(journey: &Journey) -> bool {
    journey.seen.contains(&Seen::SignIn)
}

/// A silent request: nothing may be shown.
#[track_caller]
pub fn silent(run: &Run<'_>, ask: &Ask) -> Tokens {
    let ask = ask.clone().set("prompt", "none");
    let journey = run.authorize(&ask);
    assert!(journey.seen.is_empty() && journey.first.is_none(), "{journey:?}");
    run.tokens(&journey, &ask)
}

/// A silent request without a session.
#[track_caller]
pub fn signed_out(run: &Run<'_>) {
    let ask = Ask::new(run, "openid").set("prompt", "none");
    let journey = run.authorize(&ask);
    run.refused(&journey, &ask, &["login_required", "interaction_required"]);
    assert!(journey.first.is_none(), "prompt=none shows no page");
}

/// Asks silently until the provider itself says that the sign-in is older than a second: nothing here sleeps.
fn a_second_later(run: &Run<'_>) {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let ask = Ask::new(run, "openid").set("prompt", "none").set("max_age", "1");
        let journey = run.authorize(&ask);
        if let Some(error) = journey.callback().fields.get("error") {
            assert_eq!(error, "login_required");
            return;
        }
        assert!(Instant::now() < until, "max_age=1 never asks for a sign-in");
    }
}

pub fn oidcc_prompt_login(run: &Run<'_>) {
    let ask = Ask::new(run, "openid").set("max_age", "10000");
    let first = run.sign_in(&ask);
    a_second_later(run);
    let ask = Ask::new(run, "openid").set("prompt", "login").set("max_age", "10000");
    let journey = run.authorize(&ask);
    assert!(asked(&journey), "prompt=login asks for the password");
    let second = run.tokens(&journey, &ask);
    assert_eq!(second.id["sub"], first.id["sub"]);
    assert!(second.auth_time() > first.auth_time(), "{} {}", second.auth_time(), first.auth_time());
}

pub fn oidcc_prompt_none_not_logged_in(run: &Run<'_>) {
    signed_out(run);
}

pub fn oidcc_prompt_none_logged_in(run: &Run<'_>) {
    let ask = Ask::new(run, "openid");
    let first = run.sign_in(&ask);
    let second = silent(run, &Ask::new(run, "openid"));
    assert_eq!(second.id["sub"], first.id["sub"]);
    assert_eq!(second.id["auth_time"], first.id["auth_time"]);
}

pub fn oidcc_max_age_1(run: &Run<'_>) {
    let first = run.sign_in(&Ask::new(run, "openid").set("max_age", "10000"));
    a_second_later(run);
    let ask = Ask::new(run, "openid").set("max_age", "1");
    let journey = run.authorize(&ask);
    assert!(asked(&journey), "the sign-in is older than a second");
    let second = run.tokens(&journey, &ask);
    assert_eq!(second.id["sub"], first.id["sub"]);
    assert!(second.auth_time() > first.auth_time());
}

pub fn oidcc_max_age_10000(run: &Run<'_>) {
    let ask = Ask::new(run, "openid").set("max_age", "10000");
    let first = run.sign_in(&ask);
    let ask = Ask::new(run, "openid").set("max_age", "10000");
    let journey = run.authorize(&ask);
    assert!(!asked(&journey), "the sign-in is young enough");
    let second = run.tokens(&journey, &ask);
    assert_eq!((&second.id["sub"], second.auth_time()), (&first.id["sub"], first.auth_time()));
}

pub fn oidcc_id_token_hint(run: &Run<'_>) {
    let first = run.sign_in(&Ask::new(run, "openid"));
    let second = silent(run, &Ask::new(run, "openid").set("id_token_hint", &first.id_token));
    assert_eq!(second.id["sub"], first.id["sub"]);
}
