//! The one-time link of the first start.

use super::sign_in_view as view;
use crate::authentication::{self, Proven};
use crate::base::text::Rule;
use crate::base::{DisplayName, Email, Kind, Problem, Timestamp};
use crate::crypto::password::PasswordRules;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::extract::origin;
use crate::http::kit::form::{Fields, Knock};
use crate::http::kit::parts::Form;
use crate::http::kit::{cookie, device, html, see_other, visit};
use crate::people;
use crate::setup::{self, NewAdmin, Purpose};
use crate::stack::Stack;
use crate::store::Read;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

/// The link's token.
#[derive(Debug, Deserialize)]
pub struct Token {
    #[serde(default)]
    token: String,
}

/// The link that a token belongs to, if it still works.
fn valid(stack: &Stack, text: &str, now: Timestamp) -> Result<TokenDigest, Problem> {
    let unknown = || Problem::not_found("setup_link_unknown", "This setup link is not, or no longer, the valid one");
    let digest = token::parse(TokenKind::SetupLink, text).map_err(|_| unknown())?;
    let snapshot = stack.store.read();
    let link =
        setup::link(&snapshot)?.filter(|link| link.digest.matches(&snapshot.keep(&digest))).ok_or_else(unknown)?;
    if link.used_at.is_some() || (link.purpose == Purpose::First && !setup::needed(&snapshot)?) {
        return Err(Problem::conflict("setup_link_used", "This setup link was used already"));
    }
    if link.expires_at.is_some_and(|end| now >= end) {
        return Err(Problem::conflict("setup_link_expired", "This setup link has expired"));
    }
    Ok(digest)
}

fn refused(problem: &Problem) -> HttpResponse {
    html(&mut HttpResponse::build(crate::http::status(problem.kind)), &view::setup_refused(&problem.message))
}

/// `GET /setup?token=sst_…`. Looking at the page claims nothing, so a mail program's preview does no harm.
pub async fn page(
    http: HttpRequest,
    stack: web::Data<Stack>,
    query: web::Query<Token>,
) -> Result<HttpResponse, Problem> {
    match valid(&stack, &query.token, stack.now()) {
        Ok(_) => Ok(show(&http, &stack, StatusCode::OK, &Form::default(), &query.token)),
        Err(problem) if problem.kind == Kind::Internal => Err(problem),
        Err(problem) => Ok(refused(&problem)),
    }
}

fn show(http: &HttpRequest, stack: &Stack, status: StatusCode, form: &Form, token: &str) -> HttpResponse {
    visit::page(http, stack, HttpResponse::build(status), |csrf| view::setup(form, token, csrf))
}

/// What the form says, or the form with its errors.
fn read(fields: &Fields) -> Result<(Email, DisplayName), Form> {
    let (email, name) = (Email::parse(fields.text("email")), DisplayName::parse(fields.text("name")));
    let password = PasswordRules::check_for(fields.raw("password"), fields.text("email"));
    match (email, name, password) {
        (Ok(email), Ok(name), Ok(())) => Ok((email, name)),
        (email, name, password) => {
            let form = fields.keep(&["email", "name"]);
            let wrong =
                [("email", email.err()), ("name", name.err()), ("password", password.err().map(Rule::Borrowed))];
            Err(wrong.into_iter().fold(form, |form, (field, rule)| match rule {
                Some(rule) => form.error(field, rule),
                None => form,
            }))
        }
    }
}

/// `POST /setup`.
pub async fn submit(knock: Knock) -> Result<HttpResponse, Problem> {
    let Knock { http, stack, fields, is_ours } = &knock;
    let (token, now) = (fields.text("token"), stack.now());
    let digest = match valid(stack, token, now) {
        Ok(digest) => digest,
        Err(problem) if problem.kind == Kind::Internal => return Err(problem),
        Err(problem) => return Ok(refused(&problem)),
    };
    if !is_ours {
        let problem = Problem::forbidden("csrf", "The page was open for too long. Try again");
        let form = fields.keep(&["email", "name"]).refused(&problem);
        return Ok(show(http, stack, StatusCode::FORBIDDEN, &form, token));
    }
    let (email, name) = match read(fields) {
        Ok(read) => read,
        Err(form) => return Ok(show(http, stack, StatusCode::UNPROCESSABLE_ENTITY, &form, token)),
    };
    let busy = |_| Problem::busy("The server is busy; try again in a moment");
    let password_hash = stack.passwords.hash(fields.secret("password")).await.map_err(busy)?;
    let admin =
        NewAdmin { email, name: Some(name), password_hash, user_id: stack.new_id(), origin: origin(http, stack) };
    // The claim looks at the link once more inside the transaction: of many at once, one wins.
    match stack.store.write(move |tx| setup::claim(tx, &digest, &admin, now)).await {
        Ok(user) => {
            let snapshot = stack.store.read();
            // The home of somebody who recovers may be suspended; the default tenant, which they were just let into, is not.
            let tenant = people::tenant_to_enter(&snapshot, &user, now)?.unwrap_or(user.home_tenant);
            // The tenant wants a second factor, and there is none any more: the sign-in sets one up.
            if authentication::wants_second_factor(&snapshot, &user, tenant, now)? {
                return Ok(see_other("/admin/sign-in").finish());
            }
            let proven = Proven::by_setup(user, tenant, now);
            let started = authentication::start_session(stack, &proven, &origin(http, stack)).await?;
            let cookie = cookie::session(http, stack, started.cookie.expose());
            let mut answer = see_other("/admin/");
            answer.cookie(cookie);
            device::remember(http, stack, started.session.user, &mut answer)?;
            Ok(answer.finish())
        }
        Err(problem) if matches!(problem.kind, Kind::NotFound | Kind::Conflict) => Ok(refused(&problem)),
        Err(problem) => Err(problem),
    }
}
