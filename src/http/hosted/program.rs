//! The way back from a sign-in for a program (`/v1/auth/*`), in the person's browser: to the provider, and from there by way of a
//! question to the program.

use super::view;
use super::visitor::{Sent, Visitor};
use crate::base::id::LoginFlowId;
use crate::base::{Id, Problem};
use crate::crypto::digest::sha256;
use crate::http::extract::{Query, origin};
use crate::program_login::{self, Answer, Browser, Returned};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use serde::Deserialize;

fn browser(visitor: &Visitor) -> Browser {
    let session = visitor.signed_in.as_ref().map(|signed_in| signed_in.session.id);
    Browser { visit: sha256(visitor.visit.as_bytes()), session }
}

fn found(visitor: &Visitor, to: String) -> HttpResponse {
    let mut answer = HttpResponse::Found();
    visitor.keep_visit(&mut answer);
    answer.insert_header((LOCATION, to)).insert_header((CACHE_CONTROL, "no-store")).finish()
}

/// Which flow to begin in this browser.
#[derive(Deserialize)]
pub struct StartQuery {
    state: String,
    login_hint: Option<String>,
}

/// `GET /v1/auth/start`: on to another provider. The flow belongs to this browser from now on.
pub async fn start(visitor: Visitor, Query(query): Query<StartQuery>) -> Result<HttpResponse, Problem> {
    let visit = browser(&visitor).visit;
    let to = program_login::sent_away(&visitor.stack, &query.state, query.login_hint.as_deref(), visit).await?;
    Ok(found(&visitor, to))
}

/// What a provider sends the browser back with.
#[derive(Deserialize)]
pub struct CallbackQuery {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// `GET /v1/auth/callback`: sends the browser on to the client, with a code of ours, or asks first.
pub async fn callback(visitor: Visitor, Query(query): Query<CallbackQuery>) -> Result<HttpResponse, Problem> {
    let answer = Answer { state: query.state, code: query.code, error: query.error, iss: query.iss };
    let (stack, from) = (&visitor.stack, origin(&visitor.http, &visitor.stack));
    match program_login::returned(stack, &answer, browser(&visitor), &from).await? {
        Returned::To(to) => Ok(found(&visitor, to)),
        Returned::Ask(question) => {
            let body = view::program(&question, &visitor.csrf());
            Ok(visitor.page(StatusCode::OK, &body))
        }
    }
}

/// `POST /v1/auth/callback`: the answer to the question.
pub async fn decide(Sent { visitor, fields, is_ours, .. }: Sent) -> Result<HttpResponse, Problem> {
    if !is_ours {
        return Ok(super::show::lost(&visitor));
    }
    let flow = LoginFlowId::parse(fields.raw("flow")).unwrap_or_else(|| LoginFlowId::from_raw(0));
    let yes = fields.raw("decision") == "allow";
    let from = origin(&visitor.http, &visitor.stack);
    let to = program_login::decided(&visitor.stack, flow, browser(&visitor), yes, &from).await?;
    Ok(visitor.leave_for(&to))
}
