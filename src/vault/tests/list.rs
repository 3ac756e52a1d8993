//! Listing and browsing.

use super::super::table::SECRETS;
use super::*;
use crate::store::{Direction, RawRead, Read, StoreError};
use crate::vault::service::Shape;
use std::cell::Cell;
use std::ops::{Bound, ControlFlow};

/// Counts the rows that are looked at.
struct Counting(Snapshot, Cell<usize>);

impl RawRead for Counting {
    fn token_key(&self) -> &crate::crypto::digest::MacKey {
        self.0.token_key()
    }

    fn raw_get(&self, key: &[u8], visit: &mut dyn FnMut(&[u8]) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.1.set(self.1.get() + 1);
        self.0.raw_get(key, visit)
    }

    fn raw_scan(
        &self,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
        way: Direction,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        self.0.raw_scan(from, to, way, &mut |key, row| {
            self.1.set(self.1.get() + 1);
            visit(key, row)
        })
    }
}

fn filled(paths: &[&str]) -> House {
    let house = house();
    for at in paths {
        house.put_number(at, 1);
    }
    house
}

/// A whole level.
fn browse(house: &House, folder: &str) -> Result<Vec<String>, Problem> {
    let (folder, at_start) = (Prefix::parse(folder)?, (None, Direction::Forward));
    Ok(names(&service::level(&house.read(), &granted(1), (&folder, Shape::Tree), at_start, 100)?))
}

fn names(entries: &[Entry]) -> Vec<String> {
    let name = |entry: &Entry| match entry {
        Entry::Folder(folder) => folder.clone(),
        Entry::Secret(secret) => secret.path.to_string(),
    };
    entries.iter().map(name).collect()
}

/// All entries, page by page of `limit`, from one end to the other.
fn walked(house: &House, prefix: &str, shape: Shape, way: Direction, limit: usize) -> Vec<String> {
    let (prefix, mut all, mut start) = (Prefix::parse(prefix).unwrap(), Vec::new(), None::<String>);
    loop {
        let page =
            service::level(&house.read(), &granted(1), (&prefix, shape), (start.as_deref(), way), limit).unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(names(&page));
        start = all.last().cloned();
    }
}

#[test]
fn a_level_is_walked_from_either_end() {
    // What sorts right in front of a slash and right behind it.
    let house = filled(&["a-b/x", "a/1", "a/2/3", "a/2/4", "a/z", "a0", "b", "b-c", "b_d", "b/c", "c/d/e"]);
    for (prefix, want) in [
        ("", vec!["a-b/", "a/", "a0", "b", "b-c", "b/", "b_d", "c/"]),
        ("a/", vec!["a/1", "a/2/", "a/z"]),
        ("x/", vec![]),
    ] {
        for limit in 1..=9 {
            assert_eq!(walked(&house, prefix, Shape::Tree, Direction::Forward, limit), want, "{prefix} {limit}");
            let back = walked(&house, prefix, Shape::Tree, Direction::Backward, limit);
            assert!(back.iter().rev().eq(&want), "{prefix} {limit}: {back:?}");
        }
    }
    let flat = house.paths("a/");
    assert_eq!(walked(&house, "a/", Shape::Flat, Direction::Forward, 2), flat);
    assert!(walked(&house, "a/", Shape::Flat, Direction::Backward, 2).iter().rev().eq(&flat));
    let no_folder = Prefix::parse("a").unwrap();
    let at_start = (None, Direction::Forward);
    assert_eq!(
        code(service::level(&house.read(), &granted(1), (&no_folder, Shape::Tree), at_start, 9)),
        "invalid_path"
    );
    let outside = (Some("b"), Direction::Backward);
    let folder = Prefix::parse("a/").unwrap();
    assert_eq!(service::level(&house.read(), &granted(1), (&folder, Shape::Tree), outside, 9).unwrap().len(), 3);
}

/// A house with so many secrets in one folder, and one in another.
fn crowded(many: usize) -> House {
    let house = filled(&["crowd/first", "few/one", "few/deep/er/two"]);
    house
        .store
        .write_blocking(move |tx| {
            let row = tx.get(&SECRETS, &(TenantId::from_raw(1), path("crowd/first")))?.unwrap();
            (1..many).try_for_each(|at| tx.put(&SECRETS, &(TenantId::from_raw(1), path(&format!("crowd/{at}"))), &row))
        })
        .unwrap();
    house
}

#[test]
fn a_folder_says_how_much_lies_in_it_up_to_what_a_page_can_afford() {
    let house = crowded(1_001);
    let counted = |folders: &[&str]| -> Vec<(usize, bool)> {
        let below = service::count_below(&house.read(), &granted(1), folders).unwrap();
        below.iter().map(|below| (below.secrets, below.is_more)).collect()
    };
    assert_eq!(counted(&["crowd/", "few/", "none/"]), [(1_000, true), (2, false), (0, false)]);
    assert_eq!(counted(&["few/deep/"]), [(1, false)]);
    let counting = Counting(house.read(), Cell::new(0));
    let folders = vec!["crowd/"; 50];
    let below = service::count_below(&counting, &granted(1), &folders).unwrap();
    assert!(below.iter().all(|below| below.secrets == 100 && below.is_more), "{below:?}");
    assert!(counting.1.get() <= 50 * 101, "{} rows were looked at", counting.1.get());
}

#[test]
fn a_prefix_is_a_front_of_the_text() {
    let house = filled(&["prod/db", "production/db", "production", "prod-eu/db", "staging/db"]);
    assert_eq!(house.paths("prod"), ["prod-eu/db", "prod/db", "production", "production/db"]);
    assert_eq!(house.paths("prod/"), ["prod/db"]);
    assert_eq!(house.paths("production"), ["production", "production/db"]);
    assert_eq!(house.paths("").len(), 5);
    assert!(house.paths("x").is_empty());
}

#[test]
fn pages_follow_their_cursor() {
    let all = ["a/1", "a/2", "a/3", "a/4", "a/5", "b"];
    let house = filled(&all);
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = house.list("a/", Some(2), cursor.as_deref()).unwrap();
        seen.extend(page.secrets.iter().map(|secret| secret.path.to_string()));
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, all[..5]);
    assert_eq!(house.list("a/", Some(5), None).unwrap().cursor, None, "a full last page knows that it is the last");
    for limit in [0, PAGE_MAX + 1] {
        assert_eq!(house.list("", Some(limit), None).unwrap_err().fields[0].field, "limit");
    }
}

#[test]
fn a_cursor_is_good_for_its_own_question_only() {
    let house = filled(&["a/1", "a/2", "a/3"]);
    let cursor = house.list("a/", Some(1), None).unwrap().cursor.unwrap();
    assert!(house.list("a/", Some(1), Some(&cursor)).is_ok());
    assert_eq!(code(house.list("a", Some(1), Some(&cursor))), "invalid_cursor");
    let prefix = Prefix::parse("a/").unwrap();
    let pepper = house.keys.keyring().pepper();
    let other = service::list(&house.read(), pepper, &granted(2), &prefix, None, Some(&cursor));
    assert_eq!(code(other), "invalid_cursor");
    for at in 0..cursor.len() {
        let mut bytes = cursor.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let bad = String::from_utf8(bytes).unwrap();
        assert_eq!(code(house.list("a/", Some(1), Some(&bad))), "invalid_cursor", "changed at {at}");
        assert_eq!(code(house.list("a/", Some(1), Some(&cursor[..at]))), "invalid_cursor", "cut at {at}");
    }
}

#[test]
fn a_level_shows_folders_and_secrets() {
    let house = filled(&["a", "a/b", "a/b/c", "a-b/c", "a0", "zzz/z/z"]);
    let level = browse(&house, "").unwrap();
    assert_eq!(level, ["a", "a-b/", "a/", "a0", "zzz/"]);
    assert_eq!(browse(&house, "a/").unwrap(), ["a/b", "a/b/"]);
    assert_eq!(browse(&house, "zzz/z/").unwrap(), ["zzz/z/z"]);
    assert!(browse(&house, "none/").unwrap().is_empty());
    assert_eq!(code(browse(&house, "a")), "invalid_path");
    let seen = walked(&house, "", Shape::Tree, Direction::Forward, 1);
    assert_eq!(seen, level, "one by one as all at once");
}

#[test]
fn a_folder_ends_behind_its_very_last_path() {
    let deep = ["z"; 10].join("/");
    let long = format!("z/{}", "z".repeat(510));
    let house = filled(&[&deep, &long, "z0", "zz"]);
    assert_eq!(browse(&house, "").unwrap(), ["z/", "z0", "zz"]);
    assert_eq!(browse(&house, "z/").unwrap(), ["z/z/", long.as_str()]);
    let tenth = format!("{}/", ["z"; 9].join("/"));
    assert_eq!(browse(&house, &tenth).unwrap(), [deep]);
}

#[test]
fn a_level_over_ten_thousand_secrets_looks_at_few() {
    let house = filled(&["seed"]);
    let tenant = TenantId::from_raw(1);
    let like = house.read().get(&SECRETS, &(tenant, path("seed"))).unwrap().unwrap();
    house
        .store
        .write_blocking(move |tx| {
            for n in 0..10_000 {
                tx.put(&SECRETS, &(tenant, path(&format!("team-{}/service-{n}", n % 20))), &like)?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let tx = Counting(house.read(), Cell::new(0));
    let pepper = house.keys.keyring().pepper();
    let (root, at_start) = (Prefix::default(), (None, Direction::Forward));
    let level = service::level(&tx, &granted(1), (&root, Shape::Tree), at_start, 100).unwrap();
    assert_eq!(level.len(), 21);
    assert_eq!(tx.1.get(), 21, "one row a folder, whatever it holds");
    tx.1.set(0);
    let page = service::list(&tx, pepper, &granted(1), &Prefix::default(), Some(10), None).unwrap();
    assert_eq!((page.secrets.len(), tx.1.get()), (10, 11));
}
