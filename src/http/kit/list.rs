//! A list of things on a page: what its address asks for, the filters, the part that is shown, and the ways to the other parts.
//!
//! A page says which filters its list has, asks its service for the part that the address names, and says how a row looks and
//! what stands there when there is none. The filters' form, the count, the other pages and the state in which nothing is
//! found are the same for all lists, and are made here.

use super::parts::{Field, Form, count, empty, filter_error, icon, many};
use crate::base::Problem;
use crate::http::page_token;
use crate::store::{Listed, Paging, Seek, Slice, Window};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use maud::{Markup, Render, html};
use std::convert::Infallible;
use std::future::{Ready, ready};

/// How many rows stand on a page.
pub(in crate::http) const SIZE: usize = SIZE_OF_WINDOW as usize;
const SIZE_OF_WINDOW: u32 = 50;

/// What the address of a list asks for: its filters by name, and where the part begins. What cannot be read is not asked for:
/// an address that was typed wrong is no reason for an error.
#[derive(Clone, Debug, Default)]
pub(in crate::http) struct Asked(Vec<(String, String)>);

impl FromRequest for Asked {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(http: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::read(http.query_string())))
    }
}

impl Asked {
    fn read(query: &str) -> Self {
        Self(serde_urlencoded::from_str(query).unwrap_or_default())
    }

    /// The value of a filter, without blanks around it; empty if there is none.
    pub fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(have, _)| have == name).map_or("", |(_, value)| value.trim())
    }

    /// What a search looks for, if it does.
    pub fn search(&self) -> Option<String> {
        Some(self.value("q")).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The part of a list that goes on behind a place, or a page of it by its number.
    ///
    /// # Errors
    /// None for what an address can name.
    pub fn paging(&self) -> Result<Paging, Problem> {
        let numbered = Paging::new(self.value("page").parse().unwrap_or(1).max(1), SIZE_OF_WINDOW)?;
        Ok(self.value("after").parse().map_or(numbered, |place| numbered.behind(place)))
    }

    /// The stretch of a list that is followed both ways.
    pub fn window(&self) -> Window {
        let asked = page_token::up_to(SIZE_OF_WINDOW, self.value("at"), SIZE_OF_WINDOW, SIZE_OF_WINDOW);
        asked.unwrap_or_else(|_| Window::new(Seek::Newest, SIZE_OF_WINDOW))
    }
}

#[derive(Clone, Debug)]
enum Control {
    /// The wide one, whose words are looked for.
    Search(&'static str),
    /// A line of text, with an example, and what could be meant.
    Text(&'static str, Vec<(String, String)>),
    Date,
    Select(Vec<(String, String)>),
}

/// One way to narrow a list.
#[derive(Clone, Debug)]
pub(in crate::http) struct Filter {
    name: &'static str,
    label: &'static str,
    control: Control,
    /// Whether it is an id or a path, in monospace.
    mono: bool,
    /// The choice that leads to another list and narrows nothing.
    apart: Option<&'static str>,
    /// What offers values for what was typed so far.
    finds: Option<&'static str>,
}

impl Filter {
    fn new(name: &'static str, label: &'static str, control: Control) -> Self {
        Self { name, label, control, mono: false, apart: None, finds: None }
    }

    /// The search, with what it looks at.
    pub fn search(name: &'static str, label: &'static str, looks_at: &'static str) -> Self {
        Self::new(name, label, Control::Search(looks_at))
    }

    /// A line of text.
    pub fn text(name: &'static str, label: &'static str, example: &'static str) -> Self {
        Self::new(name, label, Control::Text(example, Vec::new()))
    }

    /// A day.
    pub fn date(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Control::Date)
    }

    /// With what could be meant, from this address, while one types ([`Field::finds`]).
    #[must_use]
    pub fn finds(self, finds: &'static str) -> Self {
        Self { finds: Some(finds), ..self }
    }

    /// One of these, value and words, or any.
    pub fn select(
        name: &'static str,
        label: &'static str,
        any: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let any = (String::new(), any.to_owned());
        Self::new(name, label, Control::Select(std::iter::once(any).chain(options).collect()))
    }

    /// An id or a path, in monospace.
    #[must_use]
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// With values to choose from while one types, and what each means.
    #[must_use]
    pub fn suggest(mut self, values: impl IntoIterator<Item = (String, String)>) -> Self {
        if let Control::Text(_, suggested) = &mut self.control {
            suggested.extend(values);
        }
        self
    }

    /// With one more choice, which leads to another list at the same address: of what was deleted.
    #[must_use]
    pub fn apart(mut self, value: &'static str, words: &str) -> Self {
        if let Control::Select(options) = &mut self.control {
            options.push((value.to_owned(), words.to_owned()));
        }
        self.apart = Some(value);
        self
    }

    fn field(&self, form: &Form) -> Markup {
        let (name, label) = (self.name, self.label);
        let set = |mut field: Field<'_>| {
            if let Some(finds) = self.finds {
                field = field.finds(finds);
            }
            if self.mono { field.mono().render() } else { field.render() }
        };
        match &self.control {
            Control::Search(looks_at) => {
                set(Field::input(form, "search", name, label).search().attr("placeholder", *looks_at))
            }
            Control::Text(example, suggested) => {
                let field = Field::text(form, name, label).filter().attr("placeholder", *example);
                let list = format!("f-{name}-values");
                let field = if suggested.is_empty() { field } else { field.attr("list", list.as_str()) };
                html! {
                    (set(field))
                    @if !suggested.is_empty() {
                        datalist id=(list) { @for (value, what) in suggested { option value=(value) { (what) } } }
                    }
                }
            }
            Control::Date => Field::input(form, "date", name, label).filter().render(),
            Control::Select(options) => Field::select(form, name, label, options.clone()).filter().render(),
        }
    }
}

/// What stands in the place of a list whose filters nothing passes.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Nothing<'a> {
    /// In two words.
    pub title: &'a str,
    /// What to try instead.
    pub what: &'a str,
}

/// For a list without filters: whoever has followed it beyond its end.
pub(in crate::http) const NO_MORE: Nothing<'static> =
    Nothing { title: "Nothing here", what: "What stood here has gone meanwhile." };

/// A list, as its address asks for it.
#[derive(Debug)]
pub(in crate::http) struct List {
    root: String,
    filters: Vec<Filter>,
    form: Form,
    /// Other parameters of the address, which stay on the way to another page of the list; a search leaves them behind.
    kept: Vec<(&'static str, String)>,
    place: String,
    waits: bool,
}

impl List {
    /// The list at an address, with its filters.
    pub fn at(root: impl Into<String>, asked: &Asked, filters: Vec<Filter>) -> Self {
        let form = Form::with(filters.iter().map(|filter| (filter.name, asked.value(filter.name).to_owned())));
        let place = ["after", "at", "before", "cursor"].map(|name| asked.value(name)).concat();
        Self { root: root.into(), filters, form, kept: Vec::new(), place, waits: false }
    }

    /// With a parameter of the address that is no filter and stays.
    #[must_use]
    pub fn keep(mut self, name: &'static str, value: &str) -> Self {
        self.kept.push((name, value.to_owned()));
        self
    }

    /// The search waits for its button: a part of what it looks for is no less than an error.
    #[must_use]
    pub fn waits(mut self) -> Self {
        self.waits = true;
        self
    }

    /// With what is wrong with a filter.
    #[must_use]
    pub fn wrong(mut self, filter: &str, message: &str) -> Self {
        self.form = self.form.error(filter, message);
        self
    }

    /// Whether something is asked for that narrows the list.
    pub fn is_filtered(&self) -> bool {
        self.filters.iter().any(|filter| {
            let value = self.form.value(filter.name);
            !value.is_empty() && filter.apart != Some(value)
        })
    }

    /// Whether the other list at this address is asked for.
    pub fn is_apart(&self) -> bool {
        self.filters.iter().any(|filter| filter.apart.is_some_and(|apart| apart == self.form.value(filter.name)))
    }

    /// The address of the list without filters: of the other one where that is shown.
    fn all(&self) -> String {
        let apart = self.filters.iter().find_map(|filter| filter.apart.map(|apart| (filter.name, apart)));
        match apart.filter(|_| self.is_apart()) {
            Some((name, value)) => format!("{}?{name}={value}", self.root),
            None => self.root.clone(),
        }
    }

    /// The address of a part: with the filters of this one, and the place where it begins.
    fn part(&self, place: Option<(&str, &str)>) -> String {
        self.address(&self.root, place)
    }

    /// Another address with the filters of this list, such as that of its export.
    pub fn address(&self, root: &str, place: Option<(&str, &str)>) -> String {
        let filters = self.filters.iter().map(|filter| (filter.name, self.form.value(filter.name)));
        let kept = self.kept.iter().map(|(name, value)| (*name, value.as_str()));
        let pairs: Vec<_> = filters.chain(kept).chain(place).filter(|(_, value)| !value.is_empty()).collect();
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        if query.is_empty() { root.to_owned() } else { format!("{root}?{query}") }
    }

    /// The part of a list that goes on behind a place. `what` is one of its rows in a word.
    pub fn listed<T>(&self, listed: Listed<T>, what: &str) -> Part<T> {
        Part {
            summary: how_many(listed.total, listed.is_all, what),
            is_all: listed.is_all,
            first: (!listed.paging.is_first()).then(|| self.part(None)),
            prev: None,
            next: listed.next.map(|place| self.part(Some(("after", &place.to_string())))),
            items: listed.items,
        }
    }

    /// The part of a list that is followed both ways.
    pub fn slice<T>(&self, slice: Slice<T>, what: &str) -> Part<T> {
        let (next, prev) = page_token::tokens(&slice);
        let to = |place: String| (!place.is_empty()).then(|| self.part(Some(("at", &place))));
        Part {
            summary: how_many(slice.total, slice.is_all, what),
            is_all: slice.is_all,
            first: None,
            prev: to(prev),
            next: to(next),
            items: slice.items,
        }
    }

    /// The part of a list that nobody has counted, cut to a page: `found` has one row more if there are more. `place` is the
    /// parameter that leads on, with the value by which it names a row.
    pub fn cut<T>(&self, mut found: Vec<T>, what: &str, place: (&str, impl Fn(&T) -> String)) -> Part<T> {
        let more = found.len() > SIZE;
        found.truncate(SIZE);
        let next = found.last().filter(|_| more).map(|last| (place.0, place.1(last)));
        let mut part = self.uncounted(found, next);
        if part.summary.is_empty() {
            part.summary = many(u64::try_from(part.items.len()).unwrap_or(u64::MAX), what);
        }
        part
    }

    /// A part of a list that nobody has counted, and the parameter that leads on.
    pub fn uncounted<T>(&self, items: Vec<T>, next: Option<(&str, String)>) -> Part<T> {
        let next = next.map(|(name, place)| self.part(Some((name, &place))));
        let first = (!self.place.is_empty()).then(|| self.part(None));
        let is_whole = first.is_none() && next.is_none();
        let shown = u64::try_from(items.len()).unwrap_or(u64::MAX);
        let summary = if is_whole { String::new() } else { format!("{} on this page", count(shown)) };
        Part { items, is_all: true, summary, first, prev: None, next }
    }

    /// The filters' form: a script renews what they find as one types.
    fn filters(&self) -> Markup {
        let (root, live) = (self.root.as_str(), !self.waits);
        html! {
            form.filters method="get" action=(root) role="search" hx-get=[live.then_some(root)]
                hx-trigger=[live.then_some("input delay:250ms, submit")] hx-target=[live.then_some("#results")]
                hx-select=[live.then_some("#results")] hx-swap=[live.then_some("outerHTML")]
                hx-push-url=[live.then_some("true")] hx-sync=[live.then_some("this:replace")] {
                @for filter in &self.filters { (filter.field(&self.form)) }
                button { (icon("search")) "Search" }
            }
        }
    }

    /// The list on its page: the filters, then the rows with the ways to the others, or what stands in their place. `first` is
    /// shown where there is nothing yet, `rows` makes what is shown of the items.
    pub fn show<T>(
        &self,
        part: &Part<T>,
        nothing: Nothing<'_>,
        first: &Markup,
        rows: impl FnOnce(&[T]) -> Markup,
    ) -> Markup {
        let is_part = part.first.is_some() || part.prev.is_some();
        let searches = !part.items.is_empty() || is_part || self.is_filtered() || self.is_apart();
        html! {
            @if searches && !self.filters.is_empty() { (self.filters()) }
            div.stack #results {
                (filter_error(&self.form))
                @if !part.items.is_empty() {
                    (rows(&part.items))
                    (part.foot())
                } @else if self.is_filtered() || is_part {
                    (empty("search", nothing.title, none_of(part.is_all, nothing.what),
                        &html! { a.button href=(self.all()) { "Show all" } }))
                } @else {
                    (first)
                }
            }
        }
    }
}

/// The part of a list that a page shows.
#[derive(Debug)]
pub(in crate::http) struct Part<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many there are, in words.
    pub summary: String,
    /// Whether the search looked at all that could match.
    is_all: bool,
    first: Option<String>,
    prev: Option<String>,
    next: Option<String>,
}

impl<T> Part<T> {
    /// Each row with what the page shows beside it.
    ///
    /// # Errors
    /// The first that there is.
    pub fn try_map<U>(self, row: impl FnMut(T) -> Result<U, Problem>) -> Result<Part<U>, Problem> {
        let Self { items, summary, is_all, first, prev, next } = self;
        Ok(Part { items: items.into_iter().map(row).collect::<Result<_, _>>()?, summary, is_all, first, prev, next })
    }

    /// The foot of the list: how many there are, and the ways to the other parts.
    pub fn foot(&self) -> Markup {
        let ways = [
            ("First page", None, &self.first),
            ("Previous page", Some("prev"), &self.prev),
            ("Next page", Some("next"), &self.next),
        ];
        if self.summary.is_empty() && ways.iter().all(|(_, _, way)| way.is_none()) {
            return html! {};
        }
        html! {
            nav.pages aria-label="Pages" {
                span { (self.summary) }
                span.actions {
                    @for (words, rel, way) in ways {
                        @if let Some(href) = way { a.button.small rel=[rel] href=(href) { (words) } }
                    }
                }
            }
        }
    }
}

/// How many of what a list shows. `is_all`: whether its search looked at all that could match.
fn how_many(total: u64, is_all: bool, what: &str) -> String {
    format!("{}{}", if is_all { "" } else { "The first " }, many(total, what))
}

/// What a list says that shows nothing: `none`, unless there is more than its search has looked at.
fn none_of(is_all: bool, none: &str) -> &str {
    if is_all { none } else { "Too many start like this to look at all of them. Type more of a word." }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(query: &str) -> List {
        let states = [("on".to_owned(), "On".to_owned())];
        let filters = vec![
            Filter::search("q", "Search", "Name"),
            Filter::select("state", "State", "All states", states).apart("GONE", "Deleted"),
        ];
        List::at("/list", &Asked::read(query), filters)
    }

    fn shown(list: &List, part: &Part<u64>) -> String {
        let nothing = Nothing { title: "Nothing found", what: "Nothing matches." };
        let first = html! { p { "The first" } };
        list.show(part, nothing, &first, |rows| html! { b { (rows.len()) } }).into_string()
    }

    fn of(list: &List, rows: u64, paging: Paging) -> Part<u64> {
        list.listed(Listed::cut((1..=rows).collect(), paging, |row| *row), "row")
    }

    #[test]
    fn the_other_pages_have_the_filters_of_this_one() {
        let paging = Paging::new(1, 2).unwrap();
        let list = list("q=+a+b+&state=&x=y").keep("all", "1");
        let first = of(&list, 5, paging);
        assert_eq!((first.first.as_deref(), first.next.as_deref()), (None, Some("/list?q=a+b&all=1&after=2")));
        let last = of(&list, 5, paging.behind(4));
        assert_eq!((last.first.as_deref(), last.next.as_deref()), (Some("/list?q=a+b&all=1"), None));
        assert_eq!(list.address("/list.csv", None), "/list.csv?q=a+b&all=1");
    }

    #[test]
    fn nothing_yet_and_nothing_found_are_told_apart() {
        let paging = Paging::new(1, 50).unwrap();
        let page = |query: &str, rows| shown(&list(query), &of(&list(query), rows, paging));
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
        assert!(!shown(&list("").waits(), &of(&list(""), 1, paging)).contains("hx-get"));
    }

    #[test]
    fn a_list_that_nobody_counts_says_how_many_it_shows() {
        let cut = |query: &str, rows: u64| list(query).cut((0..rows).collect(), "key", ("before", u64::to_string));
        assert_eq!(cut("", 1).summary, "1 key");
        let full = cut("", 51);
        assert_eq!((full.items.len(), full.summary.as_str()), (50, "50 on this page"));
        assert_eq!(full.next.as_deref(), Some("/list?before=49"));
        let last = cut("before=49", 2);
        assert_eq!((last.summary.as_str(), last.first.as_deref()), ("2 on this page", Some("/list")));
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
        for query in ["page=0", "page=x", "after=x", "%%%", ""] {
            assert!(Asked::read(query).paging().unwrap().is_first(), "{query}");
        }
        assert_eq!(Asked::read("at=nonsense").window(), Window::new(Seek::Newest, 50));
    }
}
