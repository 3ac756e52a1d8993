//! The list of a page.

use super::*;
use maud::Render as _;

fn list(query: &str) -> List {
    let states = [("on".to_owned(), "On".to_owned())];
    let filters = vec![
        Filter::search("q", "Search", "Name", Matches::Words),
        Filter::select("state", "State", "All states", states).apart("GONE", "Deleted"),
    ];
    List::at("/list", &Asked::read(query), filters)
}

fn shown(list: &List, part: &Part<u64>) -> String {
    let nothing = Nothing { title: "Nothing found", what: "Nothing matches." };
    let first = html! { p { "The first" } };
    list.show(part, nothing, &first, |rows| html! { b { (rows.len()) } }).into_string()
}

const SORTING: Sorting<u64> = Sorting {
    age: "created",
    usually: Direction::Backward,
    // By the last digit.
    others: &[("digit", |one, other| (one % 10).cmp(&(other % 10)))],
};

/// The rows from 1 to `most`, as a service gives them.
fn rows(most: u64) -> impl Fn(Window) -> Result<Slice<u64>, Problem> {
    move |window| {
        window.over_rows(
            most,
            |row| *row,
            |start, way, limit| {
                let all: Vec<u64> = (1..=most).collect();
                let found: Vec<u64> = match way {
                    Direction::Forward => {
                        all.into_iter().filter(|row| start.is_none_or(|at| *row > at)).take(limit).collect()
                    }
                    Direction::Backward => {
                        all.into_iter().rev().filter(|row| start.is_none_or(|at| *row < at)).take(limit).collect()
                    }
                };
                Ok::<_, Problem>(found)
            },
        )
    }
}

fn sorted(query: &str, most: u64) -> (List, Part<u64>) {
    let mut list = list(query);
    let part = list.sorted(&SORTING, "row", rows(most)).unwrap();
    (list, part)
}

/// The query of an address.
fn query(address: &str) -> &str {
    address.split_once('?').map_or("", |(_, query)| query)
}

#[test]
fn the_other_pages_have_the_filters_and_the_order_of_this_one() {
    let mut list = list("q=+a+b+&state=&x=y&sort=created").keep("all", "1");
    let part = list.sorted(&SORTING, "row", rows(120)).unwrap();
    assert_eq!((part.items.first(), part.items.last()), (Some(&1), Some(&50)));
    let next = part.next.unwrap();
    assert!(next.starts_with("/list?q=a+b&all=1&sort=created&at="), "{next}");
    assert_eq!(list.address("/list.csv", None), "/list.csv?q=a+b&all=1&sort=created");
    let form = list.filters().into_string();
    assert!(form.contains("type=\"hidden\" name=\"sort\" value=\"created\""), "a search keeps the order: {form}");
}

/// Every page on the way there and every one on the way back, in an order.
fn walk(order: &str, most: u64) -> Vec<u64> {
    let (_, mut part) = sorted(&format!("sort={order}"), most);
    let mut there = vec![part.items.clone()];
    while let Some(next) = part.next.take() {
        part = sorted(query(&next), most).1;
        there.push(part.items.clone());
    }
    let mut back = vec![part.items.clone()];
    while let Some(prev) = part.prev.take() {
        assert!(part.first.is_some());
        part = sorted(query(&prev), most).1;
        back.push(part.items.clone());
    }
    back.reverse();
    assert_eq!(there, back, "{order}");
    there.concat()
}

#[test]
fn a_list_is_followed_there_and_back_in_every_order_it_offers() {
    let all: Vec<u64> = (1..=120).collect();
    assert!(walk("-created", 120).iter().rev().eq(&all));
    assert_eq!(walk("created", 120), all);
    let by_digit = walk("digit", 120);
    assert!(by_digit.is_sorted_by_key(|row| row % 10) && by_digit.len() == 120, "{by_digit:?}");
    assert!(walk("-digit", 120).is_sorted_by_key(|row| 9 - row % 10));
    // Of a thousand and one, nobody reads all rows to sort them: the column is not offered, and an address that asks is not followed.
    assert!(sorted("", 1_000).0.heading("digit").is_some());
    let (many, part) = sorted("sort=digit", 1_001);
    assert!(many.heading("digit").is_none() && many.heading("created").is_some());
    assert_eq!(part.items.first(), Some(&1_001));
    assert_eq!(walk("created", 1_001), (1..=1_001).collect::<Vec<_>>());
}

#[test]
fn the_head_of_a_column_leads_to_its_order_and_back() {
    let (newest, _) = sorted("", 3);
    let head = newest.heading("created").unwrap();
    assert_eq!((head.href.as_str(), head.falls), ("/list?sort=created", Some(true)));
    assert_eq!(newest.heading("digit").unwrap().href, "/list?sort=digit");
    assert_eq!(newest.heading("name"), None, "what does not sort is no link");
    let (by_digit, _) = sorted("q=x&sort=digit", 3);
    let head = by_digit.heading("digit").unwrap();
    assert_eq!((head.href.as_str(), head.falls), ("/list?q=x&sort=-digit", Some(false)));
    assert_eq!(by_digit.heading("created").unwrap().href, "/list?q=x", "the usual order has no parameter");
    let mut table = crate::http::kit::parts::Table::new("Rows").column("Digit").by(by_digit.heading("digit"));
    table.row(&[html! { "1" }]);
    let table = table.render().into_string();
    assert!(
        table.contains("aria-sort=\"ascending\"") && table.contains("href=\"/list?q=x&amp;sort=-digit\""),
        "{table}"
    );
}

#[test]
fn nothing_yet_and_nothing_found_are_told_apart() {
    let page = |query: &str, most| {
        let (list, part) = sorted(query, most);
        shown(&list, &part)
    };
    let fresh = page("", 0);
    assert!(fresh.contains("The first") && !fresh.contains("<form"), "{fresh}");
    let filtered = page("q=x", 0);
    assert!(filtered.contains("Nothing matches.") && filtered.contains("<form"), "{filtered}");
    let other = page("state=GONE", 0);
    assert!(other.contains("The first") && other.contains("value=\"GONE\" selected"), "{other}");
    let gone = page("state=GONE&q=x", 0);
    assert!(gone.contains("href=\"/list?state=GONE\"") && gone.contains("Nothing matches."), "{gone}");
    let some = page("", 3);
    assert!(some.contains("<b>3</b>") && some.contains("3 rows") && some.contains("hx-get=\"/list\""), "{some}");
    let (list, part) = sorted("", 1);
    assert!(!shown(&list.waits(), &part).contains("hx-get=\"/list\""));
}

#[test]
fn how_many_there_are_is_said_where_a_script_leaves_it_in_place() {
    let said = |query: &str, most| {
        let (list, part) = sorted(query, most);
        let page = shown(&list, &part);
        assert!(page.contains("hx-select-oob=\"#found:innerHTML\""), "{page}");
        let (before, rest) = page.split_once("role=\"status\">").unwrap();
        assert!(!before.contains("id=\"results\""), "it is outside of what is renewed: {page}");
        rest.split_once('<').unwrap().0.to_owned()
    };
    assert_eq!(said("q=x", 3), "3 rows");
    assert_eq!(said("q=x", 0), "Nothing found");
    assert_eq!(said("q=x&sort=digit&page=2", 120), "120 rows, page 2 of 3");
}

#[test]
fn a_list_that_nobody_counts_says_how_many_it_shows() {
    let uncounted = |query: &str, most| {
        let mut list = list(query);
        let part = list.sorted_uncounted(&SORTING, "key", rows(most)).unwrap();
        (part.summary.clone(), list.heading("digit").is_some(), part)
    };
    let (said, sorts, _) = uncounted("", 1);
    assert_eq!((said.as_str(), sorts), ("1 key", true));
    let (said, _, part) = uncounted("page=3", 120);
    assert_eq!((said.as_str(), part.items), ("120 keys, page 3 of 3", (1..=20).rev().collect()));
    let (said, sorts, part) = uncounted("sort=digit", 1_001);
    assert_eq!((said.as_str(), sorts, part.items.first()), ("More than 1,000 keys", false, Some(&1_001)));
    let here = list("").uncounted((0..50).collect::<Vec<u64>>(), "key", (None, Some(("cursor", "x".to_owned()))));
    assert_eq!((here.summary.as_str(), here.next.as_deref()), ("More than 50 keys", Some("/list?cursor=x")));
}

#[test]
fn a_list_says_when_its_search_did_not_look_at_all() {
    assert_eq!(how_many(1200, true, "user"), "1,200 users");
    assert_eq!(how_many(10_000, false, "user"), "The first 10,000 users");
    assert_eq!(none_of(true, "No user matches."), "No user matches.");
    assert!(none_of(false, "No user matches.").contains("Too many"));
}

#[test]
fn an_address_that_was_typed_wrong_is_the_first_page() {
    for query in ["page=0", "page=x", "page=99999999999999999999", "at=nonsense", "sort=--", "%%%", ""] {
        let (_, part) = sorted(query, 60);
        assert_eq!((part.items.first(), part.prev.is_none()), (Some(&60), true), "{query}");
    }
}

#[test]
fn every_filter_of_words_says_how_it_matches() {
    let form = list("").filters().into_string();
    assert!(form.contains("Search <span class=\"optional\">words begin with</span>"), "{form}");
}
