//! ScaiVault's quickstart, call by call.

use super::*;

const PATH: &str = "environments/production/salesforce/api-credentials";

fn first(house: &House) -> Written {
    let mut put = object(PATH, &json!({"client_id": "3MVG9...", "client_secret": "REDACTED"}));
    put.secret_type = Some(SecretType::parse("json").unwrap());
    put.metadata = Some(
        metadata(json!({"description": "Salesforce OAuth credentials", "tags": ["salesforce", "production"]})).unwrap(),
    );
    house.put(put).unwrap()
}

#[test]
fn the_quickstart_call_by_call() {
    let house = house();
    let written = first(&house);
    assert_eq!((written.version, written.created, written.previous_version), (1, true, None));
    assert_eq!(written.created_at.iso_secs(), "2026-04-23T14:00:00Z");

    let read = house.get_in(1, PATH, None).unwrap();
    assert_eq!(read.data.expose(), br#"{"client_id":"3MVG9...","client_secret":"REDACTED"}"#);
    assert_eq!((read.version, read.secret_type), (1, SecretType::Json));
    assert_eq!(read.metadata.description.as_deref(), Some("Salesforce OAuth credentials"));
    assert_eq!(read.metadata.tags, ["salesforce", "production"]);
    assert_eq!((read.created_at, read.updated_at, read.expires_at), (NOW, NOW, None));

    let later = NOW.plus_secs(300);
    let put = object(PATH, &json!({"client_id": "3MVG9...", "client_secret": "NEW_REDACTED"}));
    let written = house.put_in(1, put, later).unwrap();
    assert_eq!((written.version, written.created, written.previous_version), (2, false, Some(1)));
    assert_eq!((written.created_at, written.updated_at), (NOW, later));

    let old = house.get_in(1, PATH, Some(1)).unwrap();
    assert_eq!(old.data.expose(), br#"{"client_id":"3MVG9...","client_secret":"REDACTED"}"#);
    assert_eq!((old.version, old.created_at, old.updated_at), (1, NOW, NOW));
    let new = house.get_in(1, PATH, None).unwrap();
    assert_eq!((new.version, new.created_at, new.updated_at), (2, NOW, later));

    let listing = house.list("environments/production/", None, None).unwrap();
    let [only] = listing.secrets.as_slice() else { panic!("one secret") };
    assert_eq!((only.path.as_str(), only.version, only.updated_at), (PATH, 2, later));
    assert_eq!(only.tags, ["salesforce", "production"], "metadata survives a write without it");
    assert_eq!(listing.cursor, None);
}

#[test]
fn every_step_is_in_the_log_and_no_value_is() {
    let house = house();
    first(&house);
    let read = granted::<permit::ReadSecrets>(1);
    let event = service::read_event(&read, &path(PATH), 1, NOW);
    assert_eq!((event.action.as_str(), event.resource_id.as_str()), ("secret.read", PATH));
    assert_eq!(event.details, [("version".to_owned(), "1".to_owned())]);
    let event = service::list_event(&granted(1), &Prefix::parse("environments/").unwrap(), 1, NOW);
    assert_eq!((event.action.as_str(), event.resource_id.as_str()), ("secret.list", "environments/"));
    assert_eq!(event.tenant, Some(TenantId::from_raw(1)));
    assert_eq!(house.log(), [format!("secret.write {PATH} version=1 created=true")]);
    let value = house.get_in(1, PATH, None).unwrap();
    assert!(!format!("{value:?}{:?}", object(PATH, &json!({"a": "REDACTED"}))).contains("REDACTED"));
}

#[test]
fn what_is_not_there_says_so_with_its_path() {
    let house = house();
    let problem = house.get_in(1, PATH, None).unwrap_err();
    assert_eq!((problem.code, problem.details), ("secret_not_found", vec![("path", json!(PATH))]));
    first(&house);
    for version in [0, 2, u32::MAX] {
        let problem = house.get_in(1, PATH, Some(version)).unwrap_err();
        assert_eq!(problem.code, "version_not_found");
        assert_eq!(problem.details, [("path", json!(PATH)), ("version", json!(version))]);
    }
    // The path is a folder of one, and no secret itself.
    assert_eq!(code(house.get_in(1, "environments/production", None)), "secret_not_found");
}

#[test]
fn another_tenants_secret_is_not_there() {
    let house = house();
    first(&house);
    assert_eq!(code(house.get_in(2, PATH, None)), "secret_not_found");
    let listing =
        service::list(&house.read(), house.keys.keyring().pepper(), &granted(2), &Prefix::default(), None, None);
    assert!(listing.unwrap().secrets.is_empty());
    let put = object(PATH, &json!({"mine": 2}));
    assert!(house.put_in(2, put, NOW).unwrap().created, "the same path in another tenant is another secret");
    assert_eq!(house.get_in(1, PATH, None).unwrap().version, 1);
}

#[test]
fn paths_keep_their_rules() {
    for bad in ["", "/a", "a/", "a//b", "a/../b", ".", "a/%2e%2e/b", "a%2fb", "Upper", "a b", "a\0b"] {
        assert_eq!(code(parse_path(bad)), "invalid_path", "{bad}");
    }
    for bad in ["/a", "a//", "..", "%2e", "A", &"a".repeat(513)] {
        assert_eq!(code(Prefix::parse(bad)), "invalid_path", "{bad}");
    }
}
