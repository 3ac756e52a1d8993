//! The account's pages and the second factor at the sign-in, as a browser without a script sees them.

use crate::base::Timestamp;
use crate::crypto::totp::{self, from_base32, step_at};
use crate::http::testkit::{Browser, Got, PASSWORD, browser, stack};
use crate::stack::Stack;
use crate::tenancy::{self, TenantPatch, testkit};
use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use std::sync::Arc;

const EMAIL: &str = "alice@acme.example";

/// The app on somebody's phone.
struct App(Vec<u8>);

impl App {
    /// Types the key that a page shows.
    fn from_page(got: &Got) -> Self {
        let key = got.between("id=\"totp-key\">", "<");
        assert_eq!(key.replace(' ', "").len(), 32, "{key}");
        Self(from_base32(key))
    }

    fn code(&self, now: Timestamp) -> String {
        totp::code(&self.0, step_at(now))
    }
}

/// The codes on a page that shows them.
fn codes(got: &Got) -> Vec<String> {
    got.between("id=\"recovery-codes\">", "</code>").split_whitespace().map(str::to_owned).collect()
}

/// Turns a second factor on, from the account's page.
async fn enrol<B: MessageBody, S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>>(
    stack: &Stack,
    browser: &mut Browser<S>,
) -> (App, Vec<String>) {
    let app = App::from_page(&browser.get("/account/factors/setup").await);
    let code = app.code(stack.now());
    let got = browser.post("/account/factors/setup", &[("code", &code)]).await;
    let shown = browser.get(got.location()).await;
    (app, codes(&shown))
}

async fn policy(stack: &Arc<Stack>, policy: &str) {
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let settings = Some(serde_json::json!({ "mfa_policy": policy }));
    let (patch, granted, now) = (TenantPatch { settings, ..TenantPatch::default() }, testkit::all(), stack.now());
    stack.store.write(move |tx| tenancy::update_tenant(tx, &granted, tenant, &patch, now)).await.unwrap();
}

#[actix_web::test]
async fn a_sign_in_asks_for_the_code_and_takes_it_once() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    assert!(alice.get("/account/factors").await.body.contains("Set up"));
    let (app, codes) = enrol(&stack, &mut alice).await;
    assert_eq!(codes.len(), 10);
    assert!(alice.get("/account/factors/codes").await.body.contains("were shown already"), "once");
    let page = alice.get("/account/factors").await;
    assert!(page.body.contains("10 left") && !page.body.contains("id=\"totp-key\""));

    let mut other = browser(&stack).await;
    let asked = other.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(asked.status, 200);
    assert!(other.cookies.keys().all(|name| name.contains("visit")), "no session yet: {:?}", other.cookies);
    let token = asked.between("name=\"mfa_token\" value=\"", "\"").to_owned();
    let used = app.code(stack.now());
    let refused = other.post("/admin/sign-in/code", &[("mfa_token", &token), ("code", &used), ("next", "")]).await;
    assert_eq!(refused.status, 401, "the code of the enrolment was used");
    assert!(refused.body.contains("was used already") && !refused.body.contains(&used));
    stack.clock.advance_secs(30);
    let code = app.code(stack.now());
    let pasted = format!(" {} {}\n", &code[..3], &code[3..]);
    for bad in ["000000", "12345", ""] {
        let got = other.post("/admin/sign-in/code", &[("mfa_token", &token), ("code", bad), ("next", "")]).await;
        assert_eq!(got.status, 401, "{bad}");
    }
    let fields = [("mfa_token", token.as_str()), ("code", pasted.as_str()), ("next", "/account/sessions")];
    assert_eq!(other.post("/admin/sign-in/code", &fields).await.location(), "/account/sessions");
    assert!(other.get("/account/sessions").await.body.contains("Second factor"));
    let mut third = browser(&stack).await;
    third.get("/admin/sign-in").await;
    let got = third.post("/admin/sign-in/code", &fields).await;
    assert_eq!(got.status, 401, "the token is used up");
    assert!(got.body.contains("name=\"password\""), "it begins anew");

    let asked = third.sign_in(EMAIL, PASSWORD).await;
    let token = asked.between("name=\"mfa_token\" value=\"", "\"").to_owned();
    let fields = [("mfa_token", token.as_str()), ("code", codes[0].as_str()), ("next", "")];
    assert_eq!(third.post("/admin/sign-in/code", &fields).await.location(), "/admin/");
    assert!(third.get("/account/factors").await.body.contains("9 left"));
}

#[actix_web::test]
async fn wrong_codes_have_to_wait_and_the_password_does_not_clear_them() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    let (app, _) = enrol(&stack, &mut alice).await;
    let mut mallory = browser(&stack).await;
    let mut tries = 0;
    let status = loop {
        // Who knows the password begins anew for each guess.
        let asked = mallory.sign_in(EMAIL, PASSWORD).await;
        let token = asked.between("name=\"mfa_token\" value=\"", "\"").to_owned();
        let got = mallory.post("/admin/sign-in/code", &[("mfa_token", &token), ("code", "000000")]).await;
        tries += 1;
        if got.status != 401 || tries > 100 {
            break got.status;
        }
    };
    assert_eq!((status, tries), (429, stack.config.auth.attempts_per_account + 1));
    stack.clock.advance_secs(i64::from(stack.config.auth.wait_secs));
    let asked = mallory.sign_in(EMAIL, PASSWORD).await;
    let token = asked.between("name=\"mfa_token\" value=\"", "\"").to_owned();
    let code = app.code(stack.now());
    let got = mallory.post("/admin/sign-in/code", &[("mfa_token", &token), ("code", &code)]).await;
    assert_eq!(got.location(), "/admin/");
}

#[actix_web::test]
async fn a_tenant_that_requires_a_second_factor_has_it_set_up_at_the_sign_in() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    policy(&stack, "required").await;
    let mut other = browser(&stack).await;
    let page = other.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<svg class=\"qr\"") && page.body.contains("otpauth://totp/"), "{}", page.body);
    let (app, token) = (App::from_page(&page), page.between("name=\"mfa_token\" value=\"", "\"").to_owned());
    let again = other.post("/admin/sign-in/enrol", &[("mfa_token", &token), ("code", "000000"), ("next", "")]).await;
    assert_eq!(again.status, 401);
    assert_eq!(App::from_page(&again).0, app.0, "the same key, for it was scanned already");
    let code = app.code(stack.now());
    // A token for setting up is none for a code.
    let got = other.post("/admin/sign-in/code", &[("mfa_token", &token), ("code", &code)]).await;
    assert_eq!(got.status, 401);
    let fields = [("mfa_token", token.as_str()), ("code", code.as_str()), ("next", "/account")];
    let shown = other.post("/admin/sign-in/enrol", &fields).await;
    assert_eq!((shown.status, codes(&shown).len()), (200, 10));
    assert_eq!(other.get("/account").await.status, 200, "signed in");
    assert!(!other.get("/account/factors").await.body.contains("/account/factors/disable"));
    let got = other.post("/account/factors/disable", &[("code", &codes(&shown)[0])]).await;
    assert_eq!(got.status, 403, "it cannot be removed");
}

#[actix_web::test]
async fn a_policy_cannot_switch_anybodys_factor_off_and_a_mistyped_one_is_refused() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    enrol(&stack, &mut alice).await;
    policy(&stack, "off").await;
    let mut other = browser(&stack).await;
    assert!(other.sign_in(EMAIL, PASSWORD).await.body.contains("name=\"mfa_token\""), "still asked");
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    for bad in ["requried", "Required", ""] {
        let settings = Some(serde_json::json!({ "mfa_policy": bad }));
        let (patch, granted, now) = (TenantPatch { settings, ..TenantPatch::default() }, testkit::all(), stack.now());
        let refused = stack.store.write(move |tx| tenancy::update_tenant(tx, &granted, tenant, &patch, now)).await;
        assert_eq!(refused.unwrap_err().fields[0].field, "settings.mfa_policy");
    }
}

#[actix_web::test]
async fn what_changes_a_factor_wants_a_recent_sign_in_and_leads_back() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs));
    for page in ["/account/factors/setup", "/account/factors/new-codes", "/account/factors/disable"] {
        let asked = format!("/account/confirm?next={}", page.replace('/', "%2F"));
        assert_eq!(alice.get(page).await.location(), asked);
        alice.get("/account").await;
        let question = alice.post(page, &[("code", "000000")]).await;
        assert!(question.status == 403 && question.body.contains("name=\"step_up_password\""), "{}", question.body);
    }
    let before = alice.cookies["scaistack"].clone();
    alice.get("/account/confirm?next=%2Faccount%2Ffactors%2Fsetup").await;
    let next = ("next", "/account/factors/setup");
    let wrong = alice.post("/account/confirm", &[("password", "wrong"), next]).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(alice.post("/account/confirm", &[("password", PASSWORD), next]).await.location(), next.1);
    assert_ne!(alice.cookies["scaistack"], before, "a new cookie");
    let (app, _) = enrol(&stack, &mut alice).await;
    let mut old = browser(&stack).await;
    old.cookies.insert("scaistack".to_owned(), before);
    assert!(old.get("/account").await.location().starts_with("/account/sign-in"), "the old one is dead");

    stack.clock.advance_secs(30);
    let code = app.code(stack.now());
    alice.get("/account/factors/new-codes").await;
    let got = alice.post("/account/factors/new-codes", &[("code", &code)]).await;
    assert_eq!(codes(&alice.get(got.location()).await).len(), 10);
    alice.get("/account/factors/disable").await;
    assert_eq!(alice.post("/account/factors/disable", &[("code", &code)]).await.status, 422, "used");
    stack.clock.advance_secs(30);
    let code = app.code(stack.now());
    assert_eq!(alice.post("/account/factors/disable", &[("code", &code)]).await.location(), "/account/factors");
    let mut other = browser(&stack).await;
    assert_eq!(other.sign_in(EMAIL, PASSWORD).await.location(), "/admin/");
}

#[actix_web::test]
async fn a_new_password_wants_the_old_one_and_signs_out_elsewhere() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    let mut phone = browser(&stack).await;
    assert_eq!(phone.sign_in(EMAIL, PASSWORD).await.location(), "/admin/");
    let before = alice.cookies["scaistack"].clone();
    alice.get("/account/password").await;
    const NEW: &str = "quite another horse";
    for (current, new, field) in [
        ("wrong", NEW, "Current password"),
        (PASSWORD, "short", "New password"),
        (PASSWORD, "password123", "New password"),
        (PASSWORD, EMAIL, "New password"),
    ] {
        let got = alice.post("/account/password", &[("current_password", current), ("new_password", new)]).await;
        assert_eq!(got.status, 422, "{new}");
        assert!(got.body.contains(field), "{}", got.body);
        // The e-mail stands in the form for password managers.
        assert!(new == EMAIL || !got.body.contains(new), "{new}");
    }
    let got = alice.post("/account/password", &[("current_password", PASSWORD), ("new_password", NEW)]).await;
    assert_eq!(got.location(), "/account/password");
    assert!(alice.get("/account/password").await.body.contains("Your password is changed"));
    assert_ne!(alice.cookies["scaistack"], before, "a new cookie");
    assert!(phone.get("/account").await.location().starts_with("/account/sign-in"), "signed out elsewhere");
    assert_eq!(phone.sign_in(EMAIL, PASSWORD).await.status, 401);
    assert_eq!(phone.sign_in(EMAIL, NEW).await.location(), "/admin/");
}

#[actix_web::test]
async fn one_sees_and_ends_ones_own_sessions_only() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    let mut phone = browser(&stack).await;
    phone.sign_in(EMAIL, PASSWORD).await;
    let mut tablet = browser(&stack).await;
    tablet.sign_in(EMAIL, PASSWORD).await;
    let page = alice.get("/account/sessions").await;
    let ends: Vec<&str> = page
        .body
        .split("href=\"/account/sessions/")
        .skip(1)
        .filter_map(|rest| rest.split_once("/end\""))
        .map(|(id, _)| id)
        .filter(|id| id.starts_with("ses_"))
        .collect();
    assert_eq!(ends.len(), 2, "not the one that is looked from: {ends:?}");
    let target = format!("/account/sessions/{}/end", ends[1]);
    // Whoever ends something is asked first.
    for (page, what) in
        [(target.as_str(), "End the session?"), ("/account/sessions/end-others", "Sign out everywhere else?")]
    {
        let asked = alice.get(page).await;
        assert!(asked.status == 200 && asked.body.contains(what) && asked.body.contains("Cancel"), "{}", asked.body);
    }
    assert_eq!(phone.get("/account").await.status, 200, "nothing ends by being asked");
    assert_eq!(alice.post(&target, &[]).await.location(), "/account/sessions");
    assert!(phone.get("/account").await.location().starts_with("/account/sign-in"));
    assert_eq!(tablet.get("/account").await.status, 200);
    let again = [("row", ends[1]), ("row", "ses_1"), ("confirmed", "yes")];
    assert_eq!(alice.post("/account/sessions/selected/end", &again).await.location(), "/account/sessions");
    let told = alice.get("/account/sessions").await;
    assert!(told.body.contains("None of 2 sessions are ended. Not"), "{}", told.body);
    let mut laptop = browser(&stack).await;
    laptop.sign_in(EMAIL, PASSWORD).await;
    let page = alice.get("/account/sessions?sort=-signed-in").await;
    let newest = page.between("name=\"row\" value=\"", "\"").to_owned();
    let chosen = [("row", newest.as_str()), ("confirmed", "yes")];
    alice.post("/account/sessions/selected/end", &chosen).await.location();
    assert!(alice.get("/account/sessions").await.body.contains("1 session is ended."));
    assert!(laptop.get("/account").await.location().starts_with("/account/sign-in"));
    assert_eq!(tablet.get("/account").await.status, 200);
    alice.get("/account/sessions").await;
    assert_eq!(alice.post("/account/sessions/end-others", &[]).await.location(), "/account/sessions");
    assert!(alice.get("/account/sessions").await.body.contains("1 other session has ended"));
    assert!(tablet.get("/account").await.location().starts_with("/account/sign-in"));
    for bad in ["ses_1", "usr_1", "x"] {
        assert_eq!(alice.post(&format!("/account/sessions/{bad}/end"), &[]).await.status, 404);
    }
}

#[actix_web::test]
async fn the_profile_keeps_what_is_sound_and_says_what_is_not() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    assert!(alice.get("/account").await.body.contains("value=\"Alice\""));
    let bad = [("display_name", "<b>Al</b>"), ("phone_number", "none"), ("website", "?")];
    let got = alice.post("/account", &bad).await;
    assert_eq!(got.status, 422);
    assert!(got.body.contains("&lt;b&gt;Al&lt;/b&gt;") && got.body.contains("must be a number with its country"));
    let good = [("display_name", "Al"), ("phone_number", "+31 20 123 4567"), ("first_name", "")];
    assert_eq!(alice.post("/account", &good).await.location(), "/account");
    let page = alice.get("/account").await;
    assert!(page.body.contains("+31201234567") && page.body.contains("is saved"));
    assert!(!page.body.contains("name=\"locale\"") && !page.body.contains("name=\"zoneinfo\""), "they change no page");
    assert!(alice.get("/account/apps").await.body.contains("No application acts for you"));
    let mut stranger = browser(&stack).await;
    assert_eq!(stranger.get("/account").await.location(), "/account/sign-in?next=%2Faccount");
}
