//! Signing in through a program: the whole flow at our own provider, and everything that can be wrong with it.

use super::*;
use crate::families::{Authentication, Methods};
use crate::oauth::code::NewCode;
use crate::oauth::first_party::{self, FIRST_PARTY};
use crate::oauth::pkce::Challenge;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CALLBACK: &str = "http://127.0.0.1:5173/callback?keep=1";
const FLOW: &str = "The sign-in is unknown, took too long or was finished already";
const INVALID: &str = "Invalid or expired authentication token";

async fn open(world: &World, target: &str, body: Value) -> Got {
    world.call(Method::POST, target, None, Some(&body)).await
}

fn begin_body() -> Value {
    json!({
        "email": "alice@acme.example", "tenant_id": "default", "redirect_uri": CALLBACK, "state": "s p&ce",
        "code_challenge": Challenge::of(VERIFIER).text(), "code_challenge_method": "S256",
    })
}

fn parameters(url: &str) -> BTreeMap<String, String> {
    url::Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

/// A flow whose person is at the provider.
struct Away {
    flow: String,
    asked: BTreeMap<String, String>,
}

async fn begin(world: &World) -> Away {
    let begun = open(world, "/v1/auth/authorize", begin_body()).await.data(200);
    let url = begun["authorize_url"].as_str().unwrap();
    Away { flow: begun["flow_id"].as_str().unwrap().to_owned(), asked: parameters(url) }
}

/// The provider's code for somebody who has signed in there.
async fn provider_code(world: &World, away: &Away, user: &User, nonce: &str) -> String {
    let (code, session) = (token::make(TokenKind::GrantCode), world.session(user).await);
    let new = NewCode {
        digest: TokenDigest::of(code.expose()),
        application: FIRST_PARTY,
        user: user.id,
        email: user.email.clone(),
        session: session.id,
        tenant: session.tenant,
        redirect_uri: first_party::redirect_uri(world.stack.issuers()),
        redirect_uri_given: true,
        scope: crate::base::ScopeSet::parse("openid profile email").unwrap(),
        nonce: Some(nonce.to_owned()),
        challenge: Some(Challenge::parse(&away.asked["code_challenge"], Some("S256")).unwrap()),
        authentication: Authentication::by(Methods::PASSWORD, session.authenticated_at, None),
        environment: false,
        origin: World::origin(),
    };
    let now = world.stack.now();
    world.stack.store.write(move |tx| crate::oauth::code::create(tx, &new, now)).await.unwrap();
    code.expose().clone()
}

async fn come_back(world: &World, query: &[(&str, &str)]) -> Got {
    let query = serde_urlencoded::to_string(query).unwrap();
    world.call(Method::GET, &format!("/v1/auth/callback?{query}"), None, None).await
}

/// Through the provider and back: our code.
async fn our_code(world: &World, away: &Away, user: &User) -> String {
    let code = provider_code(world, away, user, &away.asked["nonce"]).await;
    let iss = world.stack.issuers().text(crate::oauth::Issuer::Platform);
    let back = come_back(world, &[("code", &code), ("state", &away.asked["state"]), ("iss", &iss)]).await;
    assert_eq!(back.status, 302, "{}", back.text());
    let to = &back.headers["location"];
    assert!(to.starts_with("http://127.0.0.1:5173/callback?keep=1&code=sac_"), "{to}");
    let got = parameters(to);
    assert_eq!(got["state"], "s p&ce");
    got["code"].clone()
}

fn exchange_body(flow: &str, code: &str) -> Value {
    json!({ "flow_id": flow, "code": code, "code_verifier": VERIFIER, "redirect_uri": CALLBACK })
}

async fn exchange(world: &World, flow: &str, code: &str) -> Got {
    open(world, "/v1/auth/token", exchange_body(flow, code)).await
}

#[actix_web::test]
async fn the_flow_of_the_seed_from_identify_to_logout() {
    let world = World::new();
    let alice = world.user("alice@acme.example", Role::TenantUser).await;
    let found = open(&world, "/v1/auth/identify", json!({ "email": "alice@acme.example" })).await.data(200);
    assert_eq!(found["user_exists"], true);
    assert_eq!(found["tenants"][0]["slug"], "default");
    let away = begin(&world).await;
    assert_eq!(away.asked["client_id"], crate::apps::client_id(FIRST_PARTY));
    assert_eq!(away.asked["redirect_uri"], first_party::redirect_uri(world.stack.issuers()));
    assert_eq!(
        (away.asked["response_type"].as_str(), away.asked["login_hint"].as_str()),
        ("code", "alice@acme.example")
    );
    assert_ne!(away.asked["code_challenge"], Challenge::of(VERIFIER).text(), "the client's challenge stays here");
    let code = our_code(&world, &away, &alice).await;
    let tokens = exchange(&world, &away.flow, &code).await.data(200);
    let fields: Vec<_> = tokens.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["access_token", "refresh_token", "token_type", "expires_in"]);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(3600)));
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.get(access, "/v1/auth/me").await.data(200)["id"], json!(alice.id));
    let again = json!({ "refresh_token": tokens["refresh_token"] });
    let renewed = open(&world, "/v1/auth/refresh", again).await.data(200);
    let renewed_access = renewed["access_token"].as_str().unwrap();
    world.get(renewed_access, "/v1/me").await.data(200);
    // Signed out: every token of the session is dead at once, though the signature still holds.
    let out = world.call(Method::POST, "/v1/auth/logout", Some(renewed_access), None).await;
    assert_eq!((out.status, out.body.len()), (204, 0));
    for dead in [access, renewed_access] {
        world.get(dead, "/v1/me").await.refused(401, "AUTH_TOKEN_INVALID", INVALID);
        let out = world.call(Method::POST, "/v1/auth/logout", Some(dead), None).await;
        out.refused(401, "AUTH_TOKEN_INVALID", INVALID);
    }
    let over = json!({ "refresh_token": renewed["refresh_token"] });
    let message = "The session has ended: sign in again";
    open(&world, "/v1/auth/refresh", over).await.refused(401, "SESSION_EXPIRED", message);
}

#[actix_web::test]
async fn each_credential_that_does_not_hold_has_its_code() {
    let world = World::new();
    let alice = world.user("alice@acme.example", Role::TenantUser).await;
    let tokens = world.tokens(&alice).await;
    let message = "This needs a credential: send it as Authorization: Bearer, a blank, the token";
    world.call(Method::GET, "/v1/me", None, None).await.refused(401, "AUTH_TOKEN_MISSING", message);
    for wrong in ["x", "a.b.c", "skt_x", "sgk_x"] {
        world.get(wrong, "/v1/me").await.refused(401, "AUTH_TOKEN_INVALID", INVALID);
    }
    world.wait(3601);
    world.get(&tokens.access_token, "/v1/me").await.refused(401, "AUTH_TOKEN_EXPIRED", "The token has expired");
    // What a client does then.
    let body = json!({ "refresh_token": tokens.refresh_token });
    let renewed = open(&world, "/v1/auth/refresh", body).await.data(200);
    world.get(renewed["access_token"].as_str().unwrap(), "/v1/me").await.data(200);
    let made_up = json!({ "refresh_token": "srt_made_up" });
    open(&world, "/v1/auth/refresh", made_up).await.refused(401, "AUTH_TOKEN_INVALID", INVALID);
    open(&world, "/v1/auth/refresh", json!({})).await.invalid("refresh_token", "is required");
    world.wait(13 * 3600);
    let body = json!({ "refresh_token": renewed["refresh_token"] });
    let message = "The session has ended: sign in again";
    open(&world, "/v1/auth/refresh", body).await.refused(401, "SESSION_EXPIRED", message);
}

#[actix_web::test]
async fn what_belongs_to_no_session_cannot_sign_out() {
    let world = World::new();
    let jwt = world.with_role("alice@acme.example", Role::TenantUser).await;
    let key = world.post(&jwt, "/v1/api-keys", json!({ "name": "mine" })).await.json()["data"]["key"].clone();
    let out = world.call(Method::POST, "/v1/auth/logout", key.as_str(), None).await;
    out.refused(403, "NOT_A_SESSION", "This credential belongs to no session: revoke it instead");
    world.get(key.as_str().unwrap(), "/v1/me").await.data(200);
}

#[actix_web::test]
async fn identify_tells_nothing_of_strangers() {
    let world = World::new();
    let elsewhere = world.other_tenant("elsewhere").await;
    world.user("alice@acme.example", Role::TenantUser).await;
    world.user_in("bob@else.example", elsewhere, Role::TenantUser).await;
    let ask = async |email: &str| open(&world, "/v1/auth/identify", json!({ "email": email })).await.data(200);
    let nobody = ask("nobody@nowhere.example").await;
    assert_eq!(ask("alice@acme.example").await, nobody);
    assert_eq!(ask("bob@else.example").await, nobody, "nor where somebody belongs");
    open(&world, "/v1/auth/identify", json!({})).await.invalid("email", "is required");
    let got = open(&world, "/v1/auth/identify", json!({ "email": "x" })).await;
    assert_eq!((got.status, &got.json()["error"]["code"]), (422, &json!("VALIDATION_ERROR")));
}

#[actix_web::test]
async fn a_flow_is_refused_that_is_not_safe() {
    let world = World::new();
    let with = |name: &str, value: Value| {
        let mut body = begin_body();
        body[name] = value;
        body
    };
    let rule = "must be on this server, on a loopback address, or among login.redirect_uris of the settings";
    for evil in ["https://evil.example/cb", "javascript:alert(1)", "/cb", "http://127.0.0.1/cb#f"] {
        open(&world, "/v1/auth/authorize", with("redirect_uri", json!(evil))).await.invalid("redirect_uri", rule);
    }
    let plain = with("code_challenge_method", json!("plain"));
    let rule = "The code_challenge_method must be S256";
    open(&world, "/v1/auth/authorize", plain).await.invalid("code_challenge_method", rule);
    let missing = with("code_challenge_method", json!(null));
    open(&world, "/v1/auth/authorize", missing).await.invalid("code_challenge_method", rule);
    let short = with("code_challenge", json!("short"));
    let rule = "The code_challenge must be the SHA-256 of a verifier in base64url: 43 characters";
    open(&world, "/v1/auth/authorize", short).await.invalid("code_challenge", rule);
    let nowhere = with("tenant_id", json!("tnt_1"));
    let got = open(&world, "/v1/auth/authorize", nowhere).await;
    got.refused(404, "TENANT_NOT_FOUND", "There is no such tenant");
    let long = with("state", json!("s".repeat(2049)));
    open(&world, "/v1/auth/authorize", long).await.invalid("state", "must be at most 2048 bytes long");
    open(&world, "/v1/auth/authorize", json!({})).await.invalid("code_challenge", "is required");
}

#[actix_web::test]
async fn only_the_right_answer_of_the_provider_is_taken() {
    let world = World::new();
    let alice = world.user("alice@acme.example", Role::TenantUser).await;
    let away = begin(&world).await;
    let state = away.asked["state"].clone();
    for query in [vec![], vec![("code", "x")], vec![("state", "made-up"), ("code", "x")], vec![("state", &*state)]] {
        come_back(&world, &query).await.refused(401, "AUTH_FLOW_INVALID", FLOW);
    }
    let mixed = [("state", &*state), ("code", "x"), ("iss", "https://evil.example")];
    come_back(&world, &mixed).await.refused(401, "AUTH_FLOW_INVALID", FLOW);
    // An error of the provider goes to the client, by a name that is known.
    let back = come_back(&world, &[("state", &state), ("error", "access_denied")]).await;
    assert_eq!(back.headers["location"], format!("{CALLBACK}&error=access_denied&state=s+p%26ce"));
    come_back(&world, &[("state", &state), ("code", "x")]).await.refused(401, "AUTH_FLOW_INVALID", FLOW);
    // A code that is not ours, one for another sign-in, and one of another flow.
    let denied = format!("{CALLBACK}&error=access_denied&state=s+p%26ce");
    let away = begin(&world).await;
    let back = come_back(&world, &[("state", &away.asked["state"]), ("code", "sac_made_up")]).await;
    assert_eq!(back.headers["location"], denied);
    let away = begin(&world).await;
    let code = provider_code(&world, &away, &alice, "another nonce").await;
    let back = come_back(&world, &[("state", &away.asked["state"]), ("code", &code)]).await;
    assert_eq!(back.headers["location"], denied, "the nonce ties the code to this flow");
    let (one, other) = (begin(&world).await, begin(&world).await);
    let code = provider_code(&world, &one, &alice, &one.asked["nonce"]).await;
    let back = come_back(&world, &[("state", &other.asked["state"]), ("code", &code)]).await;
    assert_eq!(back.headers["location"], denied, "a code of one flow is worth nothing in another");
    // Somebody of another tenant than the one that was asked for.
    let elsewhere = world.other_tenant("elsewhere").await;
    let bob = world.user_in("bob@else.example", elsewhere, Role::TenantUser).await;
    let away = begin(&world).await;
    let code = provider_code(&world, &away, &bob, &away.asked["nonce"]).await;
    let back = come_back(&world, &[("state", &away.asked["state"]), ("code", &code)]).await;
    assert_eq!(back.headers["location"], denied);
    // Too late.
    let away = begin(&world).await;
    world.wait(600);
    let got = come_back(&world, &[("state", &away.asked["state"]), ("code", "x")]).await;
    got.refused(401, "AUTH_FLOW_INVALID", FLOW);
}

#[actix_web::test]
async fn our_code_is_bound_to_flow_address_and_challenge() {
    let world = World::new();
    let alice = world.user("alice@acme.example", Role::TenantUser).await;
    let other = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    for (field, wrong) in [("redirect_uri", json!("http://127.0.0.1:5173/callback")), ("code_verifier", json!(other))] {
        let away = begin(&world).await;
        let code = our_code(&world, &away, &alice).await;
        let mut body = exchange_body(&away.flow, &code);
        body[field] = wrong;
        open(&world, "/v1/auth/token", body).await.refused(401, "AUTH_FLOW_INVALID", FLOW);
        exchange(&world, &away.flow, &code).await.refused(401, "AUTH_FLOW_INVALID", FLOW);
    }
    let away = begin(&world).await;
    let code = our_code(&world, &away, &alice).await;
    for (flow, code) in [
        (begin(&world).await.flow, code.clone()),
        ("flow_1".to_owned(), code.clone()),
        ("usr_1".to_owned(), code.clone()),
        (away.flow.clone(), token::make(TokenKind::GrantCode).expose().clone()),
        (away.flow.clone(), "x".to_owned()),
    ] {
        exchange(&world, &flow, &code).await.refused(401, "AUTH_FLOW_INVALID", FLOW);
    }
    exchange(&world, &away.flow, &code).await.data(200);
    open(&world, "/v1/auth/token", json!({})).await.invalid("flow_id", "is required");
    let away = begin(&world).await;
    let code = our_code(&world, &away, &alice).await;
    world.wait(60);
    exchange(&world, &away.flow, &code).await.refused(401, "AUTH_FLOW_INVALID", FLOW);
}

#[actix_web::test]
async fn a_second_use_of_our_code_ends_what_the_first_led_to() {
    let world = World::new();
    let alice = world.user("alice@acme.example", Role::TenantUser).await;
    let away = begin(&world).await;
    let code = our_code(&world, &away, &alice).await;
    let tokens = exchange(&world, &away.flow, &code).await.data(200);
    let access = tokens["access_token"].as_str().unwrap();
    world.get(access, "/v1/me").await.data(200);
    exchange(&world, &away.flow, &code).await.refused(401, "AUTH_FLOW_INVALID", FLOW);
    world.get(access, "/v1/me").await.refused(401, "AUTH_TOKEN_INVALID", INVALID);
}

#[actix_web::test]
async fn of_500_exchanges_of_one_code_at_once_one_succeeds_and_then_its_tokens_are_dead() {
    let world = World::new();
    let alice = world.user("alice@acme.example", Role::TenantUser).await;
    let away = begin(&world).await;
    let code = our_code(&world, &away, &alice).await;
    let app = test::init_service(application(web::Data::from(Arc::clone(&world.stack)))).await;
    let (app, body) = (&app, &exchange_body(&away.flow, &code));
    let all = (0..500).map(|_| async move {
        let request = test::TestRequest::post().uri("/v1/auth/token").set_json(body);
        let answer = test::call_service(app, request.to_request()).await;
        (answer.status().as_u16(), test::read_body(answer).await)
    });
    let answers = futures_util::future::join_all(all).await;
    let good: Vec<_> = answers.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(good.len(), 1, "exactly one");
    assert!(answers.iter().all(|(status, _)| [200, 401].contains(status)));
    let tokens: Value = serde_json::from_slice(&good[0].1).unwrap();
    let access = tokens["data"]["access_token"].as_str().unwrap();
    world.get(access, "/v1/me").await.refused(401, "AUTH_TOKEN_INVALID", INVALID);
    let refresh = json!({ "refresh_token": tokens["data"]["refresh_token"] });
    assert_eq!(open(&world, "/v1/auth/refresh", refresh).await.status, 401, "reuse was seen");
}

#[actix_web::test]
async fn flows_are_swept_when_they_are_over() {
    let world = World::new();
    begin(&world).await;
    begin(&world).await;
    let now = world.stack.now();
    let sweep = async |after: i64| {
        let at = now.plus_secs(after);
        world.stack.store.write(move |tx| crate::login::sweep(tx, at, 10)).await.unwrap()
    };
    assert_eq!((sweep(599).await, sweep(600).await, sweep(600).await), (0, 2, 0));
}
