//! The pages that give forms back, at addresses of their own.

use super::sign_in_next::own_page;
use crate::base::Problem;
use crate::http::kit::{given_back, html, see_other};
use crate::http::ui::context::Ctx;
use actix_web::{HttpResponse, web};
use maud::PreEscaped;
use serde::Deserialize;

/// The page on which the form was.
#[derive(Debug, Deserialize)]
pub struct OfQuery {
    #[serde(default)]
    of: String,
}

/// `GET /admin/answers/{id}`: the page that gave a form back to this session; later, the page that has the form.
pub async fn show(ctx: Ctx, id: web::Path<String>, query: web::Query<OfQuery>) -> Result<HttpResponse, Problem> {
    Ok(match given_back::given_back(&ctx.stack, &ctx.signed_in.session, &id) {
        Some((status, page)) => html(&mut HttpResponse::build(status), &PreEscaped(page)),
        None => see_other(own_page(&query.of)).finish(),
    })
}
