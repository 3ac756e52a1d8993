//! The answers that pages give: HTML, and the way to another page after a form.

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use maud::Markup;

/// An HTML answer, which nothing on the way may keep.
pub(in crate::http) fn html(answer: &mut HttpResponseBuilder, markup: &Markup) -> HttpResponse {
    answer
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "HX-Request"))
        .body(markup.0.clone())
}

/// 303, so that a form is not sent twice.
pub(in crate::http) fn see_other(to: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((header::LOCATION, to)).insert_header((header::CACHE_CONTROL, "no-store"));
    answer
}
