//! Which grants an application may use, and for how long it may refresh, is a setting of it.

use super::authorize::{CALLBACK as REGISTERED, application, query, try_check};
use super::person::{Client, DAY, Person};
use super::*;
use crate::access::Place;
use crate::apps::ApplicationType::{Spa, Web};
use crate::apps::{self, AppScope, GrantType, UpdateApplication};
use crate::oauth::authorize::{Refused, still_holds};
use std::collections::BTreeSet;

fn set(world: &World, client: &crate::apps::Application, change: UpdateApplication) -> crate::apps::Application {
    let (granted, id) = (world.may(Place::Platform), client.id);
    world.write(move |tx| apps::update(tx, &granted, &change, id, NOW))
}

fn grants(of: &[GrantType]) -> UpdateApplication {
    UpdateApplication { grant_types: Some(of.iter().copied().collect()), ..UpdateApplication::default() }
}

fn lifetime(secs: Option<u32>) -> UpdateApplication {
    UpdateApplication { refresh_token_lifetime: Some(secs), ..UpdateApplication::default() }
}

/// Whether the client may use each of the grants; the code is from before.
fn may(ann: &Person, client: &Client, code: &str, refresh: &str) -> BTreeSet<&'static str> {
    let mut may = BTreeSet::new();
    for (grant, with) in [
        ("authorization_code", ("code", code)),
        ("refresh_token", ("refresh_token", refresh)),
        ("client_credentials", ("scope", "openid")),
    ] {
        match ann.ask(client, &[("grant_type", grant), with], NOW) {
            Ok(_) => assert!(may.insert(grant)),
            Err(error) => {
                assert_eq!((error.code, error.status), (ErrorCode::UnauthorizedClient, 400), "RFC 6749 §5.2");
                assert!(error.description.contains(grant), "{error:?}");
            }
        }
    }
    may
}

#[test]
fn an_application_uses_only_the_grants_that_it_is_allowed() {
    use GrantType::{AuthorizationCode, ClientCredentials, RefreshToken};
    let ann = Person::new();
    let client = ann.app(Web);
    for allowed in [
        &[AuthorizationCode, RefreshToken, ClientCredentials][..],
        &[AuthorizationCode, ClientCredentials],
        &[AuthorizationCode, RefreshToken],
        &[AuthorizationCode],
        &[ClientCredentials],
    ] {
        set(&ann.world, &client.application, grants(&GrantType::ALL));
        let (code, tokens) = (ann.code(&client, "openid"), ann.tokens(&client, "openid"));
        let refresh = tokens.refresh_token.unwrap();
        set(&ann.world, &client.application, grants(allowed));
        let names: BTreeSet<_> = allowed.iter().map(|grant| grant.name()).collect();
        assert_eq!(may(&ann, &client, &code, &refresh), names, "{allowed:?}");
        // No client gets what it could not use.
        if names.contains("authorization_code") {
            let given = ann.tokens(&client, "openid offline_access").refresh_token.is_some();
            assert_eq!(given, names.contains("refresh_token"), "{allowed:?}");
        }
    }
    let client = ann.app(Spa);
    assert!(!client.application.may_use(ClientCredentials));
}

#[test]
fn nobody_is_sent_to_sign_in_for_an_application_that_may_not_have_a_code() {
    let world = World::new();
    let app = application(&world, Web, AppScope::Global, &[REGISTERED]);
    let asked = query(&app, &[]);
    let request = try_check(&world, &Flavour::Platform, &asked).unwrap();
    assert!(still_holds(&issuers(), &app, &request));
    let app = set(&world, &app, grants(&[GrantType::ClientCredentials]));
    match try_check(&world, &Flavour::Platform, &asked) {
        Err(Refused::Redirect { back, fault }) => {
            assert_eq!(fault.code.as_str(), "unauthorized_client", "RFC 6749 §4.1.2.1");
            assert_eq!(back.redirect_uri, REGISTERED);
        }
        other => panic!("{other:?}"),
    }
    assert!(!still_holds(&issuers(), &app, &request), "nor is one on the way finished");
}

#[test]
fn a_refresh_lifetime_holds_for_new_sign_ins_and_a_shorter_one_for_earlier_ones() {
    let ann = Person::new();
    let client = ann.app(Web);
    let offline = |at: Timestamp| {
        let code = ann.code_with(&client, "openid offline_access", at, |_| ());
        ann.redeem(&client, &code, at).unwrap().refresh_token.unwrap()
    };
    // As the settings of the server have it: 90 days, in steps that are shorter than two weeks.
    let holds_until = |mut token: String, last: i64| {
        for at in (0..last).step_by(usize::try_from(10 * DAY).unwrap()).skip(1).chain([last]) {
            match ann.refresh(&client, &token, NOW.plus_secs(at)) {
                Ok(next) => token = next.refresh_token.unwrap(),
                Err(error) => {
                    assert_eq!(error.code, ErrorCode::InvalidGrant);
                    return at;
                }
            }
        }
        i64::MAX
    };
    assert_eq!(holds_until(offline(NOW), 90 * DAY), 90 * DAY);
    set(&ann.world, &client.application, lifetime(Some(3600)));
    assert_eq!(holds_until(offline(NOW), 3599), i64::MAX);
    assert_eq!(holds_until(offline(NOW), 3600), 3600);
    // It holds for sign-ins from before too; a longer one does not.
    set(&ann.world, &client.application, lifetime(None));
    let (earlier, other) = (offline(NOW), offline(NOW));
    set(&ann.world, &client.application, lifetime(Some(7200)));
    assert_eq!(holds_until(earlier, 7199), i64::MAX);
    assert_eq!(holds_until(other, 7200), 7200);
    let short = offline(NOW);
    set(&ann.world, &client.application, lifetime(None));
    assert_eq!(holds_until(short, 7200), 7200, "what was begun for two hours ends after two hours");
    // The settings of the server go before a longer one.
    set(&ann.world, &client.application, lifetime(Some(365 * 86_400)));
    assert_eq!(holds_until(offline(NOW), 90 * DAY), 90 * DAY);
}
