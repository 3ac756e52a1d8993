//! `/docs`: the reference of the APIs, for people and for programs. It works without a connection to anywhere and without a
//! script; nobody has to sign in for it.

mod files;
mod model;
mod samples;
mod view;

#[cfg(test)]
mod tests;

use super::route::Cors;
use super::route::Surface;
use crate::base::Problem;
use crate::http::kit::{error, html, public_html};
use crate::page;
use crate::stack::Stack;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::Markup;
use model::Api;
use serde::Deserialize;

/// The reference, and each API's document where programs look for it.
pub static SURFACE: Surface = Surface {
    name: "docs",
    fronts: &["/docs"],
    routes: &[
        page!(GET "/docs" Public index),
        page!(GET "/docs/{api}" Public api),
        page!(GET "/docs/{api}/openapi.json" Public document).open_to(Cors::Everyone),
        page!(GET "/docs/{api}/{operation}" Public operation),
        page!(GET "/api/v1/openapi.json" Public scaikey).open_to(Cors::Everyone),
        page!(GET "/api/v1/openapi/scalekit.json" Public scalekit).open_to(Cors::Everyone),
        page!(GET "/v1/openapi/scaigrid.json" Public scaigrid).open_to(Cors::Everyone),
        page!(GET "/v1/openapi/scaivault.json" Public scaivault).open_to(Cors::Everyone),
    ],
    dialect: error::dialect,
    limited: false,
    in_popups: false,
};

/// What a search looks for.
#[derive(Debug, Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

/// A page of the reference: compressed, unless it repeats what was searched for.
fn page(request: &HttpRequest, search: &str, markup: &Markup) -> HttpResponse {
    if search.is_empty() { public_html(request, markup) } else { html(&mut HttpResponse::Ok(), markup) }
}

/// `GET /docs`: all APIs, or the operations of all of them that a search finds.
pub async fn index(request: HttpRequest, search: web::Query<Search>) -> Result<HttpResponse, Problem> {
    let apis = files::names().map(Api::read).collect::<Result<Vec<_>, _>>()?;
    Ok(page(&request, search.q.trim(), &view::index(&apis, search.q.trim())))
}

/// `GET /docs/{api}`: the operations of one API.
pub async fn api(
    request: HttpRequest,
    name: web::Path<String>,
    search: web::Query<Search>,
) -> Result<HttpResponse, Problem> {
    let api = Api::read(&name)?;
    Ok(page(&request, search.q.trim(), &view::api(&api, search.q.trim())))
}

/// `GET /docs/{api}/{operation}`: one operation, with calls to copy.
pub async fn operation(
    stack: web::Data<Stack>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (name, id) = path.into_inner();
    let api = Api::read(&name)?;
    let none = || Problem::not_found("not_found", "There is no operation of this name");
    let operation = api.operation(&id).ok_or_else(none)?;
    Ok(page(&request, "", &view::operation(&api, &operation, stack.public_url())))
}

/// `GET /docs/{api}/openapi.json`.
pub async fn document(name: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    files::send(&name, &request)
}

/// `GET /api/v1/openapi.json`.
pub async fn scaikey(request: HttpRequest) -> Result<HttpResponse, Problem> {
    files::send("scaikey", &request)
}

/// `GET /api/v1/openapi/scalekit.json`.
pub async fn scalekit(request: HttpRequest) -> Result<HttpResponse, Problem> {
    files::send("scalekit", &request)
}

/// `GET /v1/openapi/scaigrid.json`.
pub async fn scaigrid(request: HttpRequest) -> Result<HttpResponse, Problem> {
    files::send("scaigrid", &request)
}

/// `GET /v1/openapi/scaivault.json`.
pub async fn scaivault(request: HttpRequest) -> Result<HttpResponse, Problem> {
    files::send("scaivault", &request)
}
