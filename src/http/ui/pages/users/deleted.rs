//! Users who were deleted, and their way back.
//!
//! The address of somebody's page stays one of nobody once they are deleted: it says the same to those who could bring them
//! back as to those who may not know of them. The way back starts at the list.

use super::super::retention::Retention;
use super::named::none;
use super::{listing, view};
use crate::access::{Granted, permit};
use crate::base::id::UserId;
use crate::base::{Email, Id, Problem};
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::people::{self, User};
use crate::store::Read;
use actix_web::{HttpResponse, web};
use std::collections::BTreeSet;

/// How the list of those who were deleted is shown.
pub(super) fn how(ctx: &Ctx, tx: &impl Read, users: &[User]) -> listing::Deleted {
    let mut restorable = BTreeSet::new();
    if let Ok(granted) = ctx.widest::<permit::DeleteUsers>() {
        let can = |user: &&User| people::get_to_restore(tx, &granted, user.id, ctx.stack.now()).is_ok();
        restorable.extend(users.iter().filter(can).map(|user| user.id));
    }
    listing::Deleted { retention: Retention::of(ctx), restorable }
}

/// The user that an address names, if the reader may bring them back.
fn mine(ctx: &Ctx, id: &str) -> Result<(User, Granted<permit::DeleteUsers>), Problem> {
    let granted = ctx.widest::<permit::DeleteUsers>()?;
    let id = UserId::parse(id).ok_or_else(none)?;
    Ok((people::get_to_restore(&ctx.stack.store.read(), &granted, id, ctx.stack.now())?, granted))
}

/// `GET /admin/people/users/{id}/restore`.
pub async fn restore_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, _) = mine(&ctx, &id)?;
    ask(&ctx, &user, &Form::default())
}

fn ask(ctx: &Ctx, user: &User, form: &Form) -> Result<HttpResponse, Problem> {
    let (action, csrf) = (format!("{}/restore", view::address(user.id)), ctx.csrf());
    ctx.confirm(nav::USERS, &view::restore(user, &action, &csrf, form))
}

/// `POST /admin/people/users/{id}/restore`.
pub async fn restore(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, granted) = mine(&ctx, &id)?;
    let (id, now) = (user.id, ctx.stack.now());
    match ctx.stack.store.write(move |tx| people::restore(tx, &granted, id, now)).await {
        Ok(user) => {
            let words = format!("{} is restored, without a password: mail a link to set one.", user.email);
            Ok(ctx.done(&view::address(user.id), &words))
        }
        Err(problem) => ask(&ctx, &user, &refused(Form::default(), problem)?),
    }
}

/// The form that a service has refused for its e-mail. Where a deleted user has that one whom the reader can bring back, it says
/// so and leads there.
///
/// # Errors
/// What is not about the form.
pub(in crate::http::ui::pages) fn taken(
    ctx: &Ctx,
    form: Form,
    problem: Problem,
    email: Option<&Email>,
) -> Result<Form, Problem> {
    match email.filter(|_| problem.code == "email_taken").and_then(|email| holder(ctx, email)) {
        Some(user) => {
            let way_out = view::held_by(&user, Retention::of(ctx), ctx.stack.now());
            Ok(form.fault(&problem).error("email", "is that of a deleted user").way_out(way_out))
        }
        None => refused(form, problem),
    }
}

/// The deleted user who has an e-mail, if the reader can bring them back.
fn holder(ctx: &Ctx, email: &Email) -> Option<User> {
    let granted = ctx.widest::<permit::DeleteUsers>().ok()?;
    people::deleted_with_email(&ctx.stack.store.read(), &granted, email, ctx.stack.now()).ok()
}
