//! Signing in through a program: the whole flow at our own provider, and everything that can be wrong with it.

use super::*;
use crate::base::Secret;
use crate::http::testkit::{Browser, PASSWORD, browser};
use crate::oauth::first_party::{self, FIRST_PARTY};
use crate::oauth::pkce::Challenge;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};

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
    /// The path of the address to open in the browser.
    path: String,
    asked: BTreeMap<String, String>,
}

fn path_of(world: &World, url: &str) -> String {
    url.strip_prefix(world.stack.public_url()).unwrap_or_else(|| panic!("{url}")).to_owned()
}

async fn begin_with(world: &World, body: Value) -> Away {
    let begun = open(world, "/v1/auth/authorize", body).await.data(200);
    let url = begun["authorize_url"].as_str().unwrap();
    let flow = begun["flow_id"].as_str().unwrap().to_owned();
    Away { flow, path: path_of(world, url), asked: parameters(url) }
}

async fn begin(world: &World) -> Away {
    begin_with(world, begin_body()).await
}

/// Somebody of a tenant who has a password.
async fn person_in(world: &World, email: &str, tenant: TenantId) -> User {
    let user = world.user_in(email, tenant, Role::TenantUser).await;
    let phc = world.stack.passwords.hash(Secret::new(PASSWORD.to_owned())).await.unwrap();
    let (id, now) = (user.id, world.stack.now());
    let set = move |tx: &mut crate::store::WriteTx<'_>| people::set_password(tx, &all(), id, &phc, now);
    world.stack.store.write(set).await.unwrap();
    user
}

async fn person(world: &World, email: &str) -> User {
    person_in(world, email, world.tenant()).await
}

/// A browser that somebody is signed in with.
async fn signed_in(
    world: &World,
    email: &str,
) -> Browser<
    impl Service<actix_http::Request, Response = ServiceResponse<impl MessageBody + use<>>, Error = Error> + use<>,
> {
    let mut browser = browser(&world.stack).await;
    assert_eq!(browser.sign_in(email, PASSWORD).await.location(), "/admin/");
    browser
}

/// The callback's address with the provider's code, of a browser that is signed in.
async fn at_the_provider<B, S>(world: &World, browser: &mut Browser<S>, away: &Away) -> String
where
    B: MessageBody,
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
{
    path_of(world, browser.get(&away.path).await.location())
}

/// Through the provider and back, in a browser: where the client is sent in the end.
async fn through<B, S>(world: &World, browser: &mut Browser<S>, away: &Away, decision: &str) -> String
where
    B: MessageBody,
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
{
    let callback = at_the_provider(world, browser, away).await;
    let page = browser.get(&callback).await;
    assert!(page.status == 200 && page.body.contains("port <b class=\"mono\">5173</b>"), "{}", page.body);
    assert!(page.headers["content-security-policy"].contains("form-action 'self';"));
    let answer = [("flow", away.flow.as_str()), ("decision", decision)];
    browser.post("/v1/auth/callback", &answer).await.location().to_owned()
}

async fn come_back(world: &World, query: &[(&str, &str)]) -> Got {
    let query = serde_urlencoded::to_string(query).unwrap();
    world.call(Method::GET, &format!("/v1/auth/callback?{query}"), None, None).await
}

/// Through the provider and back: our code.
async fn our_code(world: &World, away: &Away, user: &User) -> String {
    let mut browser = signed_in(world, user.email.as_str()).await;
    let to = through(world, &mut browser, away, "allow").await;
    assert!(to.starts_with("http://127.0.0.1:5173/callback?keep=1&code=sac_"), "{to}");
    let got = parameters(&to);
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
async fn a_sign_in_for_a_program_from_identify_to_logout() {
    let world = World::new();
    let alice = person(&world, "alice@acme.example").await;
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
async fn identify_names_the_tenants_that_somebody_can_enter_and_strangers_get_the_default_one() {
    let world = World::new();
    let elsewhere = world.other_tenant("elsewhere").await;
    let alice = world.user("alice@acme.example", Role::TenantUser).await;
    let bob = world.user_in("bob@else.example", elsewhere, Role::TenantUser).await;
    let ask = async |email: &str| {
        let found = open(&world, "/v1/auth/identify", json!({ "email": email })).await.data(200);
        assert_eq!(found["user_exists"], true);
        let slugs =
            found["tenants"].as_array().unwrap().iter().map(|tenant| tenant["slug"].as_str().unwrap().to_owned());
        slugs.collect::<Vec<_>>()
    };
    assert_eq!(ask("bob@else.example").await, ["elsewhere"], "where the password will be taken");
    assert_eq!(ask("alice@acme.example").await, ["default"]);
    assert_eq!(ask("nobody@nowhere.example").await, ["default"], "as somebody is shown who belongs to it");
    let (id, now) = (alice.id, world.stack.now());
    let new = people::NewMembership::at_once(Role::TenantUser);
    let join = move |tx: &mut crate::store::WriteTx<'_>| {
        people::add_membership(tx, &all::<permit::WriteUsers>(), &people::UserRef::Id(id), elsewhere, &new, now)
    };
    world.stack.store.write(join).await.unwrap();
    assert_eq!(ask("alice@acme.example").await, ["default", "elsewhere"]);
    let off = people::UserPatch { status: Some(people::Status::Suspended), ..Default::default() };
    let id = bob.id;
    let suspend =
        move |tx: &mut crate::store::WriteTx<'_>| people::update(tx, &all::<permit::WriteUsers>(), id, &off, now);
    world.stack.store.write(suspend).await.unwrap();
    assert_eq!(ask("bob@else.example").await, ["default"], "who cannot come in is a stranger");
    world.settle().await;
    let log = crate::audit::list(
        &world.stack.store.read(),
        crate::access::Place::Platform,
        &Default::default(),
        None,
        0,
        100,
    );
    let rows = log.unwrap().rows;
    let asked: Vec<_> = rows.iter().filter(|(_, row)| row.event.action == "auth.identify").collect();
    assert_eq!(asked.len(), 5, "each stands in the log");
    open(&world, "/v1/auth/identify", json!({})).await.invalid("email", "is required");
    let got = open(&world, "/v1/auth/identify", json!({ "email": "x" })).await;
    assert_eq!((got.status, &got.json()["error"]["code"]), (422, &json!("VALIDATION_ERROR")));
}

#[actix_web::test]
async fn identify_tells_nothing_on_one_tenant_or_when_it_is_switched_off_and_is_counted_otherwise() {
    let world = World::new();
    world.user("alice@acme.example", Role::TenantUser).await;
    let ask = async |world: &World, email: &str| open(world, "/v1/auth/identify", json!({ "email": email })).await;
    let nobody = ask(&world, "nobody@nowhere.example").await.data(200);
    for _ in 0..60 {
        assert_eq!(ask(&world, "alice@acme.example").await.data(200), nobody, "one tenant: nothing is told or counted");
    }
    let elsewhere = world.other_tenant("elsewhere").await;
    world.user_in("bob@else.example", elsewhere, Role::TenantUser).await;
    for _ in 0..20 {
        ask(&world, "bob@else.example").await.data(200);
    }
    let got = ask(&world, "bob@else.example").await;
    assert_eq!(got.status, 429, "{}", got.text());
    let mut quiet = testkit::stack();
    Arc::get_mut(&mut quiet).unwrap().config.auth.identify_shows_tenants = false;
    let quiet = World { stack: quiet };
    let elsewhere = quiet.other_tenant("elsewhere").await;
    quiet.user_in("bob@else.example", elsewhere, Role::TenantUser).await;
    let nobody = ask(&quiet, "nobody@nowhere.example").await.data(200);
    assert_eq!(ask(&quiet, "bob@else.example").await.data(200), nobody);
}

#[actix_web::test]
async fn a_program_signs_somebody_in_to_the_tenant_that_it_names() {
    let world = World::new();
    let acme = world.other_tenant("acme").await;
    let alice = person(&world, "alice@acme.example").await;
    let (id, now) = (alice.id, world.stack.now());
    let new = people::NewMembership::at_once(Role::TenantUser);
    let join = move |tx: &mut crate::store::WriteTx<'_>| {
        people::add_membership(tx, &all::<permit::WriteUsers>(), &people::UserRef::Id(id), acme, &new, now)
    };
    world.stack.store.write(join).await.unwrap();
    let mut body = begin_body();
    body["tenant_id"] = json!(acme);
    // From the very first page, by the forms alone.
    let away = begin_with(&world, body.clone()).await;
    let mut browser = browser(&world.stack).await;
    let page = browser.get(&away.path).await.location().to_owned();
    let page = browser.get(&page).await;
    assert!(page.body.contains("Sign in to acme") && page.body.contains("alice@acme.example"), "{}", page.body);
    let sealed = page.between("name=\"request\" value=\"", "\"").to_owned();
    let form = [("request", sealed.as_str()), ("email", "alice@acme.example"), ("password", PASSWORD)];
    let next = browser.post("/login/password", &form).await.location().to_owned();
    let callback = path_of(&world, browser.get(&next).await.location());
    let page = browser.get(&callback).await;
    assert!(page.body.contains("Sign a program in?") && page.body.contains("It does not say"), "{}", page.body);
    let to = browser.post("/v1/auth/callback", &[("flow", &away.flow), ("decision", "allow")]).await;
    let code = parameters(to.location())["code"].clone();
    let tokens = exchange(&world, &away.flow, &code).await.data(200);
    let me = world.get(tokens["access_token"].as_str().unwrap(), "/v1/me").await.data(200);
    assert_eq!((&me["id"], &me["tenant_id"]), (&json!(alice.id), &json!(acme)));
    // Who is signed in to another of their tenants gets tokens for the one that was named.
    let mut other = signed_in(&world, "alice@acme.example").await;
    body["client_name"] = json!("Notes");
    let away = begin_with(&world, body.clone()).await;
    let callback = at_the_provider(&world, &mut other, &away).await;
    assert!(other.get(&callback).await.body.contains("Notes"), "the program is named");
    let to = other.post("/v1/auth/callback", &[("flow", &away.flow), ("decision", "allow")]).await;
    let tokens = exchange(&world, &away.flow, &parameters(to.location())["code"]).await.data(200);
    let me = world.get(tokens["access_token"].as_str().unwrap(), "/v1/me").await.data(200);
    assert_eq!(me["tenant_id"], json!(acme));
    // Who does not belong there does not get so far.
    person(&world, "bob@acme.example").await;
    let mut bob = signed_in(&world, "bob@acme.example").await;
    let away = begin_with(&world, body).await;
    let page = bob.get(&away.path).await.location().to_owned();
    assert!(bob.get(&page).await.body.contains("This account has no access"));
}

#[actix_web::test]
async fn a_program_gets_nothing_before_the_person_says_so_in_the_browser_that_signed_in() {
    let world = World::new();
    person(&world, "alice@acme.example").await;
    person(&world, "mallory@acme.example").await;
    let mut alice = signed_in(&world, "alice@acme.example").await;
    let no = begin(&world).await;
    let denied = format!("{CALLBACK}&error=access_denied&state=s+p%26ce");
    assert_eq!(through(&world, &mut alice, &no, "deny").await, denied);
    // Somebody else's answer, and a form that is none of ours.
    let away = begin(&world).await;
    let callback = at_the_provider(&world, &mut alice, &away).await;
    alice.get(&callback).await;
    let again = alice.get(&callback).await;
    assert!(again.status == 200 && again.body.contains("Sign a program in?"), "loaded anew: {}", again.body);
    let mut mallory = signed_in(&world, "mallory@acme.example").await;
    mallory.get("/login/forgot-password").await;
    let forged = [("flow", away.flow.as_str()), ("decision", "allow")];
    assert_eq!(mallory.post("/v1/auth/callback", &forged).await.status, 400);
    let elsewhere = mallory.get(&callback).await;
    assert!(elsewhere.status == 401 && elsewhere.body.contains("<h1>This sign-in is over"), "{}", elsewhere.body);
    let program = world.call(Method::GET, &callback, None, None).await;
    assert_eq!((program.status, &program.json()["error"]["code"]), (401, &json!("AUTH_FLOW_INVALID")));
    let without = alice.post_as("/v1/auth/callback", &forged, &[]).await;
    assert_eq!(without.status, 400);
    assert!(alice.post("/v1/auth/callback", &forged).await.location().contains("code=sac_"));
    assert_eq!(alice.post("/v1/auth/callback", &forged).await.status, 401, "once");
    // Mallory's own code, sent to Alice: her program does not become Mallory's.
    let away = begin(&world).await;
    let callback = at_the_provider(&world, &mut mallory, &away).await;
    let got = alice.get(&callback).await;
    assert_eq!((got.status, &got.headers["location"]), (302, &denied));
    // Too late.
    let away = begin(&world).await;
    let callback = at_the_provider(&world, &mut alice, &away).await;
    alice.get(&callback).await;
    world.wait(600);
    assert_eq!(alice.post("/v1/auth/callback", &[("flow", &away.flow), ("decision", "allow")]).await.status, 401);
}

#[actix_web::test]
async fn an_address_that_somebody_vouches_for_gets_its_code_without_a_question() {
    let mut stack = testkit::stack();
    let listed = "http://localhost:4711/back".to_owned();
    Arc::get_mut(&mut stack).unwrap().config.login.redirect_uris = vec![listed.clone()];
    let world = World { stack };
    person(&world, "alice@acme.example").await;
    let mut alice = signed_in(&world, "alice@acme.example").await;
    for uri in [listed, format!("{}/app", world.stack.public_url())] {
        let mut body = begin_body();
        body["redirect_uri"] = json!(uri);
        let away = begin_with(&world, body).await;
        let callback = at_the_provider(&world, &mut alice, &away).await;
        let got = alice.get(&callback).await;
        assert_eq!(got.status, 302);
        assert!(got.headers["location"].starts_with(&format!("{uri}?code=sac_")), "{}", got.headers["location"]);
    }
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
    let alice = person(&world, "alice@acme.example").await;
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
    // A code that is not ours, and one of another flow.
    let denied = format!("{CALLBACK}&error=access_denied&state=s+p%26ce");
    let mut browser = signed_in(&world, alice.email.as_str()).await;
    let away = begin(&world).await;
    let back = browser.get(&format!("/v1/auth/callback?code=sac_made_up&state={}", away.asked["state"])).await;
    assert_eq!(back.headers["location"], denied);
    let (one, other) = (begin(&world).await, begin(&world).await);
    let callback = at_the_provider(&world, &mut browser, &one).await;
    let mixed = callback.replace(&one.asked["state"], &other.asked["state"]);
    assert_ne!(mixed, callback);
    let back = browser.get(&mixed).await;
    assert_eq!(back.headers["location"], denied, "a code of one flow is worth nothing in another");
    // Too late.
    let away = begin(&world).await;
    world.wait(600);
    let got = come_back(&world, &[("state", &away.asked["state"]), ("code", "x")]).await;
    got.refused(401, "AUTH_FLOW_INVALID", FLOW);
}

#[actix_web::test]
async fn our_code_is_bound_to_flow_address_and_challenge() {
    let world = World::new();
    let alice = person(&world, "alice@acme.example").await;
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
    let alice = person(&world, "alice@acme.example").await;
    let away = begin(&world).await;
    let code = our_code(&world, &away, &alice).await;
    let tokens = exchange(&world, &away.flow, &code).await.data(200);
    let access = tokens["access_token"].as_str().unwrap();
    world.get(access, "/v1/me").await.data(200);
    exchange(&world, &away.flow, &code).await.refused(401, "AUTH_FLOW_INVALID", FLOW);
    world.get(access, "/v1/me").await.refused(401, "AUTH_TOKEN_INVALID", INVALID);
}

mod ends;
