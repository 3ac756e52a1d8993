//! What tokens say of how somebody signed in (OpenID Connect Core §2: `amr`, `acr`), from the pages to the ID token.

use super::applications::{claims, spa, text};
use super::*;
use crate::access::{ACR_MULTI, ACR_SINGLE};
use crate::http::testkit::setup_token;
use actix_web::http::Method;
use serde_json::Value;

const AT: &str = "/api/v1/platform/oauth";

/// What an ID token of a browser that is signed in says.
async fn said<B: MessageBody, S: Service<Request, Response = ServiceResponse<B>, Error = Error>>(
    browser: &mut Browser<S>,
    app: &Application,
) -> (Value, Value) {
    let tokens = browser.tokens(AT, app, "nobody@example.com", "openid").await;
    let (id, access) = (claims(text(&tokens["id_token"])), claims(text(&tokens["access_token"])));
    assert_eq!((&id["amr"], &id["acr"], &id["auth_time"]), (&access["amr"], &access["acr"], &access["auth_time"]));
    (id["amr"].clone(), id["acr"].clone())
}

#[actix_web::test]
async fn amr_is_what_the_session_has_seen() {
    let stack = stack();
    let app = spa(&stack, AppScope::Global, "openid").await;
    let ann = person(&stack, "ann@example.com", home(&stack), &[]).await;
    let mut browser_of_ann = browser(&stack).await;
    browser_of_ann.sign_in("ann@example.com", PASSWORD).await;
    assert_eq!(said(&mut browser_of_ann, &app).await, (json!(["pwd"]), json!(ACR_SINGLE)));

    // An authenticator app, set up by JSON; the next sign-in asks for its code, and another one for a recovery code.
    let login = json!({ "email": "ann@example.com", "password": PASSWORD });
    let (_, first) = browser_of_ann.api(Method::POST, "/api/v1/auth/login", "", login.clone()).await;
    let token = text(&first["data"]["access_token"]).to_owned();
    assert_eq!((&claims(&token)["amr"], &claims(&token)["acr"]), (&json!(["pwd"]), &json!(ACR_SINGLE)));
    let (_, setup) = browser_of_ann.api(Method::POST, "/api/v1/me/mfa/totp/setup", &token, json!({})).await;
    let secret = totp::from_base32(text(&setup["data"]["secret"]));
    let code = |stack: &Stack| totp::code(&secret, totp::step_at(stack.now()));
    let body = json!({ "code": code(&stack) });
    let (_, on) = browser_of_ann.api(Method::POST, "/api/v1/me/mfa/totp/confirm", &token, body).await;
    let recovery = text(&on["data"]["backup_codes"][0]).to_owned();
    stack.clock.advance_secs(60);
    for (code, kind) in [(code(&stack), "otp"), (recovery, "recovery_code")] {
        let (_, half) = browser_of_ann.api(Method::POST, "/api/v1/auth/login", "", login.clone()).await;
        let verify = json!({ "mfa_token": half["data"]["mfa_token"], "code": code });
        let (status, whole) = browser_of_ann.api(Method::POST, "/api/v1/auth/mfa/verify", "", verify).await;
        assert_eq!(status, 200, "{whole}");
        let said = claims(text(&whole["data"]["access_token"]));
        assert_eq!((&said["amr"], &said["acr"]), (&json!(["pwd", kind, "mfa"]), &json!(ACR_MULTI)));
    }
    // The session that began with a password alone goes on saying so.
    assert_eq!(said(&mut browser_of_ann, &app).await, (json!(["pwd"]), json!(ACR_SINGLE)));
    assert!(crate::mfa::factors(&stack.store.read(), ann.id).unwrap().is_enrolled());
}

#[actix_web::test]
async fn a_link_is_no_password_until_one_was_given() {
    let stack = stack();
    let app = spa(&stack, AppScope::Global, "openid").await;
    let mut alice = browser(&stack).await;
    let token = setup_token(&stack).await;
    alice.get(&format!("/setup?token={token}")).await;
    let fields =
        [("token", token.as_str()), ("email", "alice@acme.example"), ("name", "Alice"), ("password", PASSWORD)];
    assert_eq!(alice.post("/setup", &fields).await.location(), "/admin/");
    assert_eq!(said(&mut alice, &app).await, (json!(["link"]), json!(ACR_SINGLE)));
    stack.clock.advance_secs(3600);
    alice.get("/account/confirm?next=/account").await;
    assert_eq!(alice.post("/account/confirm", &[("next", "/account"), ("password", PASSWORD)]).await.status, 303);
    assert_eq!(said(&mut alice, &app).await, (json!(["pwd", "link"]), json!(ACR_SINGLE)), "two ways, one factor");
}
