//! What each kind of token says, letter for letter, and that it is read back.

use super::*;
use crate::access::{Evidence, Method, Role};
use crate::apps::ScopeLevel;
use crate::base::id::{FamilyId, GroupId, PartnerId, SessionId, TenantId, UserId};
use crate::oauth::claims::{Environment, Kind, OrganizationClaims, Platform, read_access_token, read_id_token};
use serde_json::{Map, json};

const TIMES: (i64, i64) = (1_800_000_000, 1_800_003_600);
const PLATFORM: &str = "https://id.example/platform";
const TENANT: &str = "https://id.example/tenants/tnt_4";
const ENVIRONMENT: &str = "https://id.example";

fn client(iss: &'static str) -> Claims<'static> {
    Claims {
        jti: "j".into(),
        scope: "a b".into(),
        app_scope: Some(ScopeLevel::Global),
        ..Claims::new(Kind::Access, iss, "skc_1", None, TIMES)
    }
}

fn person(kind: Kind, iss: &'static str) -> Claims<'static> {
    Claims {
        tenant: Some(TenantId::from_raw(4)),
        sid: Some(SessionId::from_raw(3)),
        evidence: Some(Evidence::of(&[Method::Password], NOW)),
        ..Claims::new(kind, iss, "skc_1", Some(UserId::from_raw(2)), TIMES)
    }
}

fn access(iss: &'static str) -> Claims<'static> {
    Claims {
        jti: "j".into(),
        scope: "a b".into(),
        app_scope: Some(ScopeLevel::Global),
        family: Some(FamilyId::from_raw(5)),
        ..person(Kind::Access, iss)
    }
}

fn standing() -> OrganizationClaims {
    let text = |text: &str| Some(text.to_owned());
    let (roles, permissions) = (vec!["admin".to_owned()], vec!["x:y".to_owned()]);
    OrganizationClaims { roles, permissions, external_organization: text("xo"), external_user: text("xu") }
}

fn identity<'a>(iss: &'static str, standing: &'a OrganizationClaims) -> Claims<'a> {
    let about = Map::from_iter([("email".to_owned(), json!("ann@example.com"))]);
    Claims {
        nonce: Some("n"),
        at_hash: Some("a".to_owned()),
        c_hash: Some("c".to_owned()),
        about,
        standing: Some(standing),
        ..person(Kind::Identity, iss)
    }
}

/// The claims that are read back: what is there for others is not.
fn as_read(claims: &Claims<'static>) -> Claims<'static> {
    Claims { evidence: None, role: None, groups: None, standing: None, ..claims.clone() }
}

#[test]
fn a_token_in_the_platforms_words() {
    let of_tenant = Claims {
        tenant: Some(TenantId::from_raw(4)),
        partner: Some(PartnerId::from_raw(6)),
        app_scope: Some(ScopeLevel::Partner),
        ..client(TENANT)
    };
    let groups = [GroupId::from_raw(7).to_string()];
    let admin = Claims { role: Some(Role::PartnerAdmin), partner: Some(PartnerId::from_raw(6)), ..access(PLATFORM) };
    let with_groups = Claims { groups: Some(&groups), ..admin.clone() };
    for (claims, text) in [
        (
            &client(PLATFORM),
            r#"{"iss":"https://id.example/platform","aud":"skc_1","sub":"skc_1","scope":"a b","token_type":"client_credentials","exp":1800003600,"iat":1800000000,"jti":"j","client_id":"skc_1","app_scope":"GLOBAL","platform_token":true}"#,
        ),
        (
            &of_tenant,
            r#"{"iss":"https://id.example/tenants/tnt_4","aud":"skc_1","sub":"skc_1","scope":"a b","token_type":"client_credentials","exp":1800003600,"iat":1800000000,"jti":"j","client_id":"skc_1","app_scope":"PARTNER","tenant_id":"tnt_4","partner_id":"prt_6"}"#,
        ),
        (
            &with_groups,
            r#"{"iss":"https://id.example/platform","aud":"skc_1","sub":"usr_2","scope":"a b","exp":1800003600,"iat":1800000000,"jti":"j","client_id":"skc_1","app_scope":"GLOBAL","tenant_id":"tnt_4","partner_id":"prt_6","role":"partner_admin","sid":"ses_3","family":"fam_5","auth_time":1800000000,"acr":"https://refeds.org/profile/sfa","amr":["pwd"],"groups":["grp_7"]}"#,
        ),
    ] {
        assert_eq!(serde_json::to_string(&Platform(claims)).unwrap(), text);
    }
    for claims in [&client(PLATFORM), &of_tenant, &admin] {
        let bytes = serde_json::to_vec(&Platform(claims)).unwrap();
        assert_eq!(read_access_token(&bytes, &issuers()).as_ref(), Some(&as_read(claims)));
        let elsewhere = serde_json::to_vec(&Platform(&Claims { iss: ENVIRONMENT.into(), ..claims.clone() })).unwrap();
        assert_eq!(read_access_token(&elsewhere, &issuers()), None, "these are not that issuer's words");
    }
    let standing = standing();
    let id_token = serde_json::to_string(&Platform(&identity(PLATFORM, &standing))).unwrap();
    assert_eq!(
        id_token,
        r#"{"iss":"https://id.example/platform","sub":"usr_2","aud":"skc_1","exp":1800003600,"iat":1800000000,"auth_time":1800000000,"nonce":"n","acr":"https://refeds.org/profile/sfa","amr":["pwd"],"at_hash":"a","sid":"ses_3","email":"ann@example.com"}"#
    );
    let read = read_id_token(id_token.as_bytes(), &issuers()).unwrap();
    assert_eq!((read.user, read.sid, &*read.aud), (Some(UserId::from_raw(2)), Some(SessionId::from_raw(3)), "skc_1"));
}

#[test]
fn a_token_in_the_environments_words() {
    let standing = standing();
    let with_standing = Claims { standing: Some(&standing), ..access(ENVIRONMENT) };
    for (claims, text) in [
        (
            &client(ENVIRONMENT),
            r#"{"iss":"https://id.example","sub":"skc_1","aud":["skc_1"],"client_id":"skc_1","exp":1800003600,"iat":1800000000,"nbf":1800000000,"jti":"j","scope":"a b","scopes":["a","b"]}"#,
        ),
        (
            &with_standing,
            r#"{"iss":"https://id.example","sub":"usr_2","aud":["skc_1"],"client_id":"skc_1","exp":1800003600,"iat":1800000000,"nbf":1800000000,"jti":"j","sid":"ses_3","oid":"org_4","roles":["admin"],"permissions":["x:y"],"scope":"a b","scopes":["a","b"],"xoid":"xo","xuid":"xu","family":"fam_5"}"#,
        ),
        (
            &identity(ENVIRONMENT, &standing),
            r#"{"iss":"https://id.example","sub":"usr_2","aud":["skc_1"],"azp":"skc_1","client_id":"skc_1","exp":1800003600,"iat":1800000000,"auth_time":1800000000,"nonce":"n","acr":"https://refeds.org/profile/sfa","amr":["pwd"],"at_hash":"a","c_hash":"c","oid":"org_4","sid":"ses_3","xoid":"xo","xuid":"xu","email":"ann@example.com"}"#,
        ),
    ] {
        assert_eq!(serde_json::to_string(&Environment(claims)).unwrap(), text);
    }
    let nothing = Claims { scope: "".into(), ..client(ENVIRONMENT) };
    assert!(serde_json::to_string(&Environment(&nothing)).unwrap().contains(r#""scope":"","scopes":[]"#));
    for claims in [&client(ENVIRONMENT), &access(ENVIRONMENT)] {
        let bytes = serde_json::to_vec(&Environment(claims)).unwrap();
        assert_eq!(read_access_token(&bytes, &issuers()).as_ref(), Some(&as_read(claims)));
        let elsewhere = serde_json::to_vec(&Environment(&Claims { iss: PLATFORM.into(), ..claims.clone() })).unwrap();
        assert_eq!(read_access_token(&elsewhere, &issuers()), None, "these are not that issuer's words");
    }
}
