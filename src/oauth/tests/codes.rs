//! Authorization codes: used once, by whom they were made for.

use super::person::*;
use super::*;
use crate::apps::ApplicationType::{Native, Spa, Web};
use crate::apps::testkit::detail;
use crate::apps::{AppScope, Application};
use crate::crypto::token::{TokenDigest, TokenKind};
use std::sync::Arc;

const DEAD: Result<(), ErrorCode> = Err(ErrorCode::InvalidGrant);

fn code_of<T>(result: Result<T, OAuthError>) -> Result<(), ErrorCode> {
    result.map(|_| ()).map_err(|error| {
        assert_eq!(error.status, 400);
        error.code
    })
}

#[test]
fn a_code_becomes_tokens() {
    let ann = Person::new();
    for kind in [Web, Spa, Native] {
        let client = ann.app(kind);
        let tokens = ann.tokens(&client, "openid profile");
        assert_eq!((tokens.token_type, tokens.expires_in, tokens.scope.as_str()), ("Bearer", 3600, "openid profile"));
        assert!(tokens.id_token.is_some() && ann.holds(&tokens.access_token, NOW));
        assert_eq!(tokens.refresh_token.is_some(), kind != Spa, "WEB and NATIVE get one unasked");
        let event = ann.world.last_event();
        assert_eq!((event.action.as_str(), event.tenant), ("token.issue", Some(ann.world.acme)));
        assert_eq!(detail(&event, "grant_type"), Some("authorization_code"));
        assert_eq!(detail(&event, "user"), Some(ann.user.id.to_string().as_str()));
        let more = ann.tokens(&client, "openid offline_access");
        assert!(more.refresh_token.is_some(), "{kind:?} asked for it");
        assert!(ann.tokens(&client, "profile").id_token.is_none(), "no ID token without openid");
    }
}

#[test]
fn no_or_a_wrong_verifier_kills_the_code() {
    let ann = Person::new();
    let client = ann.app(Spa);
    let other = VERIFIER.replace('d', "e");
    for verifier in ["", "short", &other, &"a".repeat(129)] {
        let code = ann.code(&client, "openid");
        let asked = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", verifier)];
        assert_eq!(code_of(ann.ask(&client, &asked, NOW)), DEAD, "{verifier}");
        assert_eq!(code_of(ann.redeem(&client, &code, NOW)), DEAD, "dead, with the right one too");
    }
}

#[test]
fn a_verifier_for_a_code_without_challenge_is_refused() {
    let ann = Person::new();
    let client = ann.app(Web);
    let without = || ann.code_with(&client, "openid", NOW, |new| new.challenge = None);
    assert_eq!(code_of(ann.redeem(&client, &without(), NOW)), DEAD);
    let code = without();
    let asked = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", "")];
    assert_eq!(code_of(ann.ask(&client, &asked, NOW)), Ok(()), "an empty parameter was not sent");
}

#[test]
fn a_code_is_random_kept_as_a_hash_and_short_lived() {
    let ann = Person::new();
    let client = ann.app(Web);
    let code = ann.code(&client, "openid");
    assert!(code.starts_with(TokenKind::GrantCode.prefix()) && code.len() == TokenKind::GrantCode.len());
    assert_ne!(code, ann.code(&client, "openid"));
    // No row holds its text, and one holds its hash.
    let (mut text, mut hash) = (0, 0);
    let kept = crate::store::Read::keep(&ann.world.store.read(), &TokenDigest::of(&code));
    crate::store::RawRead::raw_scan(
        &ann.world.store.read(),
        std::ops::Bound::Unbounded,
        std::ops::Bound::Unbounded,
        crate::store::Direction::Forward,
        &mut |key, row| {
            let has = |what: &[u8]| [key, row].iter().any(|bytes| bytes.windows(what.len()).any(|part| part == what));
            text += usize::from(has(&code.as_bytes()[4..36]));
            hash += usize::from(has(&kept.0));
            Ok(std::ops::ControlFlow::Continue(()))
        },
    )
    .unwrap();
    assert_eq!((text, hash > 0), (0, true));
    assert_eq!(code_of(ann.redeem(&client, &code, NOW.plus_secs(59))), Ok(()));
}

#[test]
fn of_500_redemptions_at_once_one_succeeds_and_then_its_tokens_are_dead() {
    let ann = Person::new();
    let client = ann.app(Native);
    let code = ann.code(&client, "openid");
    let body = format!(
        "grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&code_verifier={VERIFIER}&client_id={}",
        client.application.client_id()
    );
    let request = TokenRequest::parse(None, body.as_bytes()).unwrap();
    let approved = Arc::new(approve(&ann.world.store.read(), &client.flavour, &request, NOW).unwrap());
    let grant::Asked::ForPerson(wanted) = request.grant.asked else { panic!("no code") };
    let ring = keyring();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let results = runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..500 {
            let grant = Arc::new(grant::UserGrant::new(
                wanted.clone(),
                Issuer::Platform,
                LIFETIMES,
                ring.pepper(),
                ann.world.id(),
            ));
            let (store, approved) = (ann.world.store.clone(), Arc::clone(&approved));
            tasks.spawn(async move {
                let running = Arc::clone(&grant);
                let issued =
                    store.write(move |tx| running.run(tx, &approved, &origin(), NOW)).await.map_err(Problem::from);
                (issued.unwrap(), grant)
            });
        }
        tasks.join_all().await
    });
    let mut good = results.into_iter().filter_map(|(issued, grant)| Some((issued.ok()?, grant)));
    let (issued, grant) = good.next().unwrap();
    assert!(good.next().is_none(), "exactly one");
    let mint = Mint { keys: &KEYS, issuers: &issuers(), pepper: ring.pepper(), for_sdk: false };
    let tokens = user_tokens::sign(mint, &issued, grant.jti(), NOW).unwrap();
    assert!(!ann.holds(&tokens.access_token, NOW), "reuse was seen");
    assert_eq!(code_of(ann.refresh(&client, &tokens.refresh_token.unwrap(), NOW)), DEAD);
    let ended: Vec<_> = ann.world.events().into_iter().filter(|event| event.action == "token_family.end").collect();
    assert_eq!(ended.len(), 1, "one row, however often");
    assert_eq!(detail(&ended[0], "reason"), Some("code_replayed"));
}

#[test]
fn reuse_kills_what_the_code_led_to() {
    for wait in [0, 1, 30, 61, 3000] {
        let ann = Person::new();
        let client = ann.app(Web);
        let code = ann.code(&client, "openid");
        let first = ann.redeem(&client, &code, NOW).unwrap();
        let other = ann.tokens(&client, "openid");
        let later = NOW.plus_secs(wait);
        assert!(ann.holds(&first.access_token, later));
        assert_eq!(code_of(ann.redeem(&client, &code, later)), DEAD, "{wait}");
        assert!(!ann.holds(&first.access_token, later), "{wait}");
        assert_eq!(code_of(ann.refresh(&client, &first.refresh_token.unwrap(), later)), DEAD);
        assert!(ann.holds(&other.access_token, later), "another code's tokens stay");
    }
}

#[test]
fn another_client_or_redirect_uri_kills_the_code() {
    let ann = Person::new();
    let (client, thief) = (ann.app(Web), ann.app(Spa));
    let code = ann.code(&client, "openid");
    assert_eq!(code_of(ann.redeem(&thief, &code, NOW)), DEAD);
    assert_eq!(code_of(ann.redeem(&client, &code, NOW)), DEAD);
    for uri in ["", "https://app.example/cb/", "https://app.example/CB", "https://evil.example/cb"] {
        let code = ann.code(&client, "openid");
        let asked = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", uri)];
        assert_eq!(code_of(ann.ask(&client, &asked, NOW)), DEAD, "{uri}");
        assert_eq!(code_of(ann.redeem(&client, &code, NOW)), DEAD, "{uri}");
    }
    // The authorization request had none: then it may be left out.
    let code = ann.code_with(&client, "openid", NOW, |new| new.redirect_uri_given = false);
    let asked = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", "")];
    assert_eq!(code_of(ann.ask(&client, &asked, NOW)), Ok(()));
}

#[test]
fn a_wrong_secret_does_not_touch_the_code() {
    let ann = Person::new();
    let client = ann.app(Web);
    let code = ann.code(&client, "openid");
    let stranger = Client { secret: Some("scs_wrong".to_owned()), ..client.clone() };
    assert_eq!(ann.redeem(&stranger, &code, NOW).unwrap_err().code, ErrorCode::InvalidClient);
    assert_eq!(code_of(ann.redeem(&client, &code, NOW)), Ok(()));
}

#[test]
fn an_expired_code_is_refused_before_any_clean_up() {
    let ann = Person::new();
    let client = ann.app(Web);
    let code = ann.code(&client, "openid");
    assert_eq!(code_of(ann.redeem(&client, &code, NOW.plus_secs(60))), DEAD);
    // A clock that goes back afterwards makes nothing good that was not good; the row was not touched, so the rest may.
    let swept = ann.world.write(|tx| Ok(code::sweep(tx, NOW.plus_secs(61), 10)?));
    assert_eq!(swept, 1);
    assert_eq!(code_of(ann.redeem(&client, &code, NOW)), DEAD);
    for nonsense in ["x", "sac_", &code[1..], "srt_0000000000000000000000000000000000000000"] {
        assert_eq!(code_of(ann.redeem(&client, nonsense, NOW)), DEAD, "{nonsense}");
    }
}

#[test]
fn a_used_code_stays_as_used_until_its_tokens_are_gone() {
    let ann = Person::new();
    let client = ann.app(Native);
    let code = ann.code(&client, "openid offline_access");
    let tokens = ann.redeem(&client, &code, NOW).unwrap();
    let later = NOW.plus_secs(10 * DAY);
    assert_eq!(ann.world.write(move |tx| Ok(code::sweep(tx, later, 10)?)), 0);
    let next = ann.refresh(&client, &tokens.refresh_token.unwrap(), later).unwrap();
    assert_eq!(code_of(ann.redeem(&client, &code, later)), DEAD);
    assert!(!ann.holds(&next.access_token, later), "seen after ten days");
    let after = NOW.plus_secs(91 * DAY);
    assert_eq!(ann.world.write(move |tx| Ok(code::sweep(tx, after, 10)?)), 1);
    assert_eq!(ann.world.write(move |tx| Ok(crate::token_families::sweep(tx, after, 10)?)), 1);
}

#[test]
fn a_used_code_is_used_after_a_crash() {
    use crate::base::Secret;
    use crate::store::file::{NewSlot, Options, Unseal};
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("one.scai"), folder.path().join("two.scai"));
    let key = || Secret::new([5; 32]);
    let slot = NewSlot::KeyFile { key: key(), label: "x".to_owned() };
    let store = Store::start(
        file::create(&here, &[slot], NOW, &Options::default()).unwrap().db,
        crate::store::test_token_key(),
        crate::store::Hooks::default(),
    )
    .unwrap();
    let code = token_of_a_code();
    let new = code::NewCode {
        digest: TokenDigest::of(&code),
        application: Id::from_raw(1),
        user: Id::from_raw(2),
        email: crate::base::Email::parse("a@b.example").unwrap(),
        session: Id::from_raw(3),
        tenant: Id::from_raw(4),
        redirect_uri: CALLBACK.to_owned(),
        redirect_uri_given: true,
        scope: crate::apps::testkit::scopes("openid"),
        nonce: None,
        challenge: None,
        evidence: crate::access::Evidence::of(&[crate::access::Method::Password], NOW),
        environment: false,
        origin: origin(),
    };
    let exchange = code::Exchange {
        digest: new.digest,
        application: new.application,
        tenant: None,
        environment: false,
        redirect_uri: Some(CALLBACK.to_owned()),
        verifier: None,
        family: Id::from_raw(5),
    };
    let redeem = |store: &Store| {
        let exchange = exchange.clone();
        let redeemed = store.write_blocking(move |tx| code::redeem(tx, &exchange, NOW.plus_secs(9999), NOW));
        redeemed.unwrap_or_else(|error: crate::store::StoreError| panic!("{error}"))
    };
    store
        .write_blocking(move |tx| code::create(tx, &new, NOW))
        .unwrap_or_else(|problem: Problem| panic!("{problem:?}"));
    assert!(matches!(redeem(&store), code::Redeemed::Granted(_)));
    // The file as it is at the moment of the answer: nobody has closed it.
    std::fs::copy(&here, &there).unwrap();
    let crashed = file::open(&there, &Unseal::KeyFile(key()), &Options::default()).unwrap();
    let crashed = Store::start(crashed.db, crate::store::test_token_key(), crate::store::Hooks::default()).unwrap();
    assert!(matches!(redeem(&crashed), code::Redeemed::Reused { ended: false, .. }), "never fresh again");
    assert!(matches!(redeem(&store), code::Redeemed::Reused { .. }));
}

fn token_of_a_code() -> String {
    crate::crypto::token::make(TokenKind::GrantCode).expose().clone()
}

#[test]
fn a_code_is_worth_nothing_after_the_sign_in_has_ended() {
    let ann = Person::new();
    let client = ann.app(Web);
    let code = ann.code(&client, "openid");
    let user = ann.user.id;
    ann.world.write(move |tx| Ok(crate::tenancy::testkit::sign_out(tx, user, NOW)?));
    assert_eq!(code_of(ann.redeem(&client, &code, NOW)), DEAD);
}

#[test]
fn each_flavour_redeems_its_own() {
    let ann = Person::new();
    let global = ann.app_of(Web, AppScope::Global, "openid");
    let tokens = ann.tokens(&global, "openid");
    let claims = part(&tokens.access_token, 1);
    assert_eq!((&claims["iss"], &claims["app_scope"]), (&"https://id.example/platform".into(), &"GLOBAL".into()));
    assert_eq!(claims["tenant_id"], ann.world.acme.to_string());
    assert!(claims.get("platform_token").is_none() && claims.get("token_type").is_none());
    let local = ann.app(Web);
    let claims = part(&ann.tokens(&local, "openid").access_token, 1);
    assert_eq!(claims["iss"], format!("https://id.example/tenants/{}", ann.world.acme));
    // A partner's application works in each of its tenants; a code of one is none of another.
    let partner = ann.app_of(Web, AppScope::Partner(ann.world.one), "openid");
    let elsewhere = Client { flavour: at("default"), ..partner.clone() };
    let code = ann.code(&partner, "openid");
    assert_eq!(code_of(ann.redeem(&elsewhere, &code, NOW)), DEAD);
    assert_eq!(code_of(ann.redeem(&partner, &ann.code(&partner, "openid"), NOW)), Ok(()));
    let wrong = Client { flavour: Flavour::Platform, ..local };
    assert_eq!(code_of(ann.redeem(&wrong, &ann.code(&wrong, "openid"), NOW)), Err(ErrorCode::UnauthorizedClient));
}

#[test]
fn the_built_in_client_cannot_be_changed_and_redeems_at_its_own_address() {
    let ann = Person::new();
    let read = ann.world.store.read();
    let own = Application::clone(&crate::apps::client(&read, "skc_1").unwrap().unwrap());
    assert!(first_party::is(own.id) && own.redirect_uris.is_empty() && own.secrets.is_empty());
    assert_eq!(first_party::redirect_uri(&issuers()), "https://id.example/v1/auth/callback");
    let granted = ann.world.may(crate::access::Place::Platform);
    let gone = ann.world.try_write(move |tx| crate::apps::delete(tx, &granted, first_party::FIRST_PARTY, NOW));
    assert_eq!(gone.unwrap_err().code, "built_in");
    let client = Client { application: own, secret: None, flavour: Flavour::Platform, is_sdk: false };
    let tokens = ann.tokens(&client, "openid email");
    let claims = verify_access_token(&KEYS, &issuers(), &tokens.access_token, NOW).unwrap();
    let (actor, _) = actor_for(&ann.world.store.read(), &claims, origin(), NOW, SECS).unwrap();
    assert!(actor.scopes.is_none(), "our own client is narrowed by nothing");
    assert!(actor.may::<crate::access::permit::ReadSecrets>(ann.world.tenant(ann.world.acme)));
}
