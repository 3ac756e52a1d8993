//! Pages of a list: `{"data": […], "pagination": {…}, "meta": {"request_id"}}`.

use crate::base::Problem;
use crate::http::envelope::request_id;
use crate::http::extract::flag;
use crate::http::reply::Reply;
use crate::store::{Listed, Paging};
use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};

/// The largest page.
const MAX_PER_PAGE: u32 = 100;

/// Which part of a list: `page` and `per_page`, or `cursor` and `per_page`.
///
/// Numbered pages are for people who leaf; they are counted at the moment of each request, so what comes and goes shifts them.
/// Who wants all of a list asks for the first page and then goes on with the `next_cursor` of each answer: that shows every row
/// that is there all the time exactly once.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PageQuery {
    /// The number of the page, from 1; the first if not said. Not together with `cursor`.
    page: Option<u32>,
    /// How many rows the page has: 1 to 100, 20 if not said.
    per_page: Option<u32>,
    /// The `next_cursor` of the answer before: the rows behind it.
    cursor: Option<String>,
}

/// Whether to list what was deleted and can be restored, instead of what there is: `deleted=true`.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Deleted {
    /// Whether only deleted rows are listed.
    #[serde(default, deserialize_with = "flag")]
    pub deleted: bool,
}

impl PageQuery {
    /// As a page of the store: the first if nothing is said, of 20.
    ///
    /// # Errors
    /// A problem that names the parameter.
    pub fn paging(&self) -> Result<Paging, Problem> {
        let (page, per_page) = (self.page.unwrap_or(1), self.per_page.unwrap_or(Paging::DEFAULT));
        if page == 0 {
            return Err(Problem::invalid_at("query", "page", "must be at least 1"));
        }
        if per_page == 0 || per_page > MAX_PER_PAGE {
            return Err(Problem::invalid_at("query", "per_page", "must be between 1 and 100"));
        }
        let paging = Paging::new(page, per_page)?;
        match self.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
            None => Ok(paging),
            Some(_) if self.page.is_some() => {
                Err(Problem::invalid_at("query", "cursor", "must not stand beside page: it says itself where to go on"))
            }
            Some(text) => match text.parse::<u64>() {
                Ok(place) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(paging.behind(place)),
                _ => Err(Problem::invalid_at("query", "cursor", "must be the next_cursor of an answer")),
            },
        }
    }

    /// As [`PageQuery::paging`], for a list that has numbered pages only.
    ///
    /// # Errors
    /// As [`PageQuery::paging`], and for a cursor.
    pub fn numbered(&self) -> Result<Paging, Problem> {
        let paging = self.paging()?;
        match paging.after() {
            None => Ok(paging),
            Some(_) => {
                Err(Problem::invalid_at("query", "cursor", "is not for this list, which has numbered pages only"))
            }
        }
    }
}

/// A numbered page of what is at hand as a whole.
pub fn cut<T>(all: Vec<T>, paging: Paging) -> Listed<T> {
    let (total, (skip, size)) = (all.len() as u64, paging.window());
    Listed { items: all.into_iter().skip(skip).take(size).collect(), total, is_all: true, paging, next: None }
}

/// A page of a list.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "PageOf{T}"))]
pub struct Page<T> {
    /// The rows.
    data: Vec<T>,
    pagination: Pagination,
    meta: Meta,
}

/// Where a page lies in its list.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Pagination {
    /// The page's number, from 1; null for what follows a cursor.
    page: Option<u64>,
    /// How many rows a page has.
    per_page: u64,
    /// How many rows there are in all; null where that would mean reading everything.
    total: Option<u64>,
    /// How many pages that makes.
    total_pages: Option<u64>,
    /// Whether there are rows behind this page.
    has_more: bool,
    /// What to send as `cursor` for the rows behind this page; null: there are none, or the list has numbered pages only.
    next_cursor: Option<String>,
}

/// What every enveloped answer carries.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Meta {
    /// The request's id, as the server's log and the audit log have it.
    request_id: String,
}

/// One thing in an envelope.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Enveloped{T}"))]
pub struct Enveloped<T> {
    /// The thing.
    data: T,
    meta: Meta,
}

impl Meta {
    fn of(request: &HttpRequest) -> Self {
        Self { request_id: request_id(request).to_string() }
    }
}

impl<T> Enveloped<T> {
    /// The answer to a request.
    pub fn new(data: T, request: &HttpRequest) -> Self {
        Self { data, meta: Meta::of(request) }
    }
}

impl<T> Page<T> {
    /// The answer to a request for a list.
    pub fn new(data: Vec<T>, pagination: Pagination, request: &HttpRequest) -> Reply<Self> {
        Reply(Self { data, pagination, meta: Meta::of(request) })
    }

    /// As [`Page::new`], of a page of the store; `row` is how a row looks on the wire.
    pub fn of<R>(listed: &Listed<R>, row: impl FnMut(&R) -> T, request: &HttpRequest) -> Reply<Self> {
        let pagination = pagination(listed.paging, Some(listed.total), listed.next);
        Self::new(listed.items.iter().map(row).collect(), pagination, request)
    }
}

/// The facts about a page. Without a total, because counting would mean reading everything, `has_more` says whether to go on.
/// What follows a cursor has no number.
pub fn pagination(paging: Paging, total: Option<u64>, next: Option<u64>) -> Pagination {
    let (page, per_page) = (u64::from(paging.page()), u64::from(paging.per_page()));
    let is_numbered = paging.after().is_none();
    let counted = total.filter(|_| is_numbered).is_some_and(|total| page.saturating_mul(per_page) < total);
    Pagination {
        page: is_numbered.then_some(page),
        per_page,
        total,
        total_pages: total.map(|total| total.div_ceil(per_page)),
        has_more: counted || next.is_some(),
        next_cursor: next.map(|place| place.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn query(text: &str) -> PageQuery {
        serde_urlencoded::from_str(text).unwrap()
    }

    #[test]
    fn pages_are_bounded() {
        let paging = query("").paging().unwrap();
        assert_eq!((paging.page(), paging.per_page()), (1, 20));
        assert_eq!(query("page=3&per_page=100").paging().unwrap().page(), 3);
        assert_eq!(query("cursor=7").paging().unwrap().after(), Some(7));
        assert!(query("cursor=").paging().unwrap().is_first() && query("cursor=7").numbered().is_err());
        for (bad, field) in [
            ("page=0", "page"),
            ("per_page=0", "per_page"),
            ("per_page=101", "per_page"),
            ("cursor=x", "cursor"),
            ("cursor=%2B7", "cursor"),
            ("cursor=7&page=1", "cursor"),
        ] {
            let problem = query(bad).paging().unwrap_err();
            assert_eq!((problem.fields[0].location, problem.fields[0].field.as_str()), ("query", field));
        }
    }

    #[test]
    fn the_facts_about_a_page() {
        let paging = Paging::new(2, 20).unwrap();
        let facts = |total, next| json!(pagination(paging, total, next));
        assert_eq!(
            facts(Some(41), Some(7)),
            json!({"page": 2, "per_page": 20, "total": 41, "total_pages": 3, "has_more": true, "next_cursor": "7"})
        );
        assert_eq!(facts(Some(41), None)["has_more"], json!(true), "a list that has numbered pages only");
        assert_eq!(facts(Some(40), None)["has_more"], json!(false));
        assert_eq!(facts(Some(0), None)["total_pages"], json!(0));
        assert_eq!(facts(None, Some(7))["has_more"], json!(true));
        let behind = json!(pagination(paging.behind(7), Some(41), None));
        assert_eq!((&behind["page"], &behind["has_more"]), (&json!(null), &json!(false)));
        let listed = cut((0..45).collect(), paging);
        assert_eq!((listed.items.first(), listed.items.len(), listed.total), (Some(&20), 20, 45));
        assert!(cut(vec![1], Paging::new(u32::MAX, 100).unwrap()).items.is_empty());
    }
}
