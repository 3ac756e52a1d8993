//! Refresh tokens at the token endpoint: whose they are, what they may, and when they end.

use super::person::*;
use super::*;
use crate::access::{Place, permit};
use crate::apps::ApplicationType::{Native, Spa, Web};
use crate::apps::testkit::detail;
use crate::apps::{self, ApplicationStatus, UpdateApplication};
use crate::people::{self, UserPatch};
use crate::{sessions, token_families};

const DEAD: ErrorCode = ErrorCode::InvalidGrant;

fn first(tokens: &TokenResponse) -> String {
    tokens.refresh_token.clone().unwrap()
}

#[test]
fn every_client_gets_a_new_token_at_each_use() {
    let ann = Person::new();
    for kind in [Web, Spa, Native] {
        let client = ann.app(kind);
        let tokens = ann.tokens(&client, "openid offline_access");
        let next = ann.refresh(&client, &first(&tokens), NOW.plus_secs(60)).unwrap();
        assert_ne!(first(&tokens), first(&next), "{kind:?}");
        assert!(ann.holds(&next.access_token, NOW.plus_secs(60)));
        let (old, new) = (part(&tokens.access_token, 1), part(&next.access_token, 1));
        for same in ["sub", "sid", "family", "auth_time", "acr", "amr", "client_id", "iss", "aud", "tenant_id"] {
            assert_eq!(old[same], new[same], "{same}");
        }
        assert_ne!(old["jti"], new["jti"]);
        let id = part(&next.id_token.unwrap(), 1);
        assert!(id.get("nonce").is_none(), "that belongs to the authorization request");
        assert_eq!(id["auth_time"], NOW.secs(), "the refresh is no sign-in");
    }
}

#[test]
fn another_clients_token_is_refused_and_stays_good() {
    let ann = Person::new();
    let (client, thief) = (ann.app(Web), ann.app(Native));
    let token = first(&ann.tokens(&client, "openid"));
    assert_eq!(ann.refresh(&thief, &token, NOW).unwrap_err().code, DEAD);
    assert!(ann.refresh(&client, &token, NOW).is_ok(), "untouched");
    let wrong = Client { secret: Some("scs_x".to_owned()), ..client };
    assert_eq!(ann.refresh(&wrong, &token, NOW).unwrap_err().code, ErrorCode::InvalidClient);
}

#[test]
fn a_copy_that_is_used_ends_the_family_and_its_access_tokens() {
    let ann = Person::new();
    let client = ann.app(Spa);
    let zero = ann.tokens(&client, "openid offline_access");
    let one = ann.refresh(&client, &first(&zero), NOW).unwrap();
    let again = ann.refresh(&client, &first(&zero), NOW).unwrap();
    assert_eq!(first(&one), first(&again), "the same answer");
    let two = ann.refresh(&client, &first(&one), NOW).unwrap();
    assert_eq!(ann.refresh(&client, &first(&zero), NOW).unwrap_err().code, DEAD);
    for tokens in [&zero, &one, &again, &two] {
        assert!(!ann.holds(&tokens.access_token, NOW));
        assert_eq!(ann.refresh(&client, &first(tokens), NOW).unwrap_err().code, DEAD);
    }
    let events = ann.world.events();
    let ended: Vec<_> = events.iter().filter(|event| event.action == "token_family.end").collect();
    assert_eq!(ended.len(), 1);
    assert_eq!(detail(ended[0], "reason"), Some("refresh_replayed"));
    assert_eq!(detail(ended[0], "user"), Some(ann.user.id.to_string().as_str()));
}

#[test]
fn a_scope_narrows_and_never_widens() {
    let ann = Person::new();
    let client = ann.app(Native);
    let tokens = ann.tokens(&client, "openid profile email");
    let ask = |token: &str, scope: &str| {
        ann.ask(&client, &[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)], NOW)
    };
    for wider in ["openid secrets:read", "openid profile email offline_access", "phone"] {
        assert_eq!(ask(&first(&tokens), wider).unwrap_err().code, ErrorCode::InvalidScope, "{wider}");
    }
    let narrow = ask(&first(&tokens), "email").unwrap();
    assert_eq!(narrow.scope, "email");
    assert_eq!(part(&narrow.access_token, 1)["scope"], "email");
    assert!(narrow.id_token.is_none());
    assert_eq!(part(&narrow.access_token, 1)["family"], part(&tokens.access_token, 1)["family"], "no new family");
    let whole = ann.refresh(&client, &first(&narrow), NOW).unwrap();
    assert_eq!(whole.scope, "openid profile email", "the grant stays as it was");
    // What the application may no longer ask for is not given any more.
    let (granted, id) = (ann.world.may(Place::Platform), client.application.id);
    let patch = UpdateApplication {
        allowed_scopes: Some(crate::apps::testkit::scopes("openid email")),
        ..UpdateApplication::default()
    };
    ann.world.write(move |tx| apps::update(tx, &granted, &patch, id, NOW));
    assert_eq!(ann.refresh(&client, &first(&whole), NOW).unwrap().scope, "openid email");
}

/// Does something and says whether access and refresh tokens of two applications still hold.
fn after(act: impl FnOnce(&Person)) -> (bool, bool) {
    let ann = Person::new();
    let (web, spa) = (ann.app(Web), ann.app(Spa));
    let (one, two) = (ann.tokens(&web, "openid"), ann.tokens(&spa, "openid offline_access"));
    let holds = |tokens: &TokenResponse, client: &Client| {
        let access = ann.holds(&tokens.access_token, NOW);
        let refresh = ann.refresh(client, &first(tokens), NOW).is_ok();
        assert_eq!(access, refresh, "both or none");
        access
    };
    act(&ann);
    (holds(&one, &web), holds(&two, &spa))
}

#[test]
fn families_end_at_once_with_what_they_stand_on() {
    let dead = (false, false);
    assert_eq!(after(|_| ()), (true, true));
    // A new password, set by an admin.
    let set = after(|ann| {
        let (granted, id) = (ann.world.may::<crate::access::permit::ManageCredentials>(Place::Platform), ann.user.id);
        ann.world.write(move |tx| people::set_password(tx, &granted, id, "$argon2id$x", NOW));
    });
    assert_eq!(set, dead);
    // A new password, by the person, who stays signed in at this browser.
    let own = after(|ann| {
        let template = ann.world.may::<permit::ReadUsers>(Place::Platform);
        let principal = crate::access::Principal::User { id: ann.user.id, email: ann.user.email.clone() };
        let actor = crate::access::Actor { principal, ..crate::access::Actor::clone(template.actor()) };
        let (keep, mark) = (Some(ann.session), ann.user.password_mark());
        ann.world.write(move |tx| people::set_own_password(tx, &actor, mark, "$argon2id$x", keep, NOW));
    });
    assert_eq!(own, dead);
    for status in [people::Status::Disabled, people::Status::Suspended] {
        let switched = after(|ann| {
            let (granted, id) = (ann.world.may::<crate::access::permit::WriteUsers>(Place::Platform), ann.user.id);
            ann.world.write(move |tx| {
                let patch = |status| UserPatch { status: Some(status), ..UserPatch::default() };
                people::update(tx, &granted, id, &patch(status), NOW)?;
                people::update(tx, &granted, id, &patch(people::Status::Active), NOW)
            });
        });
        assert_eq!(switched, dead, "{status:?}, and not again when the account comes back");
    }
    let deleted = after(|ann| {
        let (granted, id) = (ann.world.may::<crate::access::permit::DeleteUsers>(Place::Platform), ann.user.id);
        ann.world.write(move |tx| people::delete(tx, &granted, id, NOW));
    });
    assert_eq!(deleted, dead);
    let left = after(|ann| {
        let (granted, id, acme) =
            (ann.world.may::<crate::access::permit::DeleteUsers>(Place::Platform), ann.user.id, ann.world.acme);
        ann.world.write(move |tx| people::remove_membership(tx, &granted, id, acme, NOW));
    });
    assert_eq!(left, dead);
    let signed_out = after(|ann| {
        let (granted, session) = (ann.world.may(Place::Platform), ann.session);
        ann.world.write(move |tx| sessions::end_by_admin(tx, &granted, session, NOW));
    });
    assert_eq!(signed_out, dead, "offline_access too: somebody signed out");
    let all = after(|ann| {
        let (granted, acme) = (ann.world.may(Place::Platform), ann.world.acme);
        ann.world.write(move |tx| sessions::end_all_of_tenant(tx, &granted, acme, NOW));
    });
    assert_eq!(all, dead);
}

#[test]
fn a_consent_that_is_taken_back_ends_one_applications_tokens() {
    let ann = Person::new();
    let (web, other) = (ann.app(Web), ann.app(Web));
    let (one, two) = (ann.tokens(&web, "openid"), ann.tokens(&other, "openid"));
    let (application, user, tenant) = (web.application.id, ann.user.id, ann.world.acme);
    let ended = ann.world.write(move |tx| Ok(token_families::end_of_client_in(tx, application, user, tenant, NOW)?));
    assert_eq!(ended, 1);
    assert!(!ann.holds(&one.access_token, NOW) && ann.holds(&two.access_token, NOW));
    assert_eq!(ann.refresh(&web, &first(&one), NOW).unwrap_err().code, DEAD);
}

#[test]
fn a_suspended_tenant_rests_and_a_deleted_one_is_gone() {
    use crate::tenancy::{self, Status, TenantPatch};
    let ann = Person::new();
    let client = ann.app_of(Native, crate::apps::AppScope::Global, "openid");
    let tokens = ann.tokens(&client, "openid");
    let set = |status| {
        let (granted, acme) = (ann.world.may(Place::Platform), ann.world.acme);
        let patch = TenantPatch { status: Some(status), ..TenantPatch::default() };
        ann.world.write(move |tx| tenancy::update_tenant(tx, &granted, acme, &patch, NOW));
    };
    set(Status::Suspended);
    assert!(!ann.holds(&tokens.access_token, NOW));
    assert_eq!(ann.refresh(&client, &first(&tokens), NOW).unwrap_err().code, DEAD);
    set(Status::Active);
    assert!(ann.holds(&tokens.access_token, NOW) && ann.refresh(&client, &first(&tokens), NOW).is_ok());
    let (granted, acme) = (ann.world.may(Place::Platform), ann.world.acme);
    ann.world.write(move |tx| tenancy::delete_tenant(tx, &granted, acme, NOW));
    assert!(!ann.holds(&tokens.access_token, NOW));
    assert_eq!(ann.refresh(&client, &first(&tokens), NOW).unwrap_err().code, DEAD);
}

#[test]
fn a_disabled_application_gets_nothing_and_its_tokens_rest() {
    let ann = Person::new();
    let client = ann.app(Native);
    let tokens = ann.tokens(&client, "openid");
    let switch = |status| {
        let (granted, id) = (ann.world.may(Place::Platform), client.application.id);
        let patch = UpdateApplication { status: Some(status), ..UpdateApplication::default() };
        ann.world.write(move |tx| apps::update(tx, &granted, &patch, id, NOW));
    };
    switch(ApplicationStatus::Disabled);
    assert!(!ann.holds(&tokens.access_token, NOW));
    assert_eq!(ann.refresh(&client, &first(&tokens), NOW).unwrap_err().code, ErrorCode::UnauthorizedClient);
    switch(ApplicationStatus::Active);
    assert!(ann.refresh(&client, &first(&tokens), NOW).is_ok());
}

#[test]
fn without_offline_access_tokens_end_with_the_session() {
    let ann = Person::new();
    let client = ann.app(Native);
    let (bound, offline) = (ann.tokens(&client, "openid"), ann.tokens(&client, "openid offline_access"));
    // Nobody was there for the session's idle time.
    let idle = NOW.plus_secs(IDLE);
    assert!(!ann.holds(&bound.access_token, NOW.plus_secs(IDLE)));
    assert_eq!(ann.refresh(&client, &first(&bound), idle).unwrap_err().code, DEAD);
    let next = ann.refresh(&client, &first(&offline), idle).unwrap();
    assert!(ann.holds(&next.access_token, idle));
    // A refresh in time keeps the session, until its longest life.
    let mut token = first(&ann.tokens(&client, "openid"));
    let session = sign_in(&ann.world, &ann.user, ann.world.acme, NOW);
    let busy = Person { session, ..ann };
    let code = busy.code(&client, "openid");
    token = busy.redeem(&client, &code, NOW).map(|tokens| first(&tokens)).unwrap_or(token);
    let mut at = NOW;
    while at < NOW.plus_secs(sessions::MAX_LIFE_SECS - 3600) {
        at = at.plus_secs(3600);
        let answer = busy.refresh(&client, &token, at).unwrap();
        let ends = part(&answer.access_token, 1)["exp"].as_i64().unwrap();
        assert!(ends <= NOW.secs() + sessions::MAX_LIFE_SECS, "no access token outlives the session");
        token = first(&answer);
    }
    let late = NOW.plus_secs(sessions::MAX_LIFE_SECS);
    assert_eq!(busy.refresh(&client, &token, late).unwrap_err().code, DEAD);
}

#[test]
fn a_refresh_without_its_token_is_no_request() {
    let ann = Person::new();
    let client = ann.app(Native);
    for params in [&[("grant_type", "refresh_token")][..], &[("grant_type", "refresh_token"), ("refresh_token", "")]] {
        assert_eq!(ann.ask(&client, params, NOW).unwrap_err().code, ErrorCode::InvalidRequest);
    }
    for nonsense in ["x", "srt_x", "sgk_0123456789ABCDEFGHIJKLMNOPQRSTUV1Wkb19"] {
        assert_eq!(ann.refresh(&client, nonsense, NOW).unwrap_err().code, DEAD);
    }
}
