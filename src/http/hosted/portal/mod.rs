//! The page behind a link to an organisation's portal. Looking at it changes nothing, so a scanner that follows the link does
//! no harm; its button uses the link up.

#[cfg(test)]
mod tests;
mod view;

use crate::base::Problem;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::extract::origin;
use crate::http::kit::form::Knock;
use crate::http::kit::{html, visit};
use crate::http::route::Surface;
use crate::page;
use crate::portal_links::{self, Looked};
use crate::stack::Stack;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// The routes of the pages behind a link to the portal.
pub static SURFACE: Surface = Surface {
    name: "portal",
    fronts: &["/magicLink"],
    routes: &[page!(GET "/magicLink/{token}" Public page), page!(POST "/magicLink/{token}" Public open)],
    dialect: crate::http::kit::error::dialect,
    limited: false,
    in_popups: false,
};

/// The address itself lets its reader in, so that not even our own pages are told where they come from.
const SECRET_ADDRESS: (&str, &str) = ("referrer-policy", "no-referrer");

/// A link that does not work any more, or never did.
fn closed(looked: &Looked) -> HttpResponse {
    let status = if matches!(looked, Looked::Unknown) { StatusCode::NOT_FOUND } else { StatusCode::GONE };
    html(HttpResponse::build(status).insert_header(SECRET_ADDRESS), &view::closed(looked))
}

/// `GET /magicLink/{token}`.
pub async fn page(
    http: HttpRequest,
    stack: web::Data<Stack>,
    token: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    show(&http, &stack, &token, StatusCode::OK, false)
}

fn show(
    http: &HttpRequest,
    stack: &Stack,
    token: &str,
    status: StatusCode,
    stale: bool,
) -> Result<HttpResponse, Problem> {
    let Ok(digest) = token::parse(TokenKind::PortalLink, token) else { return Ok(closed(&Looked::Unknown)) };
    match portal_links::look(&stack.store.read(), &digest, stack.now())? {
        Looked::Open(portal) => {
            let mut answer = HttpResponse::build(status);
            answer.insert_header(SECRET_ADDRESS);
            Ok(visit::page(http, stack, answer, |csrf| view::door(&portal, token, stale, csrf)))
        }
        other => Ok(closed(&other)),
    }
}

/// `POST /magicLink/{token}`: the button.
pub async fn open(knock: Knock, token: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Knock { http, stack, is_ours, .. } = &knock;
    if !is_ours {
        return show(http, stack, &token, StatusCode::FORBIDDEN, true);
    }
    let Ok(digest) = token::parse(TokenKind::PortalLink, &token) else { return Ok(closed(&Looked::Unknown)) };
    match use_up(stack, digest, http).await? {
        Looked::Open(portal) => Ok(html(HttpResponse::Ok().insert_header(SECRET_ADDRESS), &view::portal(&portal))),
        other => Ok(closed(&other)),
    }
}

async fn use_up(stack: &Stack, digest: TokenDigest, http: &HttpRequest) -> Result<Looked, Problem> {
    let (origin, now) = (origin(http, stack), stack.now());
    Ok(stack.store.write(move |tx| portal_links::use_up(tx, &digest, &origin, now)).await?)
}
