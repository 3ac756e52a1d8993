//! Pages of a list: `{"data": […], "pagination": {…}, "meta": {"request_id"}}`.

use crate::base::Problem;
use crate::http::envelope::request_id;
use crate::store::{Listed, Paging};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

/// The largest page.
const MAX_PER_PAGE: u32 = 100;

/// Which page: `page` and `per_page`.
#[derive(Default, Deserialize)]
pub struct PageQuery {
    page: Option<u32>,
    per_page: Option<u32>,
}

/// Whether to list what was deleted and can be restored, instead of what there is: `deleted=true`.
#[derive(Default, Deserialize)]
pub struct Deleted {
    /// Only those.
    #[serde(default)]
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
        Paging::new(page, per_page)
    }
}

/// How many to pass over, and the page's size.
pub fn window(paging: Paging) -> (usize, usize) {
    let size = paging.per_page() as usize;
    ((paging.page() as usize - 1).saturating_mul(size), size)
}

/// A page of what is at hand as a whole.
pub fn cut<T>(all: Vec<T>, paging: Paging) -> Listed<T> {
    let (total, (skip, size)) = (all.len() as u64, window(paging));
    Listed { items: all.into_iter().skip(skip).take(size).collect(), total, paging }
}

/// Renders a page.
pub fn render<T>(listed: &Listed<T>, row: impl FnMut(&T) -> Value, request: &HttpRequest) -> HttpResponse {
    let paging = listed.paging;
    let data: Vec<Value> = listed.items.iter().map(row).collect();
    wrap(&data, &pagination(paging, Some(listed.total), true), request)
}

/// The facts about a page. Without a total, because counting would mean reading everything, `has_more` says whether to go on.
pub fn pagination(paging: Paging, total: Option<u64>, last: bool) -> Value {
    let (page, per_page) = (u64::from(paging.page()), u64::from(paging.per_page()));
    json!({
        "page": page,
        "per_page": per_page,
        "total": total,
        "total_pages": total.map(|total| total.div_ceil(per_page)),
        "has_more": total.map_or(!last, |total| page.saturating_mul(per_page) < total),
    })
}

/// The envelope of every list.
pub fn wrap(data: &[Value], pagination: &Value, request: &HttpRequest) -> HttpResponse {
    super::ok(&json!({
        "data": data,
        "pagination": pagination,
        "meta": { "request_id": request_id(request).to_string() },
    }))
}

/// The envelope of one thing: `{"data": {…}, "meta": {"request_id"}}`.
pub fn enveloped(data: Value, request: &HttpRequest) -> Value {
    json!({ "data": data, "meta": { "request_id": request_id(request).to_string() } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> PageQuery {
        serde_urlencoded::from_str(text).unwrap()
    }

    #[test]
    fn pages_are_bounded() {
        let paging = query("").paging().unwrap();
        assert_eq!((paging.page(), paging.per_page()), (1, 20));
        assert_eq!(query("page=3&per_page=100").paging().unwrap().page(), 3);
        for (bad, field) in [("page=0", "page"), ("per_page=0", "per_page"), ("per_page=101", "per_page")] {
            let problem = query(bad).paging().unwrap_err();
            assert_eq!((problem.fields[0].location, problem.fields[0].field.as_str()), ("query", field));
        }
    }

    #[test]
    fn the_facts_about_a_page() {
        let paging = Paging::new(2, 20).unwrap();
        let facts = |total, last| pagination(paging, total, last);
        assert_eq!(
            facts(Some(41), true),
            json!({"page": 2, "per_page": 20, "total": 41, "total_pages": 3, "has_more": true})
        );
        assert_eq!(facts(Some(40), true)["has_more"], json!(false));
        assert_eq!(facts(Some(0), true)["total_pages"], json!(0));
        assert_eq!(facts(None, false)["has_more"], json!(true));
        let listed = cut((0..45).collect(), paging);
        assert_eq!((listed.items.first(), listed.items.len(), listed.total), (Some(&20), 20, 45));
        assert!(cut(vec![1], Paging::new(u32::MAX, 100).unwrap()).items.is_empty());
    }
}
