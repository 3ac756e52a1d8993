//! Signing in and out.

use super::sign_in_view as view;
use crate::audit::{ActorStamp, Event, Outcome};
use crate::base::{Email, Kind, Problem, Secret};
use crate::crypto::random;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::extract::{cookie_name, is_tls, origin};
use crate::http::ui::context::{Ctx, see_other};
use crate::http::ui::form::{Knock, Posted};
use crate::http::ui::parts::Form;
use crate::http::ui::{cookie, visit};
use crate::people::{self, User};
use crate::sessions::{self, CsrfSecret, NewSession};
use crate::stack::Stack;
use crate::{setup, tenancy};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

/// What the reader is told whatever was wrong: nobody learns here who has an account (R-M1).
const WRONG: &str = "E-mail or password is wrong, or the account cannot sign in";

/// Where to go after the sign-in.
#[derive(Debug, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// An address of our own pages, or Home. Anything that a browser could take for another host is Home: `//evil`, `/\evil`.
fn own_page(next: &str) -> &str {
    let own =
        next.starts_with("/admin/") && !next.contains(['\\', '\r', '\n', '\t']) && !next.starts_with("/admin/sign-");
    if own && next.is_ascii() { next } else { "/admin/" }
}

/// `GET /`.
pub async fn root() -> HttpResponse {
    see_other("/admin/").finish()
}

/// `GET /admin/sign-in`.
pub async fn page(http: HttpRequest, stack: web::Data<Stack>, next: web::Query<Next>) -> Result<HttpResponse, Problem> {
    let form = Form::with([("next", own_page(&next.next).to_owned())]);
    show(&http, &stack, StatusCode::OK, &form)
}

fn show(http: &HttpRequest, stack: &Stack, status: StatusCode, form: &Form) -> Result<HttpResponse, Problem> {
    let setup_needed = setup::needed(&stack.store.read())?;
    Ok(visit::page(http, stack, HttpResponse::build(status), |csrf| view::sign_in(form, csrf, setup_needed)))
}

/// `POST /admin/sign-in`.
pub async fn submit(knock: Knock) -> Result<HttpResponse, Problem> {
    let Knock { http, stack, fields, is_ours } = &knock;
    let form = fields.keep(&["email", "next"]);
    let again = |status, message: &str| {
        let problem = Problem::new(Kind::Forbidden, "sign_in_refused", message);
        show(http, stack, status, &form.clone().refused(&problem))
    };
    if !is_ours {
        return again(StatusCode::FORBIDDEN, "The page was open for too long. Try again");
    }
    match check(http, stack, fields.text("email"), fields.secret("password")).await {
        Ok(user) => {
            let cookie = start(http, stack, &user, "password").await?;
            let mut answer = see_other(own_page(fields.text("next")));
            Ok(answer.cookie(cookie).finish())
        }
        Err(problem) => match problem.kind {
            Kind::Unauthenticated => again(StatusCode::UNAUTHORIZED, WRONG),
            Kind::RateLimited { retry_after_secs } => {
                let message = format!("Too many wrong tries. Try again in {} minutes", retry_after_secs.div_ceil(60));
                again(StatusCode::TOO_MANY_REQUESTS, &message)
            }
            _ => Err(problem),
        },
    }
}

/// The user whose e-mail and password these are.
///
/// # Errors
/// Unauthenticated for whatever reason, with the same work done for each; rate limited; busy.
pub(super) async fn check(
    http: &HttpRequest,
    stack: &Stack,
    email: &str,
    password: Secret<String>,
) -> Result<User, Problem> {
    let from = origin(http, stack);
    let now = stack.now();
    let limited = |retry_after_secs| {
        Problem::new(Kind::RateLimited { retry_after_secs }, "too_many_attempts", "Too many wrong tries")
    };
    stack.attempts.check(email, from.ip, now).map_err(limited)?;
    let snapshot = stack.store.read();
    let user = match Email::parse(email) {
        Ok(email) => people::by_email(&snapshot, &email)?,
        Err(_) => None,
    };
    let phc = user.as_ref().and_then(|user| user.password_hash.clone());
    let busy = |_| Problem::busy("Too many people sign in at once; try again in a moment");
    let right = stack.passwords.verify(password, phc).await.map_err(busy)?.is_right();
    let usable = match &user {
        Some(user) => people::may_use(&snapshot, user, tenancy::live_place(&snapshot, user.home_tenant)?)?,
        None => false,
    };
    match user.filter(|_| right && usable) {
        Some(user) => {
            stack.attempts.succeeded(email);
            Ok(user)
        }
        None => {
            stack.attempts.failed(email, from.ip, &stack.config.auth, now);
            let claimed: String = email.chars().take(254).collect();
            stack.audit_later(Event {
                at: now,
                request: Some(from.request),
                actor: ActorStamp::anonymous(claimed),
                action: "login".to_owned(),
                resource_type: "session".to_owned(),
                resource_id: String::new(),
                partner: None,
                tenant: None,
                outcome: Outcome::Denied,
                ip: from.ip.map(|ip| ip.to_string()),
                user_agent: from.user_agent,
                details: vec![("method".to_owned(), "password".to_owned())],
            });
            Err(Problem::unauthenticated("invalid_credentials", WRONG))
        }
    }
}

/// Starts a session with a new id, whatever cookie the browser had before (R-I3), and gives its cookie.
pub(super) async fn start(
    http: &HttpRequest,
    stack: &Stack,
    user: &User,
    method: &'static str,
) -> Result<actix_web::cookie::Cookie<'static>, Problem> {
    let (token, now) = (token::make(TokenKind::SessionId), stack.now());
    let new = NewSession {
        id: stack.new_id(),
        digest: TokenDigest::of(token.expose()),
        user: user.id,
        tenant: user.home_tenant,
        csrf_secret: CsrfSecret(random::bytes()),
        mfa_at: None,
        life_secs: Some(i64::from(stack.config.sessions.absolute_secs)),
        email: user.email.clone(),
        method,
        origin: origin(http, stack),
    };
    let id = user.id;
    stack
        .store
        .write(move |tx| {
            let session = sessions::create(tx, &new, now)?;
            people::record_login(tx, id, now)?;
            Ok::<_, Problem>(session)
        })
        .await?;
    Ok(session_cookie(http, stack, token.expose()))
}

/// The cookie of a session; it ends with the browser, and the server ends it on its own time anyway.
pub(super) fn session_cookie(http: &HttpRequest, stack: &Stack, token: &str) -> actix_web::cookie::Cookie<'static> {
    let tls = is_tls(http, stack);
    cookie::cookie(cookie_name(tls), token.to_owned(), tls, None)
}

/// `POST /admin/sign-out`.
pub async fn sign_out(Posted { ctx, .. }: Posted) -> Result<HttpResponse, Problem> {
    let Ctx { stack, signed_in, http } = &ctx;
    let (actor, id, now) = (signed_in.actor.clone(), signed_in.session.id, stack.now());
    stack.store.write(move |tx| sessions::end(tx, &actor, id, now)).await?;
    let tls = is_tls(http, stack);
    Ok(see_other("/admin/sign-in").cookie(cookie::gone(cookie_name(tls), tls)).finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_leads_to_our_own_pages_only() {
        assert_eq!(own_page("/admin/secrets?prefix=a%2Fb"), "/admin/secrets?prefix=a%2Fb");
        for bad in [
            "",
            "https://evil",
            "//evil",
            "/\\evil",
            "/admin/\\evil",
            "/adminevil",
            "javascript:x",
            "/admin/sign-out",
            "/admin/\r\nX: y",
        ] {
            assert_eq!(own_page(bad), "/admin/", "{bad}");
        }
    }
}
