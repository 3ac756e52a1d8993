//! Pages of long lists, held against plain vectors.

use super::*;
use crate::base::id::UserId;
use crate::store::{Store, file};
use std::collections::BTreeMap;

const LISTING: Listing<UserId> = Listing::new(0xff20, "listed");
const HERE: u64 = 7;

fn card(id: u64, status: u8) -> Card<UserId> {
    Card { id: UserId::from_raw(id), scopes: vec![HERE], status, texts: Vec::new(), partly: None }
}

/// The texts of a card, which no search with one word asks for.
fn unasked(_: UserId) -> Result<Option<Vec<String>>, StoreError> {
    Err(StoreError::Corrupt("a text that nobody asks for"))
}

/// Numbers that wander over `0..5_000`, each once.
fn wandering(count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(|number| number * 1_237 % 5_000 + 1)
}

/// A card as it was, and as it is.
type Change = (Option<Card<UserId>>, Option<Card<UserId>>);

/// Changes cards in one transaction: from what they were to what they are.
fn change(store: &Store, changes: Vec<Change>) {
    let run = move |tx: &mut WriteTx<'_>| -> Result<(), StoreError> {
        changes.iter().try_for_each(|(before, now)| LISTING.update(tx, before.as_ref(), now.as_ref()))
    };
    store.write_blocking(run).unwrap();
}

/// Every page of every list is what a vector of its ids has there.
fn check(store: &Store, model: &BTreeMap<u64, u8>) {
    let tx = store.read();
    for (status, per_page) in [(None, 200), (None, 7), (Some(1), 100), (Some(2), 33)] {
        let all: Vec<u64> =
            model.iter().filter(|(_, has)| status.is_none_or(|want| want == **has)).map(|(id, _)| *id).collect();
        for page in 1..=(all.len() as u32 / per_page + 2) {
            let paging = Paging::new(page, per_page).unwrap();
            let listed = LISTING.page(&tx, HERE, status, None, paging, unasked).unwrap();
            let items: Vec<u64> = listed.items.iter().map(|id| id.raw()).collect();
            let wanted: Vec<u64> = all.iter().copied().skip(paging.window().0).take(per_page as usize).collect();
            assert_eq!((items, listed.total), (wanted, all.len() as u64), "page {page} of {per_page}, {status:?}");
        }
    }
}

#[test]
fn any_page_of_a_long_list_is_right_as_it_grows_and_shrinks() {
    let (store, mut model) = (
        Store::start(file::in_memory().unwrap(), crate::store::test_token_key(), crate::store::Hooks::default())
            .unwrap(),
        BTreeMap::new(),
    );
    let fresh: Vec<u64> = wandering(2_400).collect();
    change(&store, fresh.iter().map(|id| (None, Some(card(*id, 1 + (id % 3 == 0) as u8)))).collect());
    model.extend(fresh.iter().map(|id| (*id, 1 + (id % 3 == 0) as u8)));
    check(&store, &model);
    // All of one stretch go, and every second of the others; a block that is empty leaves no row.
    let gone: Vec<u64> = model.keys().copied().filter(|id| *id < 1_500 || id % 2 == 0).collect();
    change(&store, gone.iter().map(|id| (Some(card(*id, model[id])), None)).collect());
    model.retain(|id, _| !gone.contains(id));
    check(&store, &model);
    // Behind the last, before the first, and a change of status.
    let more: Vec<u64> = (6_000..7_300).chain(1..40).collect();
    change(&store, more.iter().map(|id| (None, Some(card(*id, 1)))).collect());
    change(&store, (6_000..6_900).map(|id| (Some(card(id, 1)), Some(card(id, 2)))).collect());
    model.extend(more.iter().map(|id| (*id, if (6_000..6_900).contains(id) { 2 } else { 1 })));
    check(&store, &model);
    let last = model.clone();
    change(&store, last.iter().map(|(id, status)| (Some(card(*id, *status)), None)).collect());
    model.clear();
    check(&store, &model);
    assert!(blocks::is_empty(&store.read()), "rows of blocks are left of empty lists");
}

#[test]
fn a_file_without_blocks_gets_them() {
    let store =
        Store::start(file::in_memory().unwrap(), crate::store::test_token_key(), crate::store::Hooks::default())
            .unwrap();
    let model: BTreeMap<u64, u8> = wandering(1_500).map(|id| (id, 1)).collect();
    change(&store, model.keys().map(|id| (None, Some(card(*id, 1)))).collect());
    // As a step that ran before the blocks were counted leaves them: some rows, which do not add up.
    store.write_blocking(|tx| blocks::clear(tx, LISTING.lists.number)).unwrap();
    change(&store, vec![(None, Some(card(9_000, 1)))]);
    assert!(LISTING.page(&store.read(), HERE, None, None, Paging::new(3, 100).unwrap(), unasked).is_err());
    store.write_blocking(|tx| LISTING.build_blocks(tx)).unwrap();
    let mut model = model;
    model.insert(9_000, 1);
    check(&store, &model);
}

/// Reads a list to its end behind places, with a change to it after each part. Gives what was shown.
fn followed(store: &Store, search: Option<&str>, mut between: impl FnMut(u32)) -> Vec<u64> {
    let (mut paging, mut shown, mut part) = (Paging::new(1, 10).unwrap(), Vec::new(), 0);
    loop {
        let listed = LISTING.page(&store.read(), HERE, None, search, paging, unasked).unwrap();
        shown.extend(listed.items.iter().map(|id| id.raw()));
        let Some(place) = listed.next else { return shown };
        assert_eq!(listed.items.len(), 10);
        paging = paging.behind(place);
        between(part);
        part += 1;
        assert!(part < 1000, "the list has no end");
    }
}

#[test]
fn what_follows_a_place_is_shown_once_while_rows_come_and_go() {
    let store =
        Store::start(file::in_memory().unwrap(), crate::store::test_token_key(), crate::store::Hooks::default())
            .unwrap();
    let named = |id| Card { texts: vec!["Ann".to_owned()], ..card(id, 1) };
    change(&store, (100..200).map(|id| (None, Some(named(id)))).collect());
    for search in [None, Some("ann")] {
        let mut fresh = 10_000 + u64::from(search.is_some()) * 1000;
        let mut gone = if search.is_none() { 100 } else { 150 };
        let shown = followed(&store, search, |_| {
            // One that was shown goes, one comes before and one behind all others.
            fresh += 1;
            change(
                &store,
                vec![(Some(named(gone)), None), (None, Some(named(fresh))), (None, Some(named(fresh % 100)))],
            );
            gone += 1;
        });
        let unique: std::collections::BTreeSet<_> = shown.iter().collect();
        assert_eq!(unique.len(), shown.len(), "nothing twice");
        let missed: Vec<u64> = (170..200).filter(|id| !shown.contains(id)).collect();
        assert!(missed.is_empty(), "{missed:?}");
        assert!(shown.is_sorted() && shown.iter().any(|id| *id > 10_000), "what came behind is shown too");
        change(
            &store,
            (1..100)
                .filter(|id| shown.contains(id) || LISTING.holds(&store.read(), HERE, UserId::from_raw(*id)).unwrap())
                .map(|id| (Some(named(id)), None))
                .collect(),
        );
    }
}
