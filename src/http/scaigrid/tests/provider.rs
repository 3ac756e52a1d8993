//! Signing in at another OpenID provider: a second instance of this server, over a socket.

use super::*;
use crate::access::{self, Evidence, Place, Principal};
use crate::apps::{self, AppScope, ApplicationType, NewApplication, NewSecret, RedirectUri};
use crate::base::ScopeSet;
use crate::base::id::ApplicationId;
use crate::config::{Config, Login, Networks};
use crate::http::listener::{self, ListenerConfig, Running, Unimplemented};
use crate::http::testkit::Browser;
use crate::oauth::code::NewCode;
use crate::oauth::pkce::Challenge;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use std::net::{Ipv4Addr, SocketAddr};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CALLBACK: &str = "http://127.0.0.1:5173/callback";

/// The provider, and the server that signs people in there.
struct Two {
    provider: World,
    here: World,
    client: ApplicationId,
    running: Running,
    _folder: tempfile::TempDir,
}

impl Two {
    async fn start(change: impl FnOnce(&mut Config)) -> Self {
        let provider = World::new();
        let config = ListenerConfig { workers: 1, ..ListenerConfig::default() };
        let data = web::Data::from(Arc::clone(&provider.stack));
        let app = move || application(data.clone());
        let port = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let running = listener::serve(port, config, app, Arc::new(Unimplemented)).await.unwrap();
        provider.stack.listening_on(running.local_addr());

        let mut stack = testkit::stack();
        let client: ApplicationId = stack.new_id();
        let (secret, text) = NewSecret::make(stack.new_id());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, format!("{}\n", text.expose())).unwrap();
        let config = &mut Arc::get_mut(&mut stack).unwrap().config;
        config.outbound.allowed_networks = Networks(vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        config.login = Login {
            issuer: provider.stack.issuers().text(crate::oauth::Issuer::Platform),
            client_id: apps::client_id(client),
            client_secret_file: file,
            ..Login::default()
        };
        change(config);
        let here = World { stack };
        let back = crate::oauth::first_party::redirect_uri(here.stack.issuers());
        let new = NewApplication {
            allowed_scopes: ScopeSet::parse("openid profile email").unwrap(),
            redirect_uris: vec![RedirectUri::parse(&back).unwrap()],
            ..NewApplication::new(DisplayName::parse("Other").unwrap(), ApplicationType::Web, AppScope::Global)
        };
        let now = provider.stack.now();
        let make = move |tx: &mut crate::store::WriteTx<'_>| apps::create(tx, &all(), &new, client, &secret, now);
        provider.stack.store.write(make).await.unwrap();
        Self { provider, here, client, running, _folder: folder }
    }

    async fn begin(&self) -> (u16, Value) {
        let body = json!({
            "email": "alice@acme.example", "redirect_uri": CALLBACK, "state": "x",
            "code_challenge": Challenge::of(VERIFIER).text(), "code_challenge_method": "S256",
        });
        let got = self.here.call(Method::POST, "/v1/auth/authorize", None, Some(&body)).await;
        (got.status, got.json())
    }

    /// A browser goes to the provider: what it is asked there.
    async fn go<B, S>(&self, browser: &mut Browser<S>) -> (BTreeMap<String, String>, String)
    where
        B: MessageBody,
        S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    {
        let (status, begun) = self.begin().await;
        assert_eq!(status, 200, "{begun}");
        let url = begun["data"]["authorize_url"].as_str().unwrap();
        let start = url.strip_prefix(self.here.stack.public_url()).unwrap();
        let there = browser.get(start).await;
        assert_eq!(there.status, 302, "{}", there.body);
        let to = &there.headers["location"];
        let platform = crate::oauth::Flavour::Platform;
        assert!(to.starts_with(&self.provider.stack.issuers().authorization_endpoint(&platform)));
        (parameters(to), begun["data"]["flow_id"].as_str().unwrap().to_owned())
    }

    /// Somebody signs in at the provider, and comes back: what the browser gets then.
    async fn sign_in<B, S>(
        &self,
        browser: &mut Browser<S>,
        asked: &BTreeMap<String, String>,
        user: &User,
        nonce: Option<&str>,
    ) -> testkit::Got
    where
        B: MessageBody,
        S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    {
        let (code, session) = (token::make(TokenKind::GrantCode), self.provider.session(user).await);
        let new = NewCode {
            digest: TokenDigest::of(code.expose()),
            application: self.client,
            user: user.id,
            email: user.email.clone(),
            session: session.id,
            tenant: session.tenant,
            redirect_uri: asked["redirect_uri"].clone(),
            redirect_uri_given: true,
            scope: ScopeSet::parse("openid profile email").unwrap(),
            nonce: Some(nonce.unwrap_or(&asked["nonce"]).to_owned()),
            challenge: Some(Challenge::parse(&asked["code_challenge"], Some("S256")).unwrap()),
            evidence: Evidence::of(&[access::Method::Password], session.evidence().at()),
            environment: false,
            origin: World::origin(),
        };
        let (stack, now) = (&self.provider.stack, self.provider.stack.now());
        let application = apps::client(&stack.store.read(), &apps::client_id(self.client)).unwrap().unwrap();
        let principal = Principal::User { id: user.id, email: user.email.clone() };
        let place = tenancy::place_of(&stack.store.read(), session.tenant).unwrap().unwrap();
        let actor = crate::tenancy::testkit::actor(principal, place, Vec::new(), None);
        let write = move |tx: &mut crate::store::WriteTx<'_>| {
            crate::oauth::consent::give(tx, &actor, &application, new.tenant, &new.scope, now)?;
            crate::oauth::code::create(tx, &new, now)
        };
        stack.store.write(write).await.unwrap();
        let query = [("code", code.expose().as_str()), ("state", asked["state"].as_str())];
        let query = serde_urlencoded::to_string(query).unwrap();
        browser.get(&format!("/v1/auth/callback?{query}")).await
    }
}

fn parameters(url: &str) -> BTreeMap<String, String> {
    url::Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

#[actix_web::test]
async fn people_sign_in_at_another_provider_by_their_verified_e_mail() {
    let two = Two::start(|_| ()).await;
    let there = two.provider.user("alice@acme.example", Role::TenantViewer).await;
    let alice = two.here.user("alice@acme.example", Role::TenantUser).await;
    let mut browser = testkit::browser(&two.here.stack).await;
    let (asked, flow) = two.go(&mut browser).await;
    assert_eq!(asked["client_id"], apps::client_id(two.client));
    // In another browser than the one that was sent there it is nobody's.
    let mut other = testkit::browser(&two.here.stack).await;
    assert_eq!(two.sign_in(&mut other, &asked, &there, None).await.status, 401);
    let page = two.sign_in(&mut browser, &asked, &there, None).await;
    assert!(page.body.contains("Sign a program in?") && page.body.contains("alice@acme.example"), "{}", page.body);
    let to = browser.post("/v1/auth/callback", &[("flow", &flow), ("decision", "allow")]).await;
    let code = parameters(to.location())["code"].clone();
    let body = json!({
        "flow_id": flow, "code": code, "code_verifier": VERIFIER, "redirect_uri": CALLBACK,
    });
    let tokens = two.here.call(Method::POST, "/v1/auth/token", None, Some(&body)).await.data(200);
    let access = tokens["access_token"].as_str().unwrap();
    let claims = crate::oauth::verify_access_token(
        &two.here.stack.keys.current(),
        two.here.stack.issuers(),
        access,
        two.here.stack.now(),
    );
    let family =
        crate::token_families::get(&two.here.stack.store.read(), claims.unwrap().family.unwrap()).unwrap().unwrap();
    assert_eq!(json!(family.evidence.amr()), json!(["fed"]), "how they signed in there is not ours to say (RFC 8176)");
    let me = two.here.get(access, "/v1/me").await.data(200);
    assert_eq!((&me["id"], &me["roles"]), (&json!(alice.id), &json!(["tenant_user"])), "as they are here, not there");
    two.running.stop(false).await;
}

#[actix_web::test]
async fn a_no_leaves_no_session_behind() {
    let two = Two::start(|_| ()).await;
    let there = two.provider.user("alice@acme.example", Role::TenantViewer).await;
    let alice = two.here.user("alice@acme.example", Role::TenantUser).await;
    let mut browser = testkit::browser(&two.here.stack).await;
    let (asked, flow) = two.go(&mut browser).await;
    two.sign_in(&mut browser, &asked, &there, None).await;
    let signed_in = || {
        let (granted, now) = (all::<permit::ReadSessions>(), two.here.stack.now());
        let filter = sessions::Filter { user: Some(alice.id), ..sessions::Filter::default() };
        let found = sessions::list(&two.here.stack.store.read(), &granted, filter, 10, now).unwrap();
        found.into_iter().filter(|session| session.ended_at.is_none()).count()
    };
    assert_eq!(signed_in(), 1, "while the question is open");
    let to = browser.post("/v1/auth/callback", &[("flow", &flow), ("decision", "deny")]).await;
    assert_eq!(parameters(to.location())["error"], "access_denied");
    assert_eq!(signed_in(), 0);
    two.running.stop(false).await;
}

#[actix_web::test]
async fn whoever_the_provider_does_not_vouch_for_stays_outside() {
    let two = Two::start(|_| ()).await;
    let alice = two.provider.user("alice@acme.example", Role::TenantViewer).await;
    two.here.user("alice@acme.example", Role::TenantUser).await;
    let denied = format!("{CALLBACK}?error=access_denied&state=x");
    let mut browser = testkit::browser(&two.here.stack).await;
    // Another sign-in's ID token.
    let (asked, _) = two.go(&mut browser).await;
    assert_eq!(two.sign_in(&mut browser, &asked, &alice, Some("another")).await.headers["location"], denied);
    // Somebody who is nobody here.
    let stranger = two.provider.user("stranger@acme.example", Role::TenantViewer).await;
    let (asked, _) = two.go(&mut browser).await;
    assert_eq!(two.sign_in(&mut browser, &asked, &stranger, None).await.headers["location"], denied);
    // Somebody whose address the provider has not verified: here they would be an administrator.
    two.here.user("boss@acme.example", Role::TenantAdmin).await;
    let (id, now): (UserId, _) = (two.provider.stack.new_id(), two.provider.stack.now());
    let email = Email::parse("boss@acme.example").unwrap();
    let new = NewUser::local(email, two.provider.tenant(), Role::TenantViewer);
    let make =
        move |tx: &mut crate::store::WriteTx<'_>| people::create(tx, &all::<permit::WriteUsers>(), &new, id, now);
    let impostor = two.provider.stack.store.write(make).await.unwrap();
    let (asked, _) = two.go(&mut browser).await;
    assert_eq!(two.sign_in(&mut browser, &asked, &impostor, None).await.headers["location"], denied);
    // A code that the provider never gave.
    let (asked, _) = two.go(&mut browser).await;
    let query = serde_urlencoded::to_string([("code", "sac_made_up"), ("state", &asked["state"])]).unwrap();
    let back = browser.get(&format!("/v1/auth/callback?{query}")).await;
    assert_eq!(back.headers["location"], denied);
    let place = Place::Platform;
    let log = crate::audit::list(&two.here.stack.store.read(), place, &Default::default(), None, 0, 1000).unwrap();
    assert!(!log.rows.iter().any(|(_, row)| row.event.action == "login" && row.event.outcome.name() == "success"));
    two.running.stop(false).await;
}

#[actix_web::test]
async fn a_provider_that_does_not_answer_or_is_private_is_told_from_a_refusal() {
    let busy = async |two: Two| {
        let (status, body) = two.begin().await;
        assert_eq!((status, &body["error"]["code"]), (503, &json!("SERVICE_UNAVAILABLE")), "{body}");
        assert!(!body.to_string().contains("127.0.0.1"), "{body}");
        two.running.stop(false).await;
    };
    busy(Two::start(|config| config.outbound.allowed_networks = Networks::default()).await).await;
    // Another server answers in its name.
    busy(Two::start(|config| config.login.issuer = config.login.issuer.replace("127.0.0.1", "localhost")).await).await;
    let gone = Two::start(|_| ()).await;
    gone.running.stop(false).await;
    busy(gone).await;
}
