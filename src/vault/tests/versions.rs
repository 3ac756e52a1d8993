//! Versions, check-and-set, and what a write keeps.

use super::*;
use futures_util::future::join_all;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn of_64_writers_with_the_same_expectation_one_succeeds() {
    let house = house();
    for round in 0..5u32 {
        let writes = (0..64u32).map(|writer| {
            let mut put = object("race", &json!({"n": writer}));
            put.cas = Some(round);
            let sealed = service::prepare(&house.read(), &house.keys, &granted(1), put, &house.limits).unwrap();
            let keys = Arc::clone(&house.keys);
            let store = house.store.clone();
            async move { (writer, store.write(move |tx| service::put(tx, &keys, &sealed, NOW)).await) }
        });
        let results = block_on(join_all(writes));
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(|(_, result)| result.is_ok());
        assert_eq!((won.len(), lost.len()), (1, 63));
        assert!(lost.into_iter().all(|(_, result)| {
            let problem = result.unwrap_err();
            problem.code == "version_conflict" && problem.details[1] == ("current_version", json!(round + 1))
        }));
        let (winner, written) = won.into_iter().next().unwrap();
        assert_eq!(written.unwrap().version, round + 1, "no gaps");
        assert_eq!(house.number("race", None).unwrap(), u64::from(winner));
    }
    assert_eq!(house.log().len(), 5, "who lost has written nothing");
}

/// Operations that fail after a write make the others of their transaction run again, perhaps for other versions.
#[test]
fn writes_that_run_again_keep_their_values() {
    let house = house();
    let writes = (0..40u32).map(|n| {
        let sealed = service::prepare(
            &house.read(),
            &house.keys,
            &granted(1),
            object("again", &json!({"n": n})),
            &Limits { default_max_versions: 100, ..house.limits },
        )
        .unwrap();
        let keys = Arc::clone(&house.keys);
        let store = house.store.clone();
        async move {
            let spoil = n % 4 == 0;
            store
                .write(move |tx| match service::put(tx, &keys, &sealed, NOW) {
                    Ok(_) if spoil => Err(Problem::conflict("spoiled", "on purpose")),
                    result => result,
                })
                .await
                .map(|written| (n, written.version))
        }
    });
    let written: Vec<_> = block_on(join_all(writes)).into_iter().filter_map(Result::ok).collect();
    let mut versions: Vec<_> = written.iter().map(|(_, version)| *version).collect();
    versions.sort_unstable();
    assert_eq!(versions, (1..=30).collect::<Vec<_>>());
    for (n, version) in written {
        assert_eq!(house.number("again", Some(version)).unwrap(), u64::from(n));
    }
}

#[test]
fn check_and_set_knows_nothing_from_something() {
    let house = house();
    let with = |cas| Put { cas: Some(cas), ..object("a", &json!({"n": 1})) };
    assert_eq!(code(house.put(with(1))), "version_conflict");
    assert!(house.put(with(0)).unwrap().created);
    assert_eq!(code(house.put(with(0))), "version_conflict");
    assert_eq!(house.put(with(1)).unwrap().version, 2);
}

#[test]
fn versions_beyond_the_limit_age_out() {
    let house = house();
    for n in 1..=5 {
        let put = Put { max_versions: Some(3), ..object("a", &json!({"n": n})) };
        house.put(put).unwrap();
    }
    assert_eq!(code(house.number("a", Some(2))), "version_not_found");
    for n in 3..=5 {
        assert_eq!(house.number("a", Some(n)).unwrap(), u64::from(n));
    }
    house.put_number("a", 6);
    assert_eq!(code(house.number("a", Some(3))), "version_not_found", "the limit is kept by a write without one");
    house.put(Put { max_versions: Some(1), ..object("a", &json!({"n": 7})) }).unwrap();
    let history = service::versions(&house.read(), &granted(1), &path("a")).unwrap();
    assert_eq!(history.versions.iter().map(|version| version.version).collect::<Vec<_>>(), [7]);
    assert_eq!((history.max_versions, history.summary.version), (1, 7));
    for max in [0, MAX_VERSIONS + 1] {
        let put = Put { max_versions: Some(max), ..object("a", &json!({})) };
        assert_eq!(house.put(put).unwrap_err().fields[0].field, "options.max_versions");
    }
}

#[test]
fn a_destroyed_version_leaves_a_mark_and_no_bytes() {
    let house = house();
    for n in 1..=3 {
        house.put_number("a", n);
    }
    house.destroy("a", 2).unwrap();
    assert_eq!(code(house.number("a", Some(2))), "version_not_found");
    assert_eq!(code(house.destroy("a", 2)), "version_not_found");
    assert_eq!(code(house.destroy("a", 9)), "version_not_found");
    assert_eq!(code(house.destroy("a", 3)), "version_is_current");
    assert_eq!(code(house.destroy("b", 1)), "secret_not_found");
    assert_eq!((house.number("a", Some(1)).unwrap(), house.number("a", None).unwrap()), (1, 3));
    let history = service::versions(&house.read(), &granted(1), &path("a")).unwrap();
    let marks: Vec<_> = history.versions.iter().map(|v| (v.version, v.destroyed_at)).collect();
    assert_eq!(marks, [(3, None), (2, Some(NOW)), (1, None)]);
    assert_eq!(history.created_by, "user:alice@acme.example");
    assert_eq!(house.log().last().unwrap(), "secret.destroy a version=2");
}

#[test]
fn the_type_belongs_to_the_version() {
    let house = house();
    let typed = |kind| Put { secret_type: kind, ..object("a", &json!({})) };
    assert_eq!(house.put(typed(None)).unwrap().secret_type, SecretType::Json);
    assert_eq!(house.put(typed(Some(SecretType::ApiKey))).unwrap().secret_type, SecretType::ApiKey);
    assert_eq!(house.put(typed(None)).unwrap().secret_type, SecretType::ApiKey);
    assert_eq!(house.get_in(1, "a", Some(1)).unwrap().secret_type, SecretType::Json);
    assert_eq!(house.get_in(1, "a", None).unwrap().secret_type, SecretType::ApiKey);
    assert_eq!(code(SecretType::parse("password")), "invalid_secret_type");
}

#[test]
fn an_expired_secret_stays_readable_and_says_so() {
    let house = house();
    house.put(Put { expires_in_secs: Some(60), ..object("a", &json!({"n": 1})) }).unwrap();
    let later = NOW.plus_secs(3600);
    house.put_in(1, object("a", &json!({"n": 2})), later).unwrap();
    let value = house.get_in(1, "a", None).unwrap();
    assert_eq!((value.version, value.expires_at), (2, Some(NOW.plus_secs(60))));
    house.put_in(1, Put { expires_in_secs: Some(60), ..object("a", &json!({})) }, later).unwrap();
    assert_eq!(house.list("", None, None).unwrap().secrets[0].expires_at, Some(later.plus_secs(60)));
    let put = Put { expires_in_secs: Some(0), ..object("a", &json!({})) };
    assert_eq!(house.put(put).unwrap_err().fields[0].field, "options.expires_in");
}

#[test]
fn metadata_changes_field_by_field() {
    let house = house();
    let patched = |fields| Put { metadata: Some(metadata(fields).unwrap()), ..object("a", &json!({})) };
    house
        .put(patched(json!({"description": "d", "tags": ["x", "y", "x"], "owner": "team:a", "tier": 1, "on": [true]})))
        .unwrap();
    house.put(patched(json!({"tags": ["z"], "owner": null, "tier": null, "more": {"k": "v"}}))).unwrap();
    let now = house.get_in(1, "a", Some(1)).unwrap().metadata;
    assert_eq!((now.description.as_deref(), now.owner), (Some("d"), None));
    assert_eq!(now.tags, ["z"]);
    let custom: Vec<_> = now.custom.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(custom, [r#"more={"k":"v"}"#, "on=[true]"]);
    house.put(patched(json!({"tags": null, "description": null}))).unwrap();
    let now = house.get_in(1, "a", None).unwrap().metadata;
    assert!(now.tags.is_empty() && now.description.is_none());
}

#[test]
fn metadata_has_limits() {
    let refused = |fields: Value| metadata(fields).unwrap_err().fields[0].field.clone();
    let ok = |fields: Value| assert!(metadata(fields).is_ok());
    let tags = |count: usize, chars: usize| json!({"tags": (0..count).map(|n| format!("{n:0chars$}").chars().take(chars).collect::<String>()).collect::<Vec<_>>()});
    ok(json!({"description": "ä".repeat(1000)}));
    assert_eq!(refused(json!({"description": "ä".repeat(1001)})), "metadata.description");
    assert_eq!(refused(json!({"description": 1})), "metadata.description");
    assert_eq!(refused(json!({"owner": "o".repeat(201)})), "metadata.owner");
    ok(tags(50, 100));
    for bad in [tags(51, 10), tags(1, 101), json!({"tags": "a"}), json!({"tags": [1]}), json!({"tags": [""]})] {
        assert_eq!(refused(bad), "metadata.tags");
    }
    assert_eq!(refused(json!({"n".repeat(101): 1})), "metadata");
    let house = house();
    let custom = |name: &str, bytes: usize| Put {
        metadata: Some(metadata(json!({name: "v".repeat(bytes)})).unwrap()),
        ..object("a", &json!({}))
    };
    house.put(custom("first", 10 * 1024)).unwrap();
    let problem = house.put(custom("second", 6 * 1024)).unwrap_err();
    assert_eq!((problem.code, problem.fields[0].field.as_str()), ("validation_error", "metadata"));
    assert_eq!(house.get_in(1, "a", None).unwrap().version, 1, "nothing is written then");
    house.put(custom("first", 6 * 1024)).unwrap();
    house.put(custom("second", 6 * 1024)).unwrap();
}

#[test]
fn a_value_must_be_an_object_of_bounded_size() {
    let house = house();
    for bad in ["[1]", "\"text\"", "{\"a\":", ""] {
        let problem = house.put(Put::new(path("a"), bad.into())).unwrap_err();
        assert_eq!((problem.code, problem.fields[0].field.as_str()), ("validation_error", "data"));
    }
    let long = json!({"a": "x".repeat(4096)});
    assert_eq!(code(house.put(object("a", &long))), "payload_too_large");
    // Bytes come back as they were written: blanks, order and numbers that no float can hold.
    let text = "{ \"b\": 1.00,\n\t\"a\": 12345678901234567890123, \"ü\": \"\\u00fc\" }";
    house.put(Put::new(path("a"), text.into())).unwrap();
    assert_eq!(house.get_in(1, "a", None).unwrap().data.expose(), text.as_bytes());
}
