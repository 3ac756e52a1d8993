//! What a person holds in one tenant, shown in another where they are a member, too.

use super::given::revoked;
use super::person::*;
use super::*;
use crate::access::{Place, Role, permit};
use crate::apps::AppScope;
use crate::apps::ApplicationType::Web;
use crate::oauth::authorize::Sent;
use crate::oauth::end_session::{Trouble, check};
use crate::people::{self, NewMembership, UserRef};
use serde_json::json;

/// Ann, a member of `acme` and of `default`, and an application of the partner of both.
fn in_both() -> (Person, Client, Client) {
    let ann = Person::new();
    let (granted, id, home) = (ann.world.may::<permit::WriteUsers>(Place::Platform), ann.user.id, ann.world.home);
    ann.world.write(move |tx| {
        let member = NewMembership::at_once(Role::TenantAdmin);
        people::add_membership(tx, &granted, &UserRef::Id(id), home, &member, NOW)
    });
    let here = ann.app_of(Web, AppScope::Partner(ann.world.one), "openid email offline_access admin:read");
    let there = Client { flavour: at("default"), ..here.clone() };
    (ann, here, there)
}

fn sign(claims: &Value) -> String {
    KEYS.signer(SigningAlg::default()).unwrap().sign(access_token_type(), claims).unwrap()
}

#[test]
fn an_access_token_of_a_person_stays_in_its_tenant() {
    let (ann, here, there) = in_both();
    let tokens = ann.tokens(&here, "openid admin:read");
    let access = tokens.access_token;
    let claims = verify_access_token(&KEYS, &issuers(), &access, NOW).unwrap();
    let (actor, _) = actor_for(&ann.world.store.read(), &claims, origin(), NOW, SECS).unwrap();
    assert_eq!(actor.tenant, ann.world.acme);
    let told = |flavour: &Flavour| {
        userinfo(&ann.world.store.read(), (&KEYS, &issuers()), flavour, &access, (NOW, IDLE)).map(|_| ())
    };
    assert!(told(&here.flavour).is_ok());
    assert_eq!(told(&there.flavour).unwrap_err().code, "invalid_token");
    assert_eq!(told(&Flavour::Platform).unwrap_err().code, "invalid_token");
    // Its claims say acme; carried over to the other tenant, even with our own signature, it is none.
    let (good, other) = (part(&access, 1), ann.world.home);
    assert!(ann.holds(&sign(&good), NOW), "the claims as they are");
    let issuer = json!(issuers().text(Issuer::Tenant(other)));
    for (why, changes) in [
        ("another issuer", vec![("iss", issuer.clone())]),
        ("another tenant", vec![("tenant_id", json!(other))]),
        ("both", vec![("iss", issuer), ("tenant_id", json!(other))]),
    ] {
        let mut moved = good.clone();
        for (name, value) in changes {
            moved[name] = value;
        }
        assert!(!ann.holds(&sign(&moved), NOW), "{why}");
    }
}

#[test]
fn codes_refresh_tokens_and_hints_stay_in_their_tenant() {
    let (ann, here, there) = in_both();
    let code = ann.code(&here, "openid");
    assert_eq!(ann.redeem(&there, &code, NOW).unwrap_err().code, ErrorCode::InvalidGrant);
    assert_eq!(ann.redeem(&here, &code, NOW).unwrap_err().code, ErrorCode::InvalidGrant, "and the code is dead");
    let tokens = ann.tokens(&here, "openid offline_access");
    let refresh = tokens.refresh_token.unwrap();
    assert_eq!(ann.refresh(&there, &refresh, NOW).unwrap_err().code, ErrorCode::InvalidGrant);
    assert!(!revoked(&ann, &there, &refresh) && !revoked(&ann, &there, &tokens.access_token));
    assert!(ann.refresh(&here, &refresh, NOW).is_ok(), "nothing was done to it there");
    let hint = tokens.id_token.unwrap();
    let query = format!("id_token_hint={hint}");
    let asked = |flavour: &Flavour| {
        let sent = Sent::parse(query.as_bytes()).unwrap();
        check(&ann.world.store.read(), &KEYS, &issuers(), flavour, &sent).unwrap()
    };
    assert_eq!(asked(&here.flavour).session, Some(ann.session));
    assert_eq!((asked(&there.flavour).trouble, asked(&there.flavour).session), (Some(Trouble::Hint), None));
}
