//! Changing a user: name and address, switching off, links by mail, sessions, and taking the account away.

use super::super::retention::Retention;
use super::deleted::taken;
use super::named::{found, is_me, may, none};
use super::view::{self, ROOT};
use crate::access::{Granted, permit};
use crate::apps;
use crate::base::id::UserId;
use crate::base::{DisplayName, Email, Kind, Problem};
use crate::http::kit::form::Reading;
use crate::http::kit::parts::{Confirm, Form, Undo};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::mailed_links;
use crate::oauth::consent;
use crate::people::{self, PhoneNumber, ProfileChange, Status, User, UserPatch};
use crate::sessions;
use crate::store::{Versioned, WriteTx};
use actix_web::{HttpResponse, web};
use maud::{Markup, html};

/// The codes by which a service says that what somebody signs in with is others' to change too.
const ELSEWHERE: [&str; 2] = ["member_elsewhere", "not_home_tenant"];

/// The user that an address names, if the reader may change them.
fn mine(ctx: &Ctx, id: &str) -> Result<(User, Granted<permit::WriteUsers>), Problem> {
    let granted = ctx.widest::<permit::WriteUsers>()?;
    let snapshot = ctx.stack.store.read();
    let user = found(ctx, &snapshot, id)?;
    people::get_to_change(&snapshot, &granted, user.id, ctx.stack.now())?;
    Ok((user, granted))
}

/// As [`mine`], for what the user signs in with.
pub(super) fn mine_to_secure(ctx: &Ctx, id: &str) -> Result<(User, Granted<permit::WriteUsers>), Problem> {
    let granted = ctx.widest::<permit::WriteUsers>()?;
    let snapshot = ctx.stack.store.read();
    let user = found(ctx, &snapshot, id)?;
    people::get_to_secure(&snapshot, &granted, user.id, ctx.stack.now())?;
    Ok((user, granted))
}

/// The form to change a user. The address is as it stands where it is others' to change.
fn body(ctx: &Ctx, user: &User, form: &Form) -> Result<Markup, Problem> {
    let may = may(ctx, &ctx.stack.store.read(), user.id)?;
    Ok(view::edit(user, form, may, &ctx.csrf()))
}

/// The form of a user as they are.
fn values(user: &User) -> Form {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let form = Form::with([
        ("email", user.email.to_string()),
        ("first_name", text(user.first_name.as_ref().map(DisplayName::as_str))),
        ("last_name", text(user.last_name.as_ref().map(DisplayName::as_str))),
        ("display_name", text(user.display_name.as_ref().map(DisplayName::as_str))),
        ("phone_number", text(user.profile.phone_number.as_ref().map(PhoneNumber::as_str))),
    ]);
    form.at(user.version())
}

/// `GET /admin/people/users/{id}/edit`.
pub async fn edit_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, _) = mine(&ctx, &id)?;
    ctx.page("Edit user", nav::USERS, &body(&ctx, &user, &values(&user))?)
}

/// `POST /admin/people/users/{id}/edit`.
pub async fn edit(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, granted) = mine(&ctx, &id)?;
    let mut read = Reading::of(&fields, view::PROFILE);
    let patch = UserPatch {
        email: read.required(&view::EMAIL, Email::parse),
        first_name: read.optional(&view::FIRST_NAME, DisplayName::parse),
        last_name: read.optional(&view::LAST_NAME, DisplayName::parse),
        display_name: read.optional(&view::DISPLAY_NAME, DisplayName::parse),
        profile: ProfileChange {
            phone_number: read.optional(&view::PHONE_NUMBER, PhoneNumber::parse),
            ..ProfileChange::default()
        },
        ..UserPatch::default()
    };
    let mut form = read.done();
    if form.is_good() {
        let (id, now, wanted) = (user.id, ctx.stack.now(), patch.email.clone());
        let seen = fields.seen();
        let write = move |tx: &mut WriteTx<'_>| {
            seen.check(people::user(tx, id)?.as_ref())?;
            people::update(tx, &granted, id, &patch, now)
        };
        match ctx.stack.store.write(write).await {
            Ok(changed) => return Ok(ctx.done(&view::address(changed.id), "The changes are saved.")),
            Err(problem) if problem.kind == Kind::Stale => {
                form = fields.met(view::PROFILE, values(&mine(&ctx, &user.id.to_string())?.0));
            }
            Err(problem) if ELSEWHERE.contains(&problem.code) => {
                form = fields.form(view::PROFILE).fault(&problem).error("email", view::NOT_OURS);
            }
            Err(problem) => form = taken(&ctx, fields.form(view::PROFILE), problem, wanted.as_ref())?,
        }
    }
    ctx.refused_page("Edit user", nav::USERS, &form, &body(&ctx, &user, &form)?)
}

/// `GET /admin/people/users/{id}/disable`.
pub async fn disable_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, _) = mine_to_secure(&ctx, &id)?;
    let (back, csrf, form) = (view::address(user.id), ctx.csrf(), Form::default());
    let action = format!("{back}/disable");
    let question = Confirm::destructive(
        "Disable the user?",
        "Disable user",
        (&action, &back),
        (&csrf, &form),
        html! {
            p { strong { (user.called()) } " is signed out everywhere and cannot sign in; their tokens and API keys stop working." }
            p.muted { "Nothing is deleted. Enabled again, they sign in as before." }
        },
    );
    ctx.confirm(nav::USERS, &question)
}

/// `POST /admin/people/users/{id}/disable`.
pub async fn disable(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    set_status(&ctx, &id, Status::Disabled, "is switched off, and signed out everywhere.").await
}

/// `POST /admin/people/users/{id}/enable`.
pub async fn enable(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    set_status(&ctx, &id, Status::Active, "can sign in again.").await
}

async fn set_status(ctx: &Ctx, id: &str, status: Status, words: &str) -> Result<HttpResponse, Problem> {
    let (user, granted) = mine_to_secure(ctx, id)?;
    let patch = UserPatch { status: Some(status), ..UserPatch::default() };
    let (id, now) = (user.id, ctx.stack.now());
    let changed = ctx.stack.store.write(move |tx| people::update(tx, &granted, id, &patch, now)).await?;
    let (page, message) = (view::address(changed.id), format!("{} {words}", changed.email));
    // What switches somebody off is undone by what switches them on, for whoever may do the one.
    let undo = (status == Status::Disabled).then(|| Undo::at(format!("{page}/enable")));
    Ok(ctx.done_but(&page, &message, undo))
}

/// `GET /admin/people/users/{id}/reset-password`.
pub async fn send_reset_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, _) = mine_to_secure(&ctx, &id)?;
    let (back, csrf, form) = (view::address(user.id), ctx.csrf(), Form::default());
    let action = format!("{back}/reset-password");
    let question = Confirm::plain(
        "Mail a link for a new password?",
        "Mail the link",
        (&action, &back),
        (&csrf, &form),
        html! {
            p { "A link goes to " strong { (user.email) } ". It works once, for an hour." }
            p.muted { "The password stays as it is until the link is used; then all sessions end." }
        },
    );
    ctx.confirm(nav::USERS, &question)
}

/// `POST /admin/people/users/{id}/reset-password`.
pub async fn send_reset(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, granted) = (mine_to_secure(&ctx, &id)?.0, ctx.widest()?);
    mailed_links::send_reset(&ctx.stack, granted, user.id).await?;
    Ok(ctx.done(&view::address(user.id), &on_its_way(&ctx, &user, "A link for a new password")))
}

/// `POST /admin/people/users/{id}/resend-invitation`.
pub async fn resend(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, granted) = mine(&ctx, &id)?;
    mailed_links::resend_invitation(&ctx.stack, granted, user.id).await?;
    Ok(ctx.done(&view::address(user.id), &on_its_way(&ctx, &user, "The invitation")))
}

fn on_its_way(ctx: &Ctx, user: &User, what: &str) -> String {
    if ctx.stack.mailer().is_some() {
        format!("{what} is on its way to {}.", user.email)
    } else {
        format!("{what} for {} waits in the outbox, because no mail server is set.", user.email)
    }
}

/// `POST /admin/people/users/{id}/end-sessions`.
pub async fn end_sessions(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let user = found(&ctx, &ctx.stack.store.read(), &id)?;
    let granted = ctx.widest::<permit::EndSessions>()?;
    let (id, now): (UserId, _) = (user.id, ctx.stack.now());
    let ended = ctx.stack.store.write(move |tx| sessions::end_user_within(tx, &granted, id, now)).await?.len();
    let plural = if ended == 1 { "session has" } else { "sessions have" };
    Ok(ctx.done(&view::address(id), &format!("{ended} {plural} ended.")))
}

/// `POST /admin/people/users/{id}/withdraw`: takes an application's consent from the user, in the tenants that the viewer manages.
pub async fn withdraw(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let user = found(&ctx, &ctx.stack.store.read(), &id)?;
    let granted = ctx.widest::<permit::WriteUsers>()?;
    let none = || Problem::not_found("consent_not_found", "The user has not authorised this application here");
    let application = apps::parse_client_id(fields.text("client_id")).ok_or_else(none)?;
    let (id, now): (UserId, _) = (user.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| consent::withdraw(tx, &granted, id, application, now)).await?;
    Ok(ctx
        .done(&view::address(id), "The application can no longer act for the user; it asks again at the next sign-in."))
}

/// `GET /admin/people/users/{id}/delete`.
pub async fn delete_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, _) = mine_to_secure(&ctx, &id)?;
    ask_to_delete(&ctx, &user, &Form::default())
}

fn ask_to_delete(ctx: &Ctx, user: &User, form: &Form) -> Result<HttpResponse, Problem> {
    let (back, csrf) = (view::address(user.id), ctx.csrf());
    ctx.confirm(nav::USERS, &view::delete(user, Retention::of(ctx), (&format!("{back}/delete"), &back), &csrf, form))
}

/// `POST /admin/people/users/{id}/delete`.
pub async fn delete(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, _) = mine_to_secure(&ctx, &id)?;
    if fields.text("confirm_name") != user.email.as_str() {
        let form = fields.keep(&["confirm_name"]).error("confirm_name", "is not the e-mail of the user");
        return ask_to_delete(&ctx, &user, &form);
    }
    if is_me(&ctx, user.id) {
        return Err(none());
    }
    let granted = ctx.widest::<permit::DeleteUsers>()?;
    let (id, now) = (user.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| people::delete(tx, &granted, id, now)).await?;
    Ok(ctx.done(ROOT, &format!("{} is deleted. {}", user.email, Retention::of(&ctx).words("address"))))
}
