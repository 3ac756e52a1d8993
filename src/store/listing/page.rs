//! Parts of lists: numbered pages, and what follows a place.

use crate::base::{Id, Problem};
use crate::store::StoreError;
use std::fmt::Display;

/// Which part of a list: a page by its number, from 1, or what follows a place in the list.
///
/// A numbered page is counted from the start of the list at the moment of the request, so what is made or deleted before it
/// shifts it: who reads all pages of a list that changes may see a row twice or miss one. What follows a place does neither: a
/// place is the number of a row, which need not be there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    page: u32,
    per_page: u32,
    after: Option<u64>,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page: 1, per_page: Self::DEFAULT, after: None }
    }
}

impl Paging {
    /// The size of a page when nothing is said.
    pub const DEFAULT: u32 = 20;
    /// The largest page.
    pub const MAX: u32 = 200;

    /// A page from 1 and its size from 1 to 200.
    ///
    /// # Errors
    /// A problem that names the field.
    pub fn new(page: u32, per_page: u32) -> Result<Self, Problem> {
        if page == 0 {
            return Err(Problem::invalid("page", "must be at least 1"));
        }
        if per_page == 0 || per_page > Self::MAX {
            return Err(Problem::invalid("per_page", "must be between 1 and 200"));
        }
        Ok(Self { page, per_page, after: None })
    }

    /// As many, but those that follow a place: see [`Listed::next`].
    #[must_use]
    pub fn behind(self, place: u64) -> Self {
        Self { page: 1, after: Some(place), ..self }
    }

    /// The place that it follows; none: it is a numbered page.
    pub fn after(self) -> Option<u64> {
        self.after
    }

    /// Whether it is where the list begins.
    pub fn is_first(self) -> bool {
        self.page == 1 && self.after.is_none()
    }

    /// The page's number, from 1; of what follows a place, 1.
    pub fn page(self) -> u32 {
        self.page
    }

    /// How many there are on a page.
    pub fn per_page(self) -> u32 {
        self.per_page
    }

    /// How many to pass over, and how many to take.
    pub fn window(self) -> (usize, usize) {
        (self.skip(), self.per_page as usize)
    }

    fn skip(self) -> usize {
        (self.page as usize - 1).saturating_mul(self.per_page as usize)
    }
}

/// A page, and how many there are on all pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// How many there are in all, or how many a search has found.
    pub total: u64,
    /// Whether a search looked at all that could match: otherwise there may be more than the total says.
    pub is_all: bool,
    /// Which page this is.
    pub paging: Paging,
    /// The place to go on behind; none: there was nothing more.
    pub next: Option<u64>,
}

impl<T> Listed<T> {
    /// A page without rows.
    pub fn empty(paging: Paging) -> Self {
        Self { items: Vec::new(), total: 0, is_all: true, paging, next: None }
    }

    /// From up to one more than the page shows, which tells whether there is more. `place` is an item's place in the list.
    pub fn of(mut items: Vec<T>, total: u64, paging: Paging, place: impl Fn(&T) -> u64) -> Self {
        let size = paging.per_page as usize;
        let more = items.len() > size;
        items.truncate(size);
        let next = items.last().map(place).filter(|_| more);
        Self { items, total, is_all: true, paging, next }
    }

    /// From all there is, in the order of rising places.
    pub fn cut(all: Vec<T>, paging: Paging, place: impl Fn(&T) -> u64) -> Self {
        let total = all.len() as u64;
        let after = paging.after.unwrap_or(0);
        let rest = all.into_iter().filter(|item| paging.after.is_none() || place(item) > after);
        let items = rest.skip(paging.skip()).take(paging.per_page as usize + 1).collect();
        Self::of(items, total, paging, place)
    }

    /// The rows of a page of ids. One that cannot be read is left out, and logged: see [`readable`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn rows<U>(
        self,
        kind: &'static str,
        read: impl FnMut(T) -> Result<Option<U>, StoreError>,
    ) -> Result<Listed<U>, StoreError>
    where
        T: Id,
    {
        let items = readable_of(kind, &self.items, read)?;
        Ok(self.with(items))
    }

    /// The page with these items instead.
    pub fn with<U>(self, items: Vec<U>) -> Listed<U> {
        Listed { items, total: self.total, is_all: self.is_all, paging: self.paging, next: self.next }
    }
}

/// What a list shows of one of its rows: nothing, when the row is not there or does not read as what it should be. One bad row
/// must not take the list away from everybody; `scaistack check` names it. A file that cannot be read is another thing, and so
/// is a row that decides what somebody may do: there it stays an error.
///
/// # Errors
/// When the file cannot be read.
pub fn readable<T>(
    kind: &'static str,
    id: &impl Display,
    found: Result<Option<T>, StoreError>,
) -> Result<Option<T>, StoreError> {
    let why = match found {
        Ok(Some(row)) => return Ok(Some(row)),
        Ok(None) => "a list names it, but it is not there",
        Err(StoreError::Corrupt(why)) => why,
        Err(error) => return Err(error),
    };
    metrics::counter!("scaistack_store_unreadable_total").increment(1);
    tracing::error!(kind, id = %id, why, "a row is left out of a list; run scaistack check");
    Ok(None)
}

/// What a list shows of the rows that it names, those that are [`readable`].
///
/// # Errors
/// When the file cannot be read.
pub fn readable_of<T: Copy + Display, U>(
    kind: &'static str,
    ids: &[T],
    mut read: impl FnMut(T) -> Result<Option<U>, StoreError>,
) -> Result<Vec<U>, StoreError> {
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.extend(readable(kind, id, read(*id))?);
    }
    Ok(rows)
}
