//! Authorization requests: which fault shows a page, which goes to the client, and what has to happen before a code.

use super::*;
use crate::access::Place;
use crate::apps::{self, AppScope, Application, ApplicationStatus, ApplicationType, NewApplication, RedirectUri};
use crate::apps::{UpdateApplication, testkit};
use crate::base::id::UserId;
use crate::oauth::authorize::{
    Answer, CheckContext, ErrorCode, PageFault, Refused, Request, ResponseMode, Sent, check,
};
use crate::oauth::pkce::Challenge;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

pub(super) const CALLBACK: &str = "https://app.example/cb?tenant=1";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(super) fn application(world: &World, kind: ApplicationType, scope: AppScope, uris: &[&str]) -> Application {
    world.name_permission("files:read");
    let mut new = NewApplication::new(testkit::name("Notes"), kind, scope);
    new.allowed_scopes = testkit::scopes("openid profile email files:read");
    new.redirect_uris = uris.iter().map(|uri| RedirectUri::parse(uri).unwrap()).collect();
    world.try_register(Place::Platform, new).unwrap().0
}

fn change(world: &World, application: &Application, change: UpdateApplication) {
    let (granted, id) = (world.may(Place::Platform), application.id);
    world.write(move |tx| apps::update(tx, &granted, &change, id, NOW));
}

/// The parameters of a good request, with some replaced (or, where the value is empty, left out).
pub(super) fn query(application: &Application, with: &[(&str, &str)]) -> String {
    let client_id = application.client_id();
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", &client_id),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile"),
        ("state", "xyz"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in with {
        pairs.retain(|(have, _)| have != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub(super) fn try_check(world: &World, flavour: &Flavour, query: &str) -> Result<Request, Refused> {
    let issuers = issuers();
    let looking = CheckContext { keys: &KEYS, issuers: &issuers, flavour };
    check(&world.store.read(), &looking, &Sent::parse(query.as_bytes()).unwrap())
}

/// The error that goes to the client.
fn told(world: &World, application: &Application, with: &[(&str, &str)]) -> Option<&'static str> {
    match try_check(world, &Flavour::Platform, &query(application, with)) {
        Ok(_) => None,
        Err(Refused::Redirect { back, fault }) => {
            assert_eq!(back.redirect_uri, CALLBACK);
            Some(fault.code.as_str())
        }
        Err(other) => panic!("{with:?}: {other:?}"),
    }
}

pub(super) fn page_at(world: &World, flavour: &Flavour, query: &str) -> PageFault {
    match try_check(world, flavour, query) {
        Err(Refused::Page { fault, .. }) => fault,
        other => panic!("{query}: {other:?}"),
    }
}

fn page(world: &World, application: &Application, with: &[(&str, &str)]) -> PageFault {
    page_at(world, &Flavour::Platform, &query(application, with))
}

#[test]
fn a_sound_request_is_read_whole_in_any_order() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    let more = [
        ("nonce", "n-0S6"),
        ("prompt", "login consent"),
        ("max_age", "300"),
        ("login_hint", "ann@example.com"),
        ("acr_values", "a b"),
        ("display", "popup"),
        ("ui_locales", "de-CH en"),
        ("claims_locales", "de"),
        ("claims", r#"{"userinfo":{"name":{"essential":true}}}"#),
        ("extra", "foobar"),
        ("resource", "https://id.example/v1/secrets"),
        ("response_mode", "form_post"),
    ];
    let text = query(&app, &more);
    let request = try_check(&world, &Flavour::Platform, &text).unwrap();
    assert_eq!((request.application, request.tenant), (app.id, None));
    assert_eq!(request.back.redirect_uri, CALLBACK);
    assert!(request.names_redirect_uri && request.prompt.login && request.prompt.consent && !request.prompt.none);
    assert_eq!(request.back.mode, ResponseMode::FormPost);
    assert_eq!(request.scope.to_string(), "openid profile");
    assert_eq!(request.nonce.as_deref(), Some("n-0S6"));
    assert_eq!(request.code_challenge, Challenge::parse(CHALLENGE, Some("S256")).ok());
    assert_eq!(request.max_age, Some(300));
    assert_eq!(request.login_hint.as_deref(), Some("ann@example.com"));
    let reversed = text.split('&').rev().collect::<Vec<_>>().join("&");
    assert_eq!(try_check(&world, &Flavour::Platform, &reversed).unwrap(), request);
}

#[test]
fn a_redirect_uri_that_differs_by_a_byte_gets_a_page() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &["https://app.example/cb?tenant=1"]);
    for bad in [
        "https://app.example/cb?tenant=2",
        "https://app.example/cb?tenant=1&x",
        "https://app.example/cb?tenant=1#",
        "https://app.example/cb/?tenant=1",
        "https://app.example/cB?tenant=1",
        "https://App.example/cb?tenant=1",
        "https://app.example:443/cb?tenant=1",
        "http://app.example/cb?tenant=1",
        "https://app.example/%63b?tenant=1",
        "https://a@app.example/cb?tenant=1",
        "https://app.example.evil.example/cb?tenant=1",
        "https://app.example/cb",
        "https://app.example/x/../cb?tenant=1",
        " https://app.example/cb?tenant=1",
        "https://app.example/cb?tenant=1\n",
        "/cb?tenant=1",
        "//app.example/cb?tenant=1",
    ] {
        assert_eq!(page(&world, &app, &[("redirect_uri", bad)]), PageFault::ForeignRedirectUri, "{bad}");
    }
    let Err(Refused::Page { given, application, .. }) =
        try_check(&world, &Flavour::Platform, &query(&app, &[("redirect_uri", "https://new.example/cb")]))
    else {
        panic!()
    };
    assert_eq!((given.as_deref(), application), (Some("https://new.example/cb"), Some(app.id)), "for the admin's page");
}

#[test]
fn on_the_loopback_any_port_and_nothing_else() {
    let world = World::new();
    let uris = ["http://127.0.0.1/cb", "http://localhost:3000/cb"];
    let app = application(&world, ApplicationType::Native, AppScope::Global, &uris);
    let sent = |uri| try_check(&world, &Flavour::Platform, &query(&app, &[("redirect_uri", uri)]));
    for good in ["http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", "http://localhost:3000/cb"] {
        assert_eq!(sent(good).unwrap().back.redirect_uri, good, "as it was asked for");
    }
    for bad in [
        "http://127.0.0.1:49152/cb/x",
        "http://127.0.0.1:49152/cb?x",
        "http://127.0.0.2:1/cb",
        "https://127.0.0.1:1/cb",
        "http://127.0.0.1:1@evil.example/cb",
        "http://localhost:3001/cb",
        "http://localhost/cb",
        "http://[::1]:1/cb",
    ] {
        assert!(matches!(sent(bad), Err(Refused::Page { fault: PageFault::ForeignRedirectUri, .. })), "{bad}");
    }
    // What is served from a machine has a port of its own (RFC 8252 §7.3 is for native applications).
    for kind in [ApplicationType::Web, ApplicationType::Spa] {
        let app = application(&world, kind, AppScope::Global, &["http://127.0.0.1:3000/callback"]);
        let sent = |uri| try_check(&world, &Flavour::Platform, &query(&app, &[("redirect_uri", uri)]));
        assert!(sent("http://127.0.0.1:3000/callback").is_ok());
        for other in ["http://127.0.0.1:3001/callback", "http://127.0.0.1/callback"] {
            assert!(matches!(sent(other), Err(Refused::Page { fault: PageFault::ForeignRedirectUri, .. })), "{other}");
        }
    }
}

#[test]
fn without_a_redirect_uri_nothing_is_guessed() {
    let world = World::new();
    let two = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK, "https://app.example/two"]);
    let one = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    let none = application(&world, ApplicationType::Service, AppScope::Global, &[]);
    let plain = [("redirect_uri", ""), ("scope", "files:read")];
    assert_eq!(page(&world, &two, &plain), PageFault::NoRedirectUri);
    assert_eq!(page(&world, &none, &plain), PageFault::NoRedirectUri);
    assert_eq!(page(&world, &one, &[("redirect_uri", "")]), PageFault::NoRedirectUri, "OpenID Connect wants it");
    let request = try_check(&world, &Flavour::Platform, &query(&one, &plain)).unwrap();
    assert_eq!((request.back.redirect_uri.as_str(), request.names_redirect_uri), (CALLBACK, false));
    let twice = format!("{}&redirect_uri=https%3A%2F%2Fevil.example", query(&one, &[]));
    assert_eq!(page_at(&world, &Flavour::Platform, &twice), PageFault::NoRedirectUri);
}

#[test]
fn an_unknown_or_disabled_client_gets_a_page() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    for bad in ["", "skc_999", "skc_0", "nobody", "skc_1 "] {
        assert_eq!(page(&world, &app, &[("client_id", bad)]), PageFault::UnknownClient, "{bad}");
    }
    let twice = format!("{}&client_id=skc_1", query(&app, &[]));
    assert_eq!(page_at(&world, &Flavour::Platform, &twice), PageFault::UnknownClient);
    assert_eq!(page_at(&world, &at("default"), &query(&app, &[])), PageFault::OtherEndpoint);
    assert_eq!(page_at(&world, &at("nowhere"), &query(&app, &[])), PageFault::NoTenant);
    let own = application(&world, ApplicationType::Web, AppScope::Tenant(world.acme), &[CALLBACK]);
    let partners = application(&world, ApplicationType::Web, AppScope::Partner(world.one), &[CALLBACK]);
    for app in [&own, &partners] {
        assert_eq!(page(&world, app, &[]), PageFault::OtherEndpoint);
        assert_eq!(page_at(&world, &at("other"), &query(app, &[])), PageFault::UnknownClient);
        let request = try_check(&world, &at("acme"), &query(app, &[])).unwrap();
        assert_eq!((request.tenant, request.back.issuer), (Some(world.acme), Issuer::Tenant(world.acme)));
    }
    assert_eq!(page_at(&world, &at("default"), &query(&own, &[])), PageFault::UnknownClient);
    change(&world, &app, UpdateApplication { status: Some(ApplicationStatus::Disabled), ..Default::default() });
    assert_eq!(page(&world, &app, &[]), PageFault::DisabledClient);
}

#[test]
fn no_other_parameter_says_where_to_go() {
    const CANARY: &str = "https://canary.example/x";
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    for name in [
        "response_type",
        "scope",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "prompt",
        "max_age",
        "login_hint",
        "acr_values",
        "ui_locales",
        "claims_locales",
        "claims",
        "display",
        "id_token_hint",
        "request",
        "request_uri",
        "registration",
        "post_logout_redirect_uri",
        "next",
        "return_to",
        "iss",
        "resource",
        "idp_hint",
        "client_uri",
        "error",
        "code",
    ] {
        let text = query(&app, &[(name, CANARY)]);
        let answer = match try_check(&world, &Flavour::Platform, &text) {
            Ok(request) => Answer::code(&request.back, &issuers(), &crate::base::Secret::new("c".to_owned())),
            Err(Refused::Redirect { back, fault }) => Answer::error(&back, &issuers(), &fault),
            Err(other) => panic!("{name}: {other:?}"),
        };
        assert_eq!(answer.redirect_uri, CALLBACK, "{name}");
        // What is refused may be named to the developer, and only there.
        let url = answer.url();
        let told = url.split('&').filter(|part| !part.starts_with("error_description=")).collect::<String>();
        assert!(!told.contains("canary"), "{name}: {url}");
    }
}

#[test]
fn without_pkce_no_client_is_answered_but_one_whose_switch_is_off() {
    let world = World::new();
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];
    for kind in ApplicationType::ALL {
        let app = application(&world, kind, AppScope::Global, &[CALLBACK]);
        assert_eq!(told(&world, &app, &bare), Some("invalid_request"), "{kind:?}");
        let off = UpdateApplication { require_pkce: Some(false), ..Default::default() };
        if kind.is_confidential() {
            change(&world, &app, off);
            let event = world.last_event();
            assert_eq!(
                (event.action.as_str(), testkit::detail(&event, "require_pkce")),
                ("application.update", Some("false"))
            );
            assert_eq!(told(&world, &app, &bare), None);
            assert_eq!(told(&world, &app, &[("code_challenge_method", "plain")]), Some("invalid_request"));
            assert_eq!(told(&world, &app, &[("code_challenge", "")]), Some("invalid_request"), "a method alone");
        } else {
            let (granted, id) = (world.may(Place::Platform), app.id);
            assert!(world.try_write(move |tx| apps::update(tx, &granted, &off, id, NOW)).is_err(), "{kind:?}");
        }
    }
}

#[test]
fn plain_is_refused() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    for method in ["plain", "", "s256", "S512"] {
        assert_eq!(told(&world, &app, &[("code_challenge_method", method)]), Some("invalid_request"), "{method}");
    }
}

#[test]
fn a_challenge_of_the_wrong_length_or_alphabet_is_refused_here() {
    let world = World::new();
    let app = application(&world, ApplicationType::Spa, AppScope::Global, &[CALLBACK]);
    let (long, short) = (format!("{CHALLENGE}A"), &CHALLENGE[1..]);
    for bad in
        [&long, short, "a", &CHALLENGE.replace('-', "+"), &CHALLENGE.replace('-', "="), &CHALLENGE.replace('9', "ä")]
    {
        assert_eq!(told(&world, &app, &[("code_challenge", bad)]), Some("invalid_request"), "{bad}");
    }
}

#[test]
fn a_scope_that_is_none_is_left_aside_and_one_that_is_not_allowed_is_refused() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    let asked = |scope: &str| {
        let request = try_check(&world, &Flavour::Platform, &query(&app, &[("scope", scope)]));
        request.unwrap().scope.to_string()
    };
    assert_eq!(asked("openid read:user profile User.Read"), "openid profile");
    assert_eq!(asked("openid files:read"), "openid files:read", "a named permission is a scope");
    assert_eq!(told(&world, &app, &[("scope", "read:user")]), Some("invalid_scope"), "none is left");
    assert_eq!(told(&world, &app, &[("scope", "openid read:user users:read")]), Some("invalid_scope"));
}

#[test]
fn every_fault_behind_the_address_goes_to_the_client() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    let (long, huge) = ("n".repeat(1025), "s".repeat(8 * 1024 + 1));
    for (with, code) in [
        (("response_type", ""), "invalid_request"),
        (("response_mode", "fragment"), "invalid_request"),
        (("response_mode", "query.jwt"), "invalid_request"),
        (("scope", ""), "invalid_scope"),
        (("scope", "openid admin:write"), "invalid_scope"),
        (("scope", "openid \"x\""), "invalid_scope"),
        (("prompt", "none login"), "invalid_request"),
        (("prompt", "none consent"), "invalid_request"),
        (("prompt", "select_account none"), "invalid_request"),
        (("prompt", "create"), "invalid_request"),
        (("max_age", "-1"), "invalid_request"),
        (("max_age", "1.5"), "invalid_request"),
        (("max_age", "+1"), "invalid_request"),
        (("nonce", &long), "invalid_request"),
        (("state", &huge), "invalid_request"),
        (("claims", "name"), "invalid_request"),
        (("id_token_hint", "a.b.c"), "invalid_request"),
        (("request", "eyJhbGciOiJub25lIn0.e30."), "request_not_supported"),
        (("request_uri", "https://app.example/r"), "request_uri_not_supported"),
        (("registration", "{}"), "registration_not_supported"),
        (("resource", "https://api.example"), "invalid_target"),
    ] {
        assert_eq!(told(&world, &app, &[with]), Some(code), "{with:?}");
    }
    for name in ["scope", "state", "nonce", "prompt", "code_challenge", "response_mode", "request", "claims"] {
        let text = query(&app, &[("nonce", "a"), ("prompt", "login")]) + &format!("&{name}=a&{name}=b");
        let result = try_check(&world, &Flavour::Platform, &text);
        let Err(Refused::Redirect { fault, .. }) = result else { panic!("{name}: {result:?}") };
        assert!(matches!(fault.code, ErrorCode::InvalidRequest | ErrorCode::RequestNotSupported), "{name}");
    }
    let not_text = query(&app, &[]) + "&nonce=%ff";
    assert!(matches!(try_check(&world, &Flavour::Platform, &not_text), Err(Refused::Redirect { .. })));
    assert!(Sent::parse(b"a=%zz").is_none() && Sent::parse("a&".repeat(65).as_bytes()).is_none());
    assert_eq!(told(&world, &app, &[("max_age", "99999999999999999999999")]), Some("invalid_request"));
    assert_eq!(told(&world, &app, &[("max_age", "9999999999")]), None, "longer than anything lives");
}

#[test]
fn iss_is_in_every_answer() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Tenant(world.acme), &[CALLBACK]);
    let good = try_check(&world, &at("acme"), &query(&app, &[])).unwrap();
    let iss = format!("iss=https%3A%2F%2Fid.example%2Ftenants%2F{}", world.acme);
    let code = crate::base::Secret::new("sac_x y".to_owned());
    let url = Answer::code(&good.back, &issuers(), &code).url();
    assert_eq!(url, format!("https://app.example/cb?tenant=1&code=sac_x%20y&state=xyz&{iss}"));
    let Err(Refused::Redirect { back, fault }) = try_check(&world, &at("acme"), &query(&app, &[("scope", "")])) else {
        panic!()
    };
    let answer = Answer::error(&back, &issuers(), &fault);
    assert!(answer.url().starts_with("https://app.example/cb?tenant=1&error=invalid_scope&error_description="));
    assert!(answer.url().ends_with(&format!("&state=xyz&{iss}")));
    let fields: Vec<_> = answer.fields().map(|(name, _)| name).collect();
    assert_eq!(fields, ["error", "error_description", "state", "iss"]);
    assert_eq!(Metadata::new(&issuers(), Issuer::Tenant(world.acme), &at("acme")).issuer, issuers().text(back.issuer));
}

#[test]
fn the_state_comes_back_unchanged_or_is_not_there() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    let back = |state: &[u8], mode: &str| {
        let encoded: String = state.iter().map(|byte| format!("%{byte:02x}")).collect();
        let text = query(&app, &[("state", ""), ("response_mode", mode)]) + &format!("&state={encoded}");
        match try_check(&world, &Flavour::Platform, &text) {
            Ok(request) => Ok(request.back),
            Err(Refused::Redirect { back, .. }) => Err(back),
            Err(other) => panic!("{other:?}"),
        }
    };
    let all: Vec<u8> = (0..=255).collect();
    let long = vec![b'x'; 8 * 1024];
    for state in [b"a b+c&d=e%41#/?".as_slice(), "zażółć \u{1F980}".as_bytes(), b"\r\n\0", &all, &long] {
        let answer = Answer::error(
            &back(state, "").unwrap(),
            &issuers(),
            &super::super::authorize::Fault::new(ErrorCode::AccessDenied, "x"),
        );
        let url = answer.url();
        let sent = url.split_once("&state=").unwrap().1.split('&').next().unwrap();
        let bytes = Sent::parse(format!("s={sent}").as_bytes()).unwrap();
        assert_eq!(format!("{bytes:?}"), r#"["s"]"#);
        assert_eq!(percent_decoded(sent), state);
    }
    assert_eq!(
        back("é\u{1F980}\"<".as_bytes(), "form_post").unwrap().state,
        back("é\u{1F980}\"<".as_bytes(), "").unwrap().state
    );
    for bad in [b"a\nb".as_slice(), b"\xff", b"\0"] {
        let refused = back(bad, "form_post").unwrap_err();
        assert_eq!(
            refused.state.map(|state| state.0).as_deref(),
            Some(bad),
            "a form would change it, an address does not"
        );
        assert_eq!(refused.mode, ResponseMode::Query);
    }
    assert_eq!(back(&vec![b'x'; 8 * 1024 + 1], "").unwrap_err().state, None);
    assert!(back(b"x", "fragment").unwrap_err().state.is_some(), "another fault does not lose it");
    let without = try_check(&world, &Flavour::Platform, &query(&app, &[("state", "")])).unwrap();
    assert!(
        !Answer::code(&without.back, &issuers(), &crate::base::Secret::new("c".to_owned())).url().contains("state")
    );
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            out.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

#[test]
fn only_code_is_answered() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    for kind in ["token", "id_token", "code token", "code id_token", "id_token token", "none", "Code", "code code"] {
        assert_eq!(told(&world, &app, &[("response_type", kind)]), Some("unsupported_response_type"), "{kind}");
    }
}

/// An ID token as we sign it.
pub(super) fn id_token(issuer: Issuer, aud: &str, user: UserId, typ: &str, age: i64) -> String {
    let iat = NOW.secs() - age;
    let claims = json!({"iss": issuers().text(issuer), "aud": aud, "sub": user.to_string(), "sid": "ses_9", "iat": iat, "exp": iat + 300});
    KEYS.signer(SigningAlg::default()).unwrap().sign(typ, &claims).unwrap()
}

#[test]
fn an_id_token_hint_is_ours_for_this_client_and_may_have_expired() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    let (ann, client_id) = (UserId::from_raw(77), app.client_id());
    let hinted = |token: &str| {
        try_check(&world, &Flavour::Platform, &query(&app, &[("id_token_hint", token)])).map(|request| request.hinted)
    };
    for age in [0, 100_000] {
        let token = id_token(Issuer::Platform, &client_id, ann, "JWT", age);
        assert_eq!(hinted(&token).unwrap(), Some(ann));
        let mut parts: Vec<_> = token.split('.').collect();
        parts[2] = "";
        assert!(hinted(&parts.join(".")).is_err(), "without its signature");
        // From before a rotation of the keys: nobody is shown, and nobody is sent away.
        let gone = json!({ "alg": "RS256", "kid": "gone", "typ": "JWT" }).to_string();
        let gone = URL_SAFE_NO_PAD.encode(gone);
        parts[0] = &gone;
        assert_eq!(hinted(&parts.join(".")).unwrap(), None);
    }
    for bad in [
        id_token(Issuer::Tenant(world.acme), &client_id, ann, "JWT", 0),
        id_token(Issuer::Platform, "skc_9", ann, "JWT", 0),
    ] {
        assert!(matches!(hinted(&bad), Err(Refused::Redirect { .. })));
    }
    for other in [access_token_type(), "logout+jwt"] {
        assert!(hinted(&id_token(Issuer::Platform, &client_id, ann, other, 0)).is_err(), "{other}");
    }
}
