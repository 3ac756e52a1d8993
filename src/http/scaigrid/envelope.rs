//! What a success looks like: `{"status": "ok", "data": …}`, lists in `data.items` with `pagination` beside `data`.

use crate::base::{Id, Problem};
use crate::http::reply::{Created, Reply, Tagged};
use crate::store::Versioned;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// How many rows a page has when nothing is said.
pub const PAGE: usize = 100;
/// The most rows of a page.
pub const MAX_PAGE: usize = 1000;

/// That it went well.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
}

/// One thing in its envelope.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "{T}Envelope"))]
pub struct Envelope<T> {
    status: Verdict,
    data: T,
}

/// A page of a list.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "{T}Page"))]
pub struct Page<T> {
    status: Verdict,
    data: Items<T>,
    pagination: Pagination,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
struct Items<T> {
    /// The rows.
    items: Vec<T>,
}

/// Where a page lies in its list.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Pagination {
    /// Whether there are rows behind this page.
    has_more: bool,
    /// What to send as `cursor` for the rows behind this page; null: there are none.
    next_cursor: Option<String>,
}

/// A thing.
pub type Success<T> = Reply<Envelope<T>>;
/// A thing that was made.
pub type Made<T> = Created<Envelope<T>>;
/// A thing, with the version of its row as `ETag`.
pub type Seen<T> = Tagged<Envelope<T>>;
/// A page of a list.
pub type Rows<T> = Reply<Page<T>>;

impl<T> Envelope<T> {
    const fn new(data: T) -> Self {
        Self { status: Verdict::Ok, data }
    }
}

/// 200 with `data`.
pub const fn ok<T>(data: T) -> Success<T> {
    Reply(Envelope::new(data))
}

/// 201 with `data`.
pub const fn created<T>(data: T) -> Made<T> {
    Reply(Envelope::new(data))
}

/// 200 with `data`, which shows `row`.
pub fn tagged<T>(data: T, row: &impl Versioned) -> Seen<T> {
    Tagged::new(Envelope::new(data), row)
}

/// 200 with a page of a list. `next` is the last row's id when there is more behind it.
pub fn page<T>(items: Vec<T>, next: Option<impl Id>) -> Rows<T> {
    page_at(items, next.map(|id| cursor(id.raw())))
}

/// As [`page`], with a cursor that was made elsewhere.
pub const fn page_at<T>(items: Vec<T>, next_cursor: Option<String>) -> Rows<T> {
    let pagination = Pagination { has_more: next_cursor.is_some(), next_cursor };
    Reply(Page { status: Verdict::Ok, data: Items { items }, pagination })
}

/// `limit` and `cursor` of a query: flatten it into the query of a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Paging {
    /// How many rows a page has: 100 if not said.
    #[cfg_attr(test, schemars(with = "Option<u32>", range(min = 1, max = 1000)))]
    limit: Option<String>,
    /// Where the page begins: the `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Paging {
    /// How many rows are wanted: 1 to [`MAX_PAGE`], [`PAGE`] if not said.
    ///
    /// # Errors
    /// `validation_error` for `limit`.
    pub fn limit(&self) -> Result<usize, Problem> {
        let Some(text) = &self.limit else { return Ok(PAGE) };
        let read = text.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
        read.ok_or_else(|| Problem::invalid_at("query", "limit", format!("must be 1 to {MAX_PAGE}")))
    }

    /// The id behind which the page begins.
    ///
    /// # Errors
    /// `validation_error` for `cursor`.
    pub fn after<I: Id>(&self) -> Result<Option<I>, Problem> {
        Ok(self.after_number()?.map(I::from_raw))
    }

    /// As [`Paging::after`], for a list in which the cursor is a bare number.
    ///
    /// # Errors
    /// `validation_error` for `cursor`.
    pub fn after_number(&self) -> Result<Option<u64>, Problem> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        bytes.map(|bytes| Some(u64::from_be_bytes(bytes))).ok_or_else(no_cursor)
    }

    /// The cursor as it was sent, for lists whose cursors are made elsewhere.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }
}

/// That a cursor is none of ours.
pub fn no_cursor() -> Problem {
    Problem::invalid_at("query", "cursor", "must be the next_cursor of the page before")
}

/// A number as a cursor.
pub fn cursor(raw: u64) -> String {
    URL_SAFE_NO_PAD.encode(raw.to_be_bytes())
}

/// Cuts a list that was asked for one row more than a page has: the page, and the id of its last row if there is more.
pub fn cut<T, I: Id>(mut rows: Vec<T>, limit: usize, id: impl Fn(&T) -> I) -> (Vec<T>, Option<I>) {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(id);
    (rows, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::UserId;

    fn paging(limit: Option<&str>, cursor: Option<&str>) -> Paging {
        Paging { limit: limit.map(str::to_owned), cursor: cursor.map(str::to_owned) }
    }

    #[test]
    fn a_page_has_1_to_1000_rows() {
        assert_eq!(paging(None, None).limit().unwrap(), 100);
        assert_eq!(paging(Some("1000"), None).limit().unwrap(), 1000);
        for bad in ["0", "1001", "-1", "x", ""] {
            assert_eq!(paging(Some(bad), None).limit().unwrap_err().fields[0].field, "limit", "{bad}");
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let (rows, next) = cut(vec![5u64, 4, 3], 2, |raw| UserId::from_raw(*raw));
        assert_eq!((rows, next), (vec![5, 4], Some(UserId::from_raw(4))));
        let text = cursor(4);
        assert_eq!(paging(None, Some(&text)).after::<UserId>().unwrap(), Some(UserId::from_raw(4)));
        assert_eq!(cut(vec![5u64, 4], 2, |raw| UserId::from_raw(*raw)).1, None);
        for bad in ["", "usr_4", "AAAA", "!!!!!!!!!!!"] {
            assert_eq!(paging(None, Some(bad)).after::<UserId>().unwrap_err().fields[0].field, "cursor", "{bad}");
        }
    }
}
