//! Second factors: an app, recovery codes.

use super::reader::oneself;
use super::view::{self, FACTORS};
use crate::access::{Granted, permit};
use crate::base::{Kind, Problem, Secret};
use crate::http::kit::parts::{Form, too_many};
use crate::http::ui::context::Ctx;
use crate::http::ui::posted::Posted;
use crate::{authentication, mfa};
use actix_web::HttpResponse;

/// What recovery codes are kept under until they are shown.
const CODES: &str = "recovery codes";

/// What was wrong with a code, beside its field; anything else is not about the code.
fn about_the_code(problem: Problem) -> Result<Form, Problem> {
    match (problem.code, problem.kind) {
        ("invalid_code", _) => Ok(Form::default().error("code", problem.message)),
        (_, Kind::RateLimited { retry_after_secs }) => {
            let message = too_many(&problem.message, retry_after_secs);
            Ok(Form::default().refused(&Problem::new(problem.kind, problem.code, message)))
        }
        _ => Err(problem),
    }
}

/// The permission, after the password if the sign-in is a while ago: the refusal of a page becomes the question for it.
fn just_signed_in(ctx: &Ctx) -> Result<Granted<permit::OwnFactors>, Problem> {
    oneself(ctx)?;
    ctx.here()
}

/// To the page that shows new recovery codes once.
fn done_with(ctx: &Ctx, codes: &[Secret<String>]) -> HttpResponse {
    let text = Secret::new(codes.iter().map(|code| code.expose().as_str()).collect::<Vec<_>>().join(" "));
    ctx.done_once("/account/factors/codes", CODES, text.expose())
}

/// `GET /account/factors`.
pub async fn page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    let user = oneself(&ctx)?;
    let factors = mfa::factors(&ctx.stack.store.read(), user.id)?;
    let policy = authentication::mfa_policy(&ctx.stack, ctx.actor())?;
    ctx.page("Second factors", view::ROOT, &view::factors(&factors, policy, ctx.stack.now()))
}

async fn show_setup(ctx: &Ctx, form: &Form) -> Result<HttpResponse, Problem> {
    let setup = authentication::begin_totp(&ctx.stack, &just_signed_in(ctx)?).await?;
    let body = view::setup(&setup, form, &ctx.csrf());
    let title = "Set up an authenticator app";
    ctx.form_page(title, view::ROOT, form, &body)
}

/// `GET /account/factors/setup`: the same until the first code.
pub async fn setup_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    show_setup(&ctx, &Form::default()).await
}

/// `POST /account/factors/setup`: the first code.
pub async fn setup(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = just_signed_in(&ctx)?;
    match authentication::confirm_totp(&ctx.stack, &granted, &fields.secret("code")).await {
        Ok(codes) => Ok(done_with(&ctx, &codes)),
        Err(problem) => show_setup(&ctx, &about_the_code(problem)?).await,
    }
}

/// `GET /account/factors/codes`: new recovery codes, once.
pub async fn codes(ctx: Ctx) -> Result<HttpResponse, Problem> {
    oneself(&ctx)?;
    ctx.once("Recovery codes", view::ROOT, CODES, |text| {
        let codes: Vec<_> =
            text.unwrap_or_default().split_whitespace().map(|code| Secret::new(code.to_owned())).collect();
        view::codes(&codes)
    })
}

fn show_new_codes(ctx: &Ctx, form: &Form) -> Result<HttpResponse, Problem> {
    let (title, body) = ("New recovery codes", view::new_codes(form, &ctx.csrf()));
    ctx.form_page(title, view::ROOT, form, &body)
}

/// `GET /account/factors/new-codes`.
pub async fn new_codes_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    just_signed_in(&ctx)?;
    show_new_codes(&ctx, &Form::default())
}

/// `POST /account/factors/new-codes`.
pub async fn new_codes(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = just_signed_in(&ctx)?;
    match authentication::regenerate_recovery_codes(&ctx.stack, &granted, &fields.secret("code")).await {
        Ok(codes) => Ok(done_with(&ctx, &codes)),
        Err(problem) => show_new_codes(&ctx, &about_the_code(problem)?),
    }
}

fn show_disable(ctx: &Ctx, form: &Form) -> Result<HttpResponse, Problem> {
    let (title, body) = ("Turn the second factor off", view::disable(form, &ctx.csrf()));
    ctx.form_page(title, view::ROOT, form, &body)
}

/// `GET /account/factors/disable`.
pub async fn disable_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    just_signed_in(&ctx)?;
    show_disable(&ctx, &Form::default())
}

/// `POST /account/factors/disable`.
pub async fn disable(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = just_signed_in(&ctx)?;
    match authentication::disable_totp(&ctx.stack, &granted, &fields.secret("code")).await {
        Ok(()) => Ok(ctx.done(FACTORS, "The second factor is off. Your password alone signs you in.")),
        Err(problem) => show_disable(&ctx, &about_the_code(problem)?),
    }
}
