//! Signing out because a client asks: the eleven modules of RP-initiated logout, as far as they do not need a browser.

use super::*;
use crate::access::Place;
use crate::apps::{AppScope, Application, ApplicationType, NewApplication, RedirectUri, testkit};
use crate::base::id::UserId;
use crate::oauth::authorize::Sent;
use crate::oauth::end_session::{Checked, Trouble, check};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

const BACK: &str = "https://app.example/bye";

fn application(world: &World, scope: AppScope) -> Application {
    let mut new = NewApplication::new(testkit::name("Notes"), ApplicationType::Web, scope);
    new.post_logout_redirect_uris = vec![RedirectUri::parse(BACK).unwrap()];
    world.try_register(Place::Platform, new).unwrap().0
}

fn hint(issuer: Issuer, aud: &str) -> String {
    let iat = NOW.secs() - 100_000;
    let claims = json!({"iss": issuers().text(issuer), "aud": aud, "sub": "usr_77", "sid": "ses_9", "iat": iat, "exp": iat + 300});
    KEYS.signer(SigningAlg::default()).unwrap().sign("JWT", &claims).unwrap()
}

fn asked(world: &World, flavour: &Flavour, pairs: &[(&str, &str)]) -> Checked {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let sent = Sent::parse(query.as_bytes()).unwrap();
    check(&world.store.read(), &KEYS, &issuers(), flavour, &sent).unwrap()
}

#[test]
fn only_a_good_hint_and_a_registered_address_lead_back() {
    let world = World::new();
    let app = application(&world, AppScope::Global);
    let (good, client_id) = (hint(Issuer::Platform, &app.client_id()), app.client_id());
    let at_platform = |pairs: &[(&str, &str)]| asked(&world, &Flavour::Platform, pairs);
    let happy = at_platform(&[("id_token_hint", &good), ("post_logout_redirect_uri", BACK), ("state", "a b&c")]);
    assert_eq!(happy.back.as_deref(), Some("https://app.example/bye?state=a%20b%26c"));
    assert_eq!((happy.user, happy.trouble), (Some(UserId::from_raw(77)), None));
    let named = [("id_token_hint", good.as_str()), ("post_logout_redirect_uri", BACK), ("client_id", &client_id)];
    assert_eq!(at_platform(&named).back.as_deref(), Some(BACK), "no state, nothing is added");
    assert_eq!(at_platform(&[]), Checked::default(), "no parameters");
    assert_eq!(at_platform(&[("state", "x")]), Checked::default(), "only a state");
    let without = at_platform(&[("id_token_hint", &good), ("state", "x")]);
    assert_eq!((without.back, without.trouble), (None, None), "no address");

    let none = good.rsplit_once('.').unwrap().0.to_owned() + ".";
    let former = json!({ "alg": "RS256", "kid": "gone", "typ": "JWT" }).to_string();
    let gone = format!("{}.{}", URL_SAFE_NO_PAD.encode(former), good.split_once('.').unwrap().1);
    let foreign = hint(Issuer::Tenant(world.acme), &app.client_id());
    // Whoever is not shown is asked, and goes where the client that is named wants them.
    let long = "s".repeat(8 * 1024 + 1);
    for pairs in [
        vec![("post_logout_redirect_uri", BACK), ("client_id", client_id.as_str())],
        vec![("id_token_hint", &gone), ("post_logout_redirect_uri", BACK)],
        vec![("id_token_hint", &gone), ("post_logout_redirect_uri", BACK), ("client_id", &client_id)],
    ] {
        let checked = at_platform(&pairs);
        let want = Checked { back: Some(BACK.to_owned()), ..Checked::default() };
        assert_eq!(checked, want, "{pairs:?}");
    }
    for (pairs, trouble) in [
        (vec![("id_token_hint", good.as_str()), ("post_logout_redirect_uri", BACK), ("state", &long)], Trouble::State),
        (vec![("post_logout_redirect_uri", BACK)], Trouble::Nobody),
        (vec![("post_logout_redirect_uri", BACK), ("client_id", "skc_9")], Trouble::Client),
        (vec![("post_logout_redirect_uri", "https://evil.example/"), ("client_id", &client_id)], Trouble::Redirect),
        (
            vec![("id_token_hint", &good), ("post_logout_redirect_uri", "https://app.example/bye?x=1")],
            Trouble::Redirect,
        ),
        (vec![("id_token_hint", &good), ("post_logout_redirect_uri", "https://evil.example/")], Trouble::Redirect),
        (vec![("id_token_hint", &none), ("post_logout_redirect_uri", BACK)], Trouble::Hint),
        (vec![("id_token_hint", &foreign), ("post_logout_redirect_uri", BACK)], Trouble::Hint),
        (vec![("id_token_hint", &gone), ("post_logout_redirect_uri", "https://evil.example/")], Trouble::Redirect),
        (vec![("id_token_hint", &gone), ("post_logout_redirect_uri", BACK), ("client_id", "skc_9")], Trouble::Client),
        (vec![("id_token_hint", "x"), ("post_logout_redirect_uri", BACK)], Trouble::Hint),
        (vec![("id_token_hint", &good), ("post_logout_redirect_uri", BACK), ("client_id", "skc_9")], Trouble::Client),
        (
            vec![("id_token_hint", &good), ("id_token_hint", &good), ("post_logout_redirect_uri", BACK)],
            Trouble::Unclear,
        ),
    ] {
        let checked = at_platform(&pairs);
        assert_eq!((checked.trouble, checked.back), (Some(trouble), None), "{pairs:?}");
    }
}

/// RFC 8252 §7.3 is for native applications: what is served from a machine has a port of its own.
#[test]
fn only_a_native_application_is_left_for_any_loopback_port() {
    let world = World::new();
    for (kind, other_port) in
        [(ApplicationType::Native, true), (ApplicationType::Web, false), (ApplicationType::Spa, false)]
    {
        let mut new = NewApplication::new(testkit::name("Notes"), kind, AppScope::Global);
        new.post_logout_redirect_uris = vec![RedirectUri::parse("http://127.0.0.1:3000/bye").unwrap()];
        let app = world.try_register(Place::Platform, new).unwrap().0;
        let good = hint(Issuer::Platform, &app.client_id());
        let back = |to: &str| {
            let pairs = [("id_token_hint", good.as_str()), ("post_logout_redirect_uri", to)];
            asked(&world, &Flavour::Platform, &pairs).back.is_some()
        };
        assert!(back("http://127.0.0.1:3000/bye"));
        assert_eq!(back("http://127.0.0.1:3001/bye"), other_port, "{kind:?}");
    }
}

#[test]
fn a_hint_counts_at_its_own_issuer_only() {
    let world = World::new();
    let app = application(&world, AppScope::Tenant(world.acme));
    let own = hint(Issuer::Tenant(world.acme), &app.client_id());
    let pairs = [("id_token_hint", own.as_str()), ("post_logout_redirect_uri", BACK)];
    assert_eq!(asked(&world, &at("acme"), &pairs).back.as_deref(), Some(BACK));
    for flavour in [Flavour::Platform, at("other"), at("nowhere")] {
        assert_eq!(asked(&world, &flavour, &pairs).back, None, "{flavour:?}");
    }
    let elsewhere = application(&world, AppScope::Global);
    let wrong = hint(Issuer::Tenant(world.acme), &elsewhere.client_id());
    let pairs = [("id_token_hint", wrong.as_str()), ("post_logout_redirect_uri", BACK)];
    assert_eq!(asked(&world, &at("acme"), &pairs).trouble, Some(Trouble::Client));
}
