//! Who sees what of an application, and how scopes are written.

use super::*;
use crate::base::{Id, Timestamp};
use crate::crypto::token::KeptToken;
use crate::http::extract::parse_json;
use serde_json::json;

#[test]
fn scopes_come_as_a_list_or_as_a_text() {
    let scopes = |body: &str| {
        parse_json::<ApplicationChange>(body.as_bytes()).map(|body| body.allowed_scopes.unwrap().0.to_string())
    };
    assert_eq!(scopes(r#"{"allowed_scopes":["openid","admin:read"]}"#).unwrap(), "openid admin:read");
    assert_eq!(scopes(r#"{"allowed_scopes":"openid admin:read"}"#).unwrap(), "openid admin:read");
    assert_eq!(
        scopes(r#"{"allowed_scopes":"openid,admin:read, users:read"}"#).unwrap(),
        "openid admin:read users:read"
    );
    for bad in [r#"{"allowed_scopes":7}"#, r#"{"allowed_scopes":["a b"]}"#, r#"{"allowed_scopes":null}"#] {
        assert_eq!(scopes(bad).unwrap_err().fields[0].field, "allowed_scopes", "{bad}");
    }
}

#[test]
fn a_shared_application_keeps_its_secrets_ends_to_itself() {
    let at = Timestamp::from_secs(0);
    let application = |scope| apps::Application {
        id: Id::from_raw(5),
        name: DisplayName::parse("Worker").unwrap(),
        description: None,
        application_type: ApplicationType::Service,
        scope,
        allowed_scopes: ScopeSet::parse("openid admin:read").unwrap(),
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        allowed_origins: Vec::new(),
        token_lifetime: 3600,
        signing_alg: SigningAlg::Rs256,
        require_pkce: true,
        status: ApplicationStatus::Active,
        logo_uri: None,
        secrets: vec![apps::ClientSecret {
            id: Id::from_raw(6),
            digest: KeptToken([7; 32]),
            hint: "wxyz".to_owned(),
            created_at: at,
            expires_at: None,
            last_used: None,
        }],
        created_at: at,
        updated_at: at,
        deleted_at: None,
        tokens_revoked_until: None,
        introspect_any_token: false,
        first_party: false,
        groups_by_name: false,
        grant_types: ApplicationType::Service.usual_grants(),
        refresh_token_lifetime: None,
    };
    let (partner, tenant) = (Id::from_raw(1), Id::from_raw(2));
    let (above, below) = (Place::Partner(partner), Place::Tenant { partner, tenant });
    let shows = |from, scope| json!(Application::seen_from(from, &application(scope))).get("secrets").is_some();
    assert!(shows(Place::Platform, AppScope::Global) && shows(above, AppScope::Partner(partner)));
    assert!(!shows(above, AppScope::Global) && !shows(below, AppScope::Global));
    assert!(!shows(below, AppScope::Partner(partner)) && shows(below, AppScope::Tenant(tenant)));
    let secret = NewClientSecret::new(Secret::new("scs_shown".to_owned()), Id::from_raw(6));
    let body = json!(ApplicationWithSecret::new(&application(AppScope::Tenant(tenant)), secret));
    assert_eq!(
        (&body["client_id"], &body["client_secret"], &body["secrets"][0]["hint"], &body["allowed_scopes"]),
        (&json!("skc_5"), &json!("scs_shown"), &json!("wxyz"), &json!(["openid", "admin:read"]))
    );
    assert!(!body.to_string().contains("digest"));
    let bare = json!(RegisteredApplication::new(&application(AppScope::Global), None));
    assert!(bare.get("client_secret").is_none() && bare.get("client_secret_id").is_none());
}

#[test]
fn types_and_levels_are_upper_case() {
    let field =
        |body: &str| parse_json::<CreateApplication>(body.as_bytes()).err().map(|problem| problem.fields[0].clone());
    assert!(field(r#"{"name":"A","application_type":"SERVICE","scope":"GLOBAL"}"#).is_none());
    let problem = field(r#"{"name":"A","application_type":"hunter2","scope":"GLOBAL"}"#).unwrap();
    assert_eq!(problem.field, "application_type");
    assert!(problem.message.contains("SERVICE") && !problem.message.contains("hunter2"), "{problem:?}");
}
