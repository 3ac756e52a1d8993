//! Deleting, restoring and the end of the retention.

use super::super::table::VERSIONS;
use super::*;
use crate::store::Read;

fn version_rows(house: &House) -> usize {
    house.read().list(&VERSIONS, &(), usize::MAX).unwrap().len()
}

#[test]
fn a_soft_deleted_secret_is_gone_and_comes_back_whole() {
    let house = house();
    house.put_number("a", 1);
    house.put_number("a", 2);
    let deleted = house.delete("a", false, NOW).unwrap();
    assert_eq!((deleted.permanent, deleted.version_count), (false, 2));
    assert_eq!(deleted.recoverable_until, Some(NOW.plus_secs(30 * DAY)));
    assert_eq!(code(house.number("a", None)), "secret_not_found");
    assert_eq!(code(house.number("a", Some(1))), "secret_not_found");
    assert!(house.paths("").is_empty());
    assert_eq!(code(service::versions(&house.read(), &granted(1), &path("a"))), "secret_not_found");
    assert_eq!(code(house.delete("a", false, NOW)), "secret_not_found");
    assert_eq!(code(house.destroy("a", 1)), "secret_not_found");
    let problem = house.put(object("a", &json!({}))).unwrap_err();
    assert_eq!(problem.code, "secret_exists");
    assert_eq!(problem.details[1], ("recoverable_until", json!("2026-05-23T14:00:00Z")));

    let restored = house.restore("a", NOW.plus_secs(30 * DAY - 1)).unwrap();
    assert_eq!((restored.path.as_str(), restored.version), ("a", 2));
    assert_eq!((house.number("a", Some(1)).unwrap(), house.number("a", None).unwrap()), (1, 2));
    assert_eq!(code(house.restore("a", NOW)), "secret_not_found");
    house.put_number("a", 3);
    assert_eq!(
        house.log()[2..],
        [
            "secret.delete a permanent=false version_count=2",
            "secret.restore a version=2",
            "secret.write a version=3 created=false"
        ]
    );
}

#[test]
fn a_permanent_deletion_leaves_no_row() {
    let house = house();
    house.put(Put { max_versions: Some(2), ..object("a", &json!({"n": 1})) }).unwrap();
    house.put_number("a", 2);
    house.put_number("a", 3);
    let deleted = house.delete("a", true, NOW).unwrap();
    assert_eq!((deleted.permanent, deleted.recoverable_until, deleted.version_count), (true, None, 2));
    assert_eq!(version_rows(&house), 0);
    assert_eq!(code(house.restore("a", NOW)), "secret_not_found");
    let written = house.put(object("a", &json!({"n": 9}))).unwrap();
    assert_eq!((written.version, written.created), (1, true), "the path is free again");

    house.delete("a", false, NOW).unwrap();
    house.delete("a", true, NOW).unwrap();
    assert_eq!(version_rows(&house), 0, "a soft-deleted one can be deleted for good");
    assert_eq!(code(house.delete("a", true, NOW)), "secret_not_found");
    assert_eq!(house.purge(NOW.plus_secs(1000 * DAY), 10), 0, "and nothing is left to purge");
}

#[test]
fn behind_its_retention_a_path_is_free_even_before_the_purge() {
    let house = house();
    for n in 1..=3 {
        house.put_number("a", n);
    }
    house.delete("a", false, NOW).unwrap();
    let later = NOW.plus_secs(30 * DAY);
    assert_eq!(code(house.restore("a", later)), "secret_not_found");
    let written = house.put_in(1, object("a", &json!({"n": 7})), later).unwrap();
    assert_eq!((written.version, written.created, written.created_at), (1, true, later));
    assert_eq!(version_rows(&house), 1, "the old versions are gone");
    assert_eq!(house.number("a", None).unwrap(), 7);
    assert_eq!(house.purge(later, 10), 0);
    assert_eq!(house.number("a", None).unwrap(), 7, "a purge takes only what is deleted");
}

#[test]
fn the_purge_takes_what_is_due_and_no_more() {
    let house = house();
    for at in ["a", "b", "c", "d"] {
        house.put_number(at, 1);
    }
    house.delete("a", false, NOW).unwrap();
    house.delete("b", false, NOW).unwrap();
    house.delete("c", false, NOW.plus_secs(1)).unwrap();
    let due = NOW.plus_secs(30 * DAY);
    assert_eq!(house.purge(due.plus_secs(-1), 10), 0);
    assert_eq!(house.purge(due, 1), 1);
    assert_eq!(house.purge(due, 10), 1);
    assert_eq!(house.purge(due, 10), 0);
    assert_eq!(version_rows(&house), 2);
    assert_eq!(house.restore("c", due).unwrap().version, 1);
    let log = house.log();
    let purges: Vec<_> = log.iter().filter(|line| line.starts_with("secret.purge")).collect();
    assert_eq!(
        purges,
        ["secret.purge a deleted_by=user:alice@acme.example", "secret.purge b deleted_by=user:alice@acme.example"]
    );
}

#[test]
fn another_tenant_deletes_nothing_here() {
    let house = house();
    house.put_number("a", 1);
    for permanent in [false, true] {
        let limits = house.limits;
        let foreign =
            house.store.write_blocking(move |tx| service::delete(tx, &granted(2), &path("a"), permanent, &limits, NOW));
        assert_eq!(code(foreign), "secret_not_found");
    }
    assert_eq!(house.number("a", None).unwrap(), 1);
}
