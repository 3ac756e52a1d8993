//! A list of things on a page: what its address asks for, the filters, the order, the part that is shown, and the ways to the
//! other parts.
//!
//! A page says which filters its list has and by what it can be sorted, says how its service reads a stretch, and how a row
//! looks and what stands there when there is none. The filters' form, the count, the heads of the columns, the other pages and
//! the state in which nothing is found are the same for all lists, and are made here.

mod filter;
mod moment;
mod order;
mod part;
mod selection;
#[cfg(test)]
mod tests;

pub(in crate::http) use filter::{Filter, Matches};
pub(in crate::http) use moment::{End, moment};
pub(in crate::http) use order::{Order, Sorting, by_text};
pub(in crate::http) use part::Part;
pub(in crate::http) use selection::{Act, BACK, ROW};

use super::parts::{Form, Heading, count, empty, filter_error, icon, many};
use crate::base::Problem;
use crate::http::page_token;
use crate::store::{Direction, Seek, Slice, Window};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use maud::{Markup, html};
use std::convert::Infallible;
use std::future::{Ready, ready};

/// How many rows stand on a page.
pub(in crate::http) const SIZE: usize = SIZE_OF_WINDOW as usize;
const SIZE_OF_WINDOW: u32 = 50;
/// Up to how many rows a list is sorted by any of its columns: they are all read for it.
const SMALL: u32 = 1_000;

/// What the address of a list asks for: its filters by name, its order, and where the part begins. What cannot be read is not
/// asked for: an address that was typed wrong is no reason for an error.
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
    asked: Asked,
    /// Other parameters of the address, which stay on the way to another page of the list; a search leaves them behind.
    kept: Vec<(&'static str, String)>,
    /// By which columns it can be sorted.
    offered: Vec<&'static str>,
    usual: Option<Order>,
    order: Option<Order>,
    waits: bool,
}

impl List {
    /// The list at an address, with its filters.
    pub fn at(root: impl Into<String>, asked: &Asked, filters: Vec<Filter>) -> Self {
        let form = Form::with(filters.iter().map(|filter| (filter.name(), asked.value(filter.name()).to_owned())));
        let (root, asked) = (root.into(), asked.clone());
        Self {
            root,
            filters,
            form,
            asked,
            kept: Vec::new(),
            offered: Vec::new(),
            usual: None,
            order: None,
            waits: false,
        }
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
            let value = self.form.value(filter.name());
            !value.is_empty() && filter.apart_value() != Some(value)
        })
    }

    /// Whether the other list at this address is asked for.
    pub fn is_apart(&self) -> bool {
        self.filters
            .iter()
            .any(|filter| filter.apart_value().is_some_and(|apart| apart == self.form.value(filter.name())))
    }

    /// Says how it is sorted unless it is asked otherwise, and by which columns it can be.
    #[must_use]
    pub fn ordered(mut self, usual: Order, offered: &[&'static str]) -> Self {
        (self.usual, self.order) = (Some(usual), Some(usual));
        self.offer(offered.iter().copied());
        self
    }

    fn offer(&mut self, columns: impl IntoIterator<Item = &'static str>) {
        self.offered.extend(columns);
        let asked = self.asked.value("sort");
        let (by, falls) = asked.strip_prefix('-').map_or((asked, false), |by| (by, true));
        if let Some(by) = self.offered.iter().copied().find(|column| *column == by) {
            self.order = Some(Order { by, falls });
        }
    }

    /// The head of a column by which the list can be sorted; none: by this one it cannot.
    pub fn heading(&self, column: &str) -> Option<Heading> {
        let (by, usual) = (self.offered.iter().copied().find(|offered| *offered == column)?, self.usual?);
        let sorted = self.order.filter(|order| order.by == by).map(|order| order.falls);
        let falls = sorted.map_or(usual.by == by && usual.falls, |falls| !falls);
        let href = self.address_in(&self.root, Order { by, falls }, None);
        Some(Heading { id: format!("sort-{by}"), href, falls: sorted })
    }

    /// The address of the list without filters: of the other one where that is shown.
    fn all(&self) -> String {
        let apart = self.filters.iter().find_map(|filter| Some((filter.name(), filter.apart_value()?)));
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
        match self.order {
            Some(order) => self.address_in(root, order, place),
            None => self.written(root, "", place),
        }
    }

    fn address_in(&self, root: &str, order: Order, place: Option<(&str, &str)>) -> String {
        self.written(root, &self.written_order(order), place)
    }

    /// The order as an address has it; the usual one is not written.
    fn written_order(&self, order: Order) -> String {
        if self.usual == Some(order) { String::new() } else { order.written() }
    }

    fn written(&self, root: &str, sort: &str, place: Option<(&str, &str)>) -> String {
        let filters = self.filters.iter().map(|filter| (filter.name(), self.form.value(filter.name())));
        let kept = self.kept.iter().map(|(name, value)| (*name, value.as_str()));
        let all = filters.chain(kept).chain([("sort", sort)]).chain(place);
        let pairs: Vec<_> = all.filter(|(_, value)| !value.is_empty()).collect();
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        if query.is_empty() { root.to_owned() } else { format!("{root}?{query}") }
    }

    /// The stretch that the address asks for, of a list that is read by the age of its rows.
    pub fn window(&self) -> Window {
        let asked = page_token::up_to(SIZE_OF_WINDOW, self.asked.value("at"), SIZE_OF_WINDOW, SIZE_OF_WINDOW);
        self.turned(asked.unwrap_or_else(|_| Window::new(Seek::Start, SIZE_OF_WINDOW)))
    }

    fn turned(&self, window: Window) -> Window {
        if self.order.is_some_and(|order| !order.falls) { window.oldest_first() } else { window }
    }

    /// The part of a list that is asked for, in the order that is asked for. `what` is one of its rows in a word; `read` gives a
    /// stretch by the age of the rows, and how many there are. Up to 1,000 rows are sorted by any column.
    ///
    /// # Errors
    /// What `read` fails with.
    pub fn sorted<T>(
        &mut self,
        sorting: &Sorting<T>,
        what: &str,
        read: impl Fn(Window) -> Result<Slice<T>, Problem>,
    ) -> Result<Part<T>, Problem> {
        self.begin(sorting);
        let slice = read(self.window())?;
        if slice.is_all && slice.total <= u64::from(SMALL) {
            self.offer(sorting.columns());
        }
        let Some(order) = self.order.filter(|order| order.by != sorting.age) else {
            return Ok(self.slice(slice, what));
        };
        let all = read(Window::new(Seek::Start, SMALL))?.items;
        Ok(self.paged(sorting.sort(all, order), what))
    }

    /// As [`List::sorted`], of a list that nobody counts: its rows are counted up to 1,000.
    ///
    /// # Errors
    /// What `read` fails with.
    pub fn sorted_uncounted<T>(
        &mut self,
        sorting: &Sorting<T>,
        what: &str,
        read: impl Fn(Window) -> Result<Slice<T>, Problem>,
    ) -> Result<Part<T>, Problem> {
        self.begin(sorting);
        let all = read(self.turned(Window::new(Seek::Start, SMALL + 1)))?.items;
        if all.len() > SMALL as usize {
            let mut part = self.slice(read(self.window())?, what);
            part.summary = format!("More than {}", many(u64::from(SMALL), what));
            return Ok(part);
        }
        self.offer(sorting.columns());
        let all = match self.order.filter(|order| order.by != sorting.age) {
            Some(order) => sorting.sort(all, order),
            // The order of another column that is gone again was read the wrong way round.
            None => all,
        };
        Ok(self.paged(all, what))
    }

    /// As [`List::sorted`], of rows that are in memory, the oldest first.
    pub fn sorted_all<T>(&mut self, sorting: &Sorting<T>, what: &str, mut all: Vec<T>) -> Part<T> {
        self.begin(sorting);
        self.offer(sorting.columns());
        match self.order {
            Some(order) if order.by != sorting.age => all = sorting.sort(all, order),
            Some(order) if order.falls => all.reverse(),
            _ => {}
        }
        self.paged(all, what)
    }

    fn begin<T>(&mut self, sorting: &Sorting<T>) {
        let usual = Order { by: sorting.age, falls: sorting.usually == Direction::Backward };
        (self.usual, self.order) = (Some(usual), Some(usual));
        self.offer([sorting.age]);
    }

    /// The page, by its number, of rows that are all there.
    fn paged<T>(&self, all: Vec<T>, what: &str) -> Part<T> {
        let (total, pages) = (all.len() as u64, all.len().div_ceil(SIZE).max(1));
        let page = self.asked.value("page").parse::<usize>().unwrap_or(1).clamp(1, pages);
        let to = |page: usize| self.part((page > 1).then(|| page.to_string()).as_deref().map(|page| ("page", page)));
        let mut summary = many(total, what);
        if pages > 1 {
            summary = format!("{summary}, page {page} of {pages}");
        }
        Part {
            items: all.into_iter().skip((page - 1) * SIZE).take(SIZE).collect(),
            summary,
            is_all: true,
            first: (page > 1).then(|| to(1)),
            prev: (page > 1).then(|| to(page - 1)),
            next: (page < pages).then(|| to(page + 1)),
        }
    }

    /// The part of a list that is followed both ways. `what` is one of its rows in a word.
    pub fn slice<T>(&self, slice: Slice<T>, what: &str) -> Part<T> {
        let (next, prev) = page_token::tokens(&slice);
        let to = |place: String| (!place.is_empty()).then(|| self.part(Some(("at", &place))));
        let prev = to(prev);
        Part {
            summary: how_many(slice.total, slice.is_all, what),
            is_all: slice.is_all,
            first: prev.is_some().then(|| self.part(None)),
            prev,
            next: to(next),
            items: slice.items,
        }
    }

    /// The part that is asked for of a list that is ordered by a text, such as a path. `place` is the text of a row, `read` gives up
    /// to so many rows in a direction, behind a text or from the end of the list.
    ///
    /// # Errors
    /// What `read` fails with.
    pub fn by_place<T>(
        &self,
        what: &str,
        place: impl Fn(&T) -> String,
        read: impl FnOnce(Option<&str>, Direction, usize) -> Result<Vec<T>, Problem>,
    ) -> Result<Part<T>, Problem> {
        let falls = self.order.is_some_and(|order| order.falls);
        let (on, back) =
            if falls { (Direction::Backward, Direction::Forward) } else { (Direction::Forward, Direction::Backward) };
        let (after, before) = (self.asked.value("after"), self.asked.value("before"));
        let (start, way) = match (after, before) {
            ("", "") => (None, on),
            (after, "") => (Some(after), on),
            (_, before) => (Some(before), back),
        };
        let mut items = read(start, way, SIZE + 1)?;
        let more = items.len() > SIZE;
        items.truncate(SIZE);
        if way == back {
            items.reverse();
        }
        let (has_next, has_prev) = if way == on { (more, start.is_some()) } else { (true, more) };
        let at = |row: Option<&T>| row.map(&place).or(start.map(str::to_owned)).unwrap_or_default();
        let next = has_next.then(|| ("after", at(items.last())));
        let prev = has_prev.then(|| ("before", at(items.first())));
        Ok(self.uncounted(items, what, (prev, next)))
    }

    /// As [`List::by_place`], where up to 1,000 rows are sorted by any column; the one of the text is `sorting.age`.
    ///
    /// # Errors
    /// What `read` fails with.
    pub fn sorted_by_place<T>(
        &mut self,
        sorting: &Sorting<T>,
        what: &str,
        place: impl Fn(&T) -> String,
        read: impl Fn(Option<&str>, Direction, usize) -> Result<Vec<T>, Problem>,
    ) -> Result<Part<T>, Problem> {
        let all = read(None, Direction::Forward, SMALL as usize + 1)?;
        if all.len() <= SMALL as usize {
            return Ok(self.sorted_all(sorting, what, all));
        }
        self.begin(sorting);
        self.by_place(what, place, read)
    }

    /// The part of a list that is followed both ways and that nobody has counted.
    pub fn uncounted_slice<T>(&self, slice: Slice<T>, what: &str) -> Part<T> {
        let (next, prev) = page_token::tokens(&slice);
        let way = |place: String| (!place.is_empty()).then_some(("at", place));
        self.uncounted(slice.items, what, (way(prev), way(next)))
    }

    /// A part of a list that nobody has counted, and the parameters that lead back and on. `what` is one of its rows in a word.
    pub fn uncounted<T>(&self, items: Vec<T>, what: &str, (prev, next): (Way<'_>, Way<'_>)) -> Part<T> {
        let to = |way: Way<'_>| way.map(|(name, place)| self.part(Some((name, &place))));
        let (prev, next) = (to(prev), to(next));
        let shown = u64::try_from(items.len()).unwrap_or(u64::MAX);
        let summary = match (&prev, &next) {
            (None, None) => many(shown, what),
            (None, Some(_)) => format!("More than {}", many(shown, what)),
            (Some(_), _) => format!("{} on this page", count(shown)),
        };
        Part { items, is_all: true, summary, first: prev.is_some().then(|| self.part(None)), prev, next }
    }

    /// The filters' form: a script renews what they find as one types.
    fn filters(&self) -> Markup {
        let (root, live) = (self.root.as_str(), !self.waits);
        let sort = self.order.map(|order| self.written_order(order)).unwrap_or_default();
        html! {
            form.filters method="get" action=(root) role="search" hx-get=[live.then_some(root)]
                hx-trigger=[live.then_some("input delay:250ms, submit")] hx-target=[live.then_some("#results")]
                hx-select=[live.then_some("#results")] hx-select-oob=[live.then_some("#found:innerHTML")]
                hx-swap=[live.then_some("outerHTML")] hx-push-url=[live.then_some("true")]
                hx-sync=[live.then_some("this:replace")] {
                @for filter in &self.filters { (filter.field(&self.form)) }
                @if !sort.is_empty() { input type="hidden" name="sort" value=(sort); }
                button { (icon("search")) "Search" }
            }
        }
    }

    /// The list on its page: the filters, then the rows with the ways to the others, or what stands in their place. `first` is
    /// shown where there is nothing yet, `rows` makes what is shown of the items. How many there are stands in an element that
    /// stays when a script renews the rows, so that a screen reader says it.
    pub fn show<T>(
        &self,
        part: &Part<T>,
        nothing: Nothing<'_>,
        first: &Markup,
        rows: impl FnOnce(&[T]) -> Markup,
    ) -> Markup {
        let is_part = part.first.is_some() || part.prev.is_some();
        let searches = !part.items.is_empty() || is_part || self.is_filtered() || self.is_apart();
        let is_none = part.items.is_empty() && (self.is_filtered() || is_part);
        html! {
            @if searches && !self.filters.is_empty() { (self.filters()) }
            p.unseen #found role="status" { @if is_none { (nothing.title) } @else { (part.summary) } }
            div.stack #results tabindex="-1" {
                (filter_error(&self.form))
                @if !part.items.is_empty() {
                    (rows(&part.items))
                    (part.foot(true))
                } @else if is_none {
                    (empty("search", nothing.title, none_of(part.is_all, nothing.what),
                        &html! { a.button href=(self.all()) { "Show all" } }))
                    @if is_part { (part.foot(true)) }
                } @else {
                    (first)
                }
            }
        }
    }
}

/// A parameter that leads to another part of a list, and its value.
type Way<'a> = Option<(&'a str, String)>;

/// How many of what a list shows. `is_all`: whether its search looked at all that could match.
fn how_many(total: u64, is_all: bool, what: &str) -> String {
    format!("{}{}", if is_all { "" } else { "The first " }, many(total, what))
}

/// What a list says that shows nothing: `none`, unless there is more than its search has looked at.
fn none_of(is_all: bool, none: &str) -> &str {
    if is_all { none } else { "Too many start like this to look at all of them. Type more of a word." }
}
