//! The pages of a sign-in: who it is, the password, the second factor, the account and the consent. One address shows the page
//! that is due; each form posts to an address of its own and is answered with 303 to that page.

use super::authorize::go_on;
use super::finish;
use super::interaction::{Interaction, PendingFactor};
use super::show::{lost, show};
use super::visitor::{Sent, Visitor};
use crate::access::Origin;
use crate::authentication::{self, Attempt, Next, Proven, Started, TenantChoice};
use crate::base::id::TenantId;
use crate::base::{Id, Kind, Problem};
use crate::http::extract::origin;
use crate::http::kit::form::Fields;
use crate::http::kit::parts::{Form, too_many};
use crate::http::kit::{cookie, device, html, see_other};
use crate::oauth::authorize::Step;
use crate::oauth::consent;
use crate::sessions;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use serde::Deserialize;

/// The sealed request of a page.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    request: String,
}

/// `GET /login`: the page that is due, or the answer to the client if none is.
pub async fn page(visitor: Visitor, asked: web::Query<Asked>) -> Result<HttpResponse, Problem> {
    if asked.request.is_empty() {
        return Ok(see_other("/account").finish());
    }
    due(&visitor, &asked.request).await
}

/// `POST /login`: the same, for a request that is too long for an address. It changes nothing that the other would not.
pub async fn carried(sent: Sent) -> Result<HttpResponse, Problem> {
    due(&sent.visitor, sent.fields.raw("request")).await
}

async fn due(visitor: &Visitor, request: &str) -> Result<HttpResponse, Problem> {
    let Some(interaction) = Interaction::open(visitor, request)? else { return Ok(lost(visitor)) };
    if let Some(done) = finish::if_done(visitor, &interaction).await? {
        return Ok(done);
    }
    show(visitor, StatusCode::OK, &interaction, Form::default()).await
}

/// A form with the request that it belongs to.
struct Opened {
    visitor: Visitor,
    fields: Fields,
    interaction: Interaction,
}

/// What has to vouch for a form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vouched {
    /// The token of its page: what is said counts for whoever is signed in.
    ByToken,
    /// The token, or the browser's word that a page of ours sent it: the form itself says who it is. So a password that was typed
    /// on a page that was open for too long, or after its cookie went, is not typed in vain.
    ByBrowser,
}

/// Opens the request of a form, or gives the answer that says why not.
async fn open(sent: Sent, vouched: Vouched) -> Result<Opened, Result<HttpResponse, Problem>> {
    let Sent { visitor, fields, is_ours, is_of_this_site } = sent;
    let is_ours = is_ours || (vouched == Vouched::ByBrowser && is_of_this_site);
    let interaction = match Interaction::open(&visitor, fields.raw("request")) {
        Ok(Some(interaction)) => interaction,
        Ok(None) => return Err(Ok(lost(&visitor))),
        Err(problem) => return Err(Err(problem)),
    };
    if !is_ours {
        let message = "The page was open for too long, or the form came from elsewhere. Try again";
        let form = fields.keep(&["email"]).refused(&Problem::forbidden("csrf", message));
        return Err(show(&visitor, StatusCode::FORBIDDEN, &interaction, form).await);
    }
    Ok(Opened { visitor, fields, interaction })
}

macro_rules! opened {
    ($sent:expr, $vouched:ident) => {
        match open($sent, Vouched::$vouched).await {
            Ok(step) => step,
            Err(answer) => return answer,
        }
    };
}

/// `POST /login/email`: who it is. Everybody gets on to the password, so nobody learns here who has an account.
pub async fn email(sent: Sent) -> Result<HttpResponse, Problem> {
    let Opened { visitor, fields, mut interaction } = opened!(sent, ByBrowser);
    let email: String = fields.text("email").chars().take(254).collect();
    interaction.named = !email.is_empty();
    interaction.email = Some(email);
    go_on(&visitor, interaction).await
}

/// `POST /login/password`.
pub async fn password(sent: Sent) -> Result<HttpResponse, Problem> {
    let Opened { visitor, fields, mut interaction } = opened!(sent, ByBrowser);
    let from = origin(&visitor.http, &visitor.stack);
    let wish = match (finish::step(&visitor, &interaction)?, interaction.request.tenant) {
        (Step::StepUp(tenant), _) | (_, Some(tenant)) => TenantChoice::In(tenant),
        _ => TenantChoice::Home,
    };
    let email = fields.text("email");
    let (password, known) = (fields.secret("password"), device::read(&visitor.http, &visitor.stack));
    let attempt = Attempt { email, password, wish, origin: &from, device: known.as_ref(), admins_only: false };
    match authentication::check_password(&visitor.stack, attempt).await {
        Ok(Next::Done(proven)) => come_in(&visitor, interaction, &proven, &from).await,
        Ok(Next::SecondFactor(challenge)) => {
            interaction.half = Some(PendingFactor::Code(challenge.mfa_token));
            go_on(&visitor, interaction).await
        }
        Ok(Next::Enrol(challenge)) => {
            interaction.half = Some(PendingFactor::Enrol(challenge.mfa_token));
            go_on(&visitor, interaction).await
        }
        Err(problem) => {
            let (status, form) = words(fields.keep(&["email"]), problem, authentication::WRONG)?;
            show(&visitor, status, &interaction, form).await
        }
    }
}

/// `POST /login/code`: of the app, or a recovery code.
pub async fn code(sent: Sent) -> Result<HttpResponse, Problem> {
    let Opened { visitor, fields, mut interaction } = opened!(sent, ByBrowser);
    let from = origin(&visitor.http, &visitor.stack);
    let Some(PendingFactor::Code(token)) = &interaction.half else { return go_on(&visitor, interaction).await };
    let known = device::read(&visitor.http, &visitor.stack);
    match authentication::second_factor(&visitor.stack, token, &fields.secret("code"), &from, known.as_ref()).await {
        Ok(proven) => come_in(&visitor, interaction, &proven, &from).await,
        Err(problem) => {
            let (status, form) = about_the_code(&mut interaction, problem)?;
            show(&visitor, status, &interaction, form).await
        }
    }
}

/// `POST /login/enrol`: the first code of a new app. The answer shows the recovery codes once.
pub async fn enrol(sent: Sent) -> Result<HttpResponse, Problem> {
    let Opened { visitor, fields, mut interaction } = opened!(sent, ByToken);
    let from = origin(&visitor.http, &visitor.stack);
    let Some(PendingFactor::Enrol(token)) = &interaction.half else { return go_on(&visitor, interaction).await };
    let known = device::read(&visitor.http, &visitor.stack);
    match authentication::confirm_enrolment(&visitor.stack, token, &fields.secret("code"), &from, known.as_ref()).await
    {
        Ok((proven, codes)) => {
            let (started, interaction) = session(&visitor, interaction, &proven, &from).await?;
            let mut answer = HttpResponse::Ok();
            set_session(&visitor, &mut answer, &started)?;
            let sealed = interaction.seal(&visitor).ok_or_else(too_long)?;
            Ok(html(&mut answer, &super::view::enrolled(&codes, &sealed)))
        }
        Err(problem) => {
            let (status, form) = about_the_code(&mut interaction, problem)?;
            show(&visitor, status, &interaction, form).await
        }
    }
}

/// `POST /login/account`: the account is the right one, in this tenant; or another one is wanted.
pub async fn account(sent: Sent) -> Result<HttpResponse, Problem> {
    let Opened { visitor, fields, mut interaction } = opened!(sent, ByToken);
    let chosen = fields.raw("tenant");
    if chosen == "other" {
        interaction.other_account = true;
        (interaction.named, interaction.email, interaction.half) = (false, None, None);
    } else if let Some(signed_in) = &visitor.signed_in
        && let Some(tenant) = TenantId::parse(chosen)
    {
        interaction.progress.account_chosen = true;
        interaction.progress.tenant = Some(tenant);
        interaction.session = Some(signed_in.session.id);
    }
    go_on(&visitor, interaction).await
}

/// `POST /login/consent`: yes or no. Only a form of our page can say yes.
pub async fn consent(sent: Sent) -> Result<HttpResponse, Problem> {
    let Opened { visitor, fields, mut interaction } = opened!(sent, ByToken);
    // What was said counts for the tenant that the page named, also when the request has begun anew since then.
    interaction.progress.tenant = TenantId::parse(fields.raw("tenant"));
    let due = match finish::step(&visitor, &interaction)? {
        Step::Consent(tenant) if Some(tenant) == interaction.progress.tenant => {
            visitor.signed_in.as_deref().zip(Some(tenant))
        }
        _ => None,
    };
    if fields.raw("decision") == "allow" {
        let Some((_, tenant)) = due else { return go_on(&visitor, interaction).await };
        let application = interaction.application(&visitor.stack.store.read())?;
        return finish::issue(&visitor, &interaction, tenant, Some(application)).await;
    }
    let request = &interaction.request;
    if let Some((signed_in, tenant)) = due {
        let (snapshot, now) = (visitor.stack.store.read(), visitor.stack.now());
        let event = consent::refused(&snapshot, &signed_in.actor, request.application, tenant, &request.scope, now)?;
        visitor.stack.audit_later(event);
    }
    Ok(finish::cancel(&visitor, &request.back))
}

/// `POST /login/cancel`: back to the client without signing in.
pub async fn cancel(sent: Sent) -> Result<HttpResponse, Problem> {
    let Opened { visitor, interaction, .. } = opened!(sent, ByToken);
    Ok(finish::cancel(&visitor, &interaction.request.back))
}

/// What a refusal says on the page, and with which status; anything else is no refusal.
fn words(form: Form, problem: Problem, wrong: &'static str) -> Result<(StatusCode, Form), Problem> {
    let (status, message) = match problem.kind {
        Kind::Unauthenticated => (StatusCode::UNAUTHORIZED, wrong.to_owned()),
        Kind::RateLimited { retry_after_secs } => {
            (StatusCode::TOO_MANY_REQUESTS, too_many(&problem.message, retry_after_secs))
        }
        _ => return Err(problem),
    };
    Ok((status, form.refused(&Problem::new(problem.kind, problem.code, message))))
}

/// As [`words`], for a code. One whose time is over leads back to the password.
fn about_the_code(interaction: &mut Interaction, problem: Problem) -> Result<(StatusCode, Form), Problem> {
    match problem.code {
        "invalid_code" => Ok((StatusCode::UNAUTHORIZED, Form::default().error("code", problem.message))),
        "invalid_mfa_token" => {
            interaction.half = None;
            words(Form::default(), problem, "The sign-in took too long, or was finished already. Begin again")
        }
        _ => words(Form::default(), problem, authentication::WRONG),
    }
}

fn too_long() -> Problem {
    Problem::internal("a request grew too long on its way")
}

async fn come_in(
    visitor: &Visitor,
    interaction: Interaction,
    proven: &Proven,
    from: &Origin,
) -> Result<HttpResponse, Problem> {
    let (started, interaction) = session(visitor, interaction, proven, from).await?;
    finish::lead_on(visitor, &interaction, |answer| set_session(visitor, answer, &started))
}

fn set_session(visitor: &Visitor, answer: &mut HttpResponseBuilder, started: &Started) -> Result<(), Problem> {
    answer.cookie(cookie::session(&visitor.http, &visitor.stack, started.cookie.expose()));
    device::remember(&visitor.http, &visitor.stack, started.session.user, answer)
}

/// The session after a sign-in, and the request as it goes on. Whatever cookie the browser had is dead: the session of
/// the same user goes on under a new one, so that their other applications stay signed in; another user's ends.
async fn session(
    visitor: &Visitor,
    mut interaction: Interaction,
    proven: &Proven,
    from: &Origin,
) -> Result<(Started, Interaction), Problem> {
    let (stack, now) = (&visitor.stack, visitor.stack.now());
    let before =
        visitor.signed_in.as_ref().map(|before| (before.actor.clone(), before.session.id, before.session.user));
    let started = match before {
        Some((actor, id, user)) if user == proven.user().id => {
            authentication::renew_session(stack, proven, &actor, id).await?
        }
        before => {
            if let Some((actor, id, _)) = before {
                stack.store.write(move |tx| sessions::end(tx, &actor, id, now)).await?;
            }
            authentication::start_session(stack, proven, from).await?
        }
    };
    interaction.session = Some(started.session.id);
    interaction.progress.signed_in = true;
    interaction.progress.account_chosen = true;
    interaction.other_account = false;
    interaction.half = None;
    Ok((started, interaction))
}
