//! Slices: going on and back shows everything once, in order, whatever happens to the list meanwhile.

use super::super::Store;
use super::*;
use crate::base::id::UserId;
use proptest::prelude::*;

const PETS: Listing<UserId> = Listing::new(0xff10, "pets listed");

fn store() -> Store {
    Store::start(
        super::super::file::in_memory().unwrap(),
        crate::store::test_token_key(),
        crate::store::Hooks::default(),
    )
    .unwrap()
}

fn card(id: u64) -> Card<UserId> {
    let text = if id.is_multiple_of(3) { "Rex the dog" } else { "Tom the cat" };
    Card {
        id: UserId::from_raw(id),
        scopes: vec![7 + id % 2],
        status: 1 + (id % 2) as u8,
        texts: vec![text.to_owned()],
        partly: None,
    }
}

fn add(store: &Store, ids: impl IntoIterator<Item = u64>) {
    let ids: Vec<u64> = ids.into_iter().collect();
    store
        .write_blocking(move |tx| {
            for id in &ids {
                PETS.update(tx, None, Some(&card(*id)))?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

fn drop_one(store: &Store, id: u64) {
    store.write_blocking(move |tx| PETS.update(tx, Some(&card(id)), None)).unwrap();
}

fn texts(id: UserId) -> Result<Option<Vec<String>>, StoreError> {
    Ok(Some(card(id.raw()).texts))
}

fn slice(store: &Store, search: Option<&str>, from: Seek, size: u32) -> Slice<UserId> {
    PETS.slice(&store.read(), EVERYWHERE, None, search, Window::new(from, size), texts).unwrap()
}

fn numbers(slice: &Slice<UserId>) -> Vec<u64> {
    slice.items.iter().map(|id| id.raw()).collect()
}

/// Every stretch from the newest on, and then every stretch on the way back.
fn there_and_back(read: impl Fn(Seek) -> Slice<UserId>) -> (Vec<Vec<u64>>, Vec<Vec<u64>>) {
    let (mut there, mut back) = (Vec::new(), Vec::new());
    let mut at = read(Seek::Start);
    assert_eq!(at.prev, None);
    there.push(numbers(&at));
    while let Some(next) = at.next {
        at = read(next);
        there.push(numbers(&at));
    }
    back.push(numbers(&at));
    while let Some(prev) = at.prev {
        at = read(prev);
        back.push(numbers(&at));
    }
    back.reverse();
    (there, back)
}

#[test]
fn a_list_is_read_from_the_newest_on_and_back() {
    let store = store();
    add(&store, 1..=7);
    let first = slice(&store, None, Seek::Start, 3);
    assert_eq!((numbers(&first), first.total), (vec![7, 6, 5], 7));
    let second = slice(&store, None, first.next.unwrap(), 3);
    assert_eq!((numbers(&second), second.total), (vec![4, 3, 2], 7));
    let last = slice(&store, None, second.next.unwrap(), 3);
    assert_eq!((numbers(&last), last.next), (vec![1], None));
    assert_eq!(slice(&store, None, last.prev.unwrap(), 3), second);
    let back = slice(&store, None, second.prev.unwrap(), 3);
    assert_eq!((numbers(&back), back.next, back.prev), (vec![7, 6, 5], first.next, None));
}

#[test]
fn a_list_is_read_from_the_oldest_on_too() {
    let store = store();
    add(&store, 1..=7);
    let read = |seek| {
        let window = Window::new(seek, 3).oldest_first();
        PETS.slice(&store.read(), EVERYWHERE, None, None, window, texts).unwrap()
    };
    let (there, back) = there_and_back(read);
    assert_eq!(there, [vec![1, 2, 3], vec![4, 5, 6], vec![7]]);
    // The way back cuts the pages at the same places, for each follows the first row of the one behind it.
    assert_eq!(back, there);
}

#[test]
fn what_comes_and_goes_meanwhile_shifts_nothing() {
    let store = store();
    add(&store, 10..=20);
    let first = slice(&store, None, Seek::Start, 4);
    let next = first.next.unwrap();
    // The place itself goes, and new ones come in front.
    drop_one(&store, 17);
    add(&store, 21..=25);
    let second = slice(&store, None, next, 4);
    assert_eq!(numbers(&second), [16, 15, 14, 13]);
    assert_eq!(numbers(&slice(&store, None, second.prev.unwrap(), 4)), [21, 20, 19, 18]);
    // All behind the place goes: nothing is left there, and the way back leads to what is left.
    for id in 10..=16 {
        drop_one(&store, id);
    }
    let empty = slice(&store, None, Seek::OlderThan(18), 4);
    assert_eq!((numbers(&empty), empty.next), (vec![], None));
    assert_eq!(numbers(&slice(&store, None, empty.prev.unwrap(), 4)), [21, 20, 19, 18]);
    let empty = slice(&store, None, Seek::NewerThan(25), 4);
    assert_eq!((numbers(&empty), empty.prev), (vec![], None));
    assert_eq!(numbers(&slice(&store, None, empty.next.unwrap(), 4)), [25, 24, 23, 22]);
}

#[test]
fn an_empty_list_leads_nowhere() {
    let store = store();
    for from in [Seek::Start, Seek::OlderThan(5), Seek::NewerThan(5), Seek::OlderThan(0), Seek::NewerThan(u64::MAX)] {
        assert_eq!(slice(&store, None, from, 3), Slice::empty(), "{from:?}");
        assert_eq!(slice(&store, Some("rex"), from, 3), Slice::empty(), "{from:?}");
    }
}

/// Lists so many, of each of which `texts` tells what it is called.
fn add_called(store: &Store, ids: std::ops::RangeInclusive<u64>, texts: impl Fn(u64) -> Vec<String> + Send + 'static) {
    store
        .write_blocking(move |tx| {
            ids.clone().try_for_each(|id| {
                PETS.update(tx, None, Some(&Card { scopes: Vec::new(), texts: texts(id), ..card(id) }))
            })
        })
        .unwrap();
}

#[test]
fn a_search_says_whether_it_looked_at_all_matches() {
    let store = store();
    let most = MAX_MATCHES as u64;
    add_called(&store, 1..=most, |_| vec!["Tom".to_owned()]);
    let all = slice(&store, Some("tom"), Seek::Start, 3);
    assert_eq!((all.total, all.is_all, numbers(&all)), (most, true, vec![most, most - 1, most - 2]));
    add_called(&store, most + 1..=most + 1, |_| vec!["Tom".to_owned()]);
    let first = slice(&store, Some("tom"), Seek::Start, 3);
    assert_eq!((first.total, first.is_all), (most, false));
    let window = Window::new(Seek::Start, 3);
    let called = |_| Ok(Some(vec!["Tom Thumb".to_owned()]));
    let page = PETS.page(&store.read(), EVERYWHERE, None, Some("thumb tom"), Paging::default(), called).unwrap();
    assert_eq!((page.total, page.is_all), (0, true), "nobody has the rarer word");
    assert!(slice(&store, Some("rex"), Seek::Start, 3).is_all);
    assert!(PETS.slice(&store.read(), EVERYWHERE, None, None, window, called).unwrap().is_all);
}

#[test]
fn a_word_that_stands_anywhere_often_loses_no_row_of_a_search() {
    let store = store();
    // Before the only such word of two rows lie more than any search would look at one by one.
    let called = |id: u64| match id {
        500 | 1000 => vec!["Rex".to_owned(), "az".to_owned()],
        _ => vec!["Tom".to_owned(), (0..110).map(|number| format!("a{number} ")).collect()],
    };
    add_called(&store, 1..=1000, called);
    let texts = |id: UserId| Ok(Some(called(id.raw())));
    let found = |search| {
        let window = Window::new(Seek::Start, 9);
        let slice = PETS.slice(&store.read(), EVERYWHERE, None, Some(search), window, texts).unwrap();
        (numbers(&slice), slice.is_all)
    };
    assert_eq!(found("rex a"), (vec![1000, 500], true));
    assert_eq!((found("a rex az"), found("rex tom")), ((vec![1000, 500], true), (vec![], true)));
    assert_eq!(found("az a"), (vec![1000, 500], true));
    // What cannot be read is found by one word, and left out where its other words are asked for.
    let unreadable = |_| Err(StoreError::Corrupt("a row that cannot be read"));
    let window = Window::new(Seek::Start, 9);
    let slice = PETS.slice(&store.read(), EVERYWHERE, None, Some("rex a"), window, unreadable).unwrap();
    assert_eq!((slice.total, slice.items.len()), (0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_row_is_shown_once_in_order(ids in proptest::collection::btree_set(1u64..500, 0..60), size in 1u32..9) {
        let store = store();
        add(&store, ids.iter().copied());
        let tx = store.read();
        for (scope, status, search) in [(EVERYWHERE, None, None), (8, None, None), (EVERYWHERE, Some(2), None), (EVERYWHERE, None, Some("dog"))] {
            let window = |from| PETS.slice(&tx, scope, status, search, Window::new(from, size), texts).unwrap();
            let mut want: Vec<u64> = ids.iter().copied().filter(|id| match (scope, status, search) {
                (8, ..) | (_, Some(2), _) => id % 2 == 1,
                (.., Some(_)) => id % 3 == 0,
                _ => true,
            }).collect();
            want.reverse();
            let (there, back) = there_and_back(window);
            prop_assert_eq!(there.concat(), want.clone());
            prop_assert!(there.iter().rev().skip(1).all(|stretch| stretch.len() == size as usize));
            prop_assert_eq!(back, there);
            prop_assert_eq!(window(Seek::Start).total, want.len() as u64);
        }
    }
}
