//! `/admin/settings/outbox`: mails that wait, were sent, or were given up.

mod view;
pub(in crate::http::ui::pages) use view::ROOT;

use crate::access::permit;
use crate::base::id::MailId;
use crate::base::{Id, Problem};
use crate::http::kit::list::{Act, Asked, List};
use crate::http::kit::parts::Form;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::http::ui::selected::{Deed, run};
use crate::mail::{self, Mail, OutboxFilter, State};
use actix_web::{HttpResponse, web};
use std::sync::Arc;

/// `GET /admin/settings/outbox`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.platform::<permit::ManageOutbox>()?;
    let filter = OutboxFilter { search: asked.search(), state: State::parse(asked.value("state")) };
    let (mut list, snapshot) = (List::at(ROOT, &asked, view::filters()), ctx.stack.store.read());
    let mails = list.sorted(&view::SORTING, "mail", |window| mail::slice(&snapshot, &granted, &filter, window))?;
    let server = ctx.stack.mailer().is_some();
    ctx.page("Outbox", nav::OUTBOX, &view::list(&list, &mails, server, &ctx.csrf(), ctx.stack.now()))
}

fn found(ctx: &Ctx, id: &str) -> Result<Mail, Problem> {
    let none = || Problem::not_found("mail_not_found", "There is no such mail in the outbox");
    let granted = ctx.platform::<permit::ManageOutbox>()?;
    mail::get(&ctx.stack.store.read(), &granted, MailId::parse(id).ok_or_else(none)?)
}

/// `GET /admin/settings/outbox/{id}`: all but what the mail says.
pub async fn one(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mail = found(&ctx, &id)?;
    ctx.page(&mail.subject, nav::OUTBOX, &view::one(&mail, None, &ctx.csrf(), ctx.stack.now()))
}

/// `POST /admin/settings/outbox/{id}/open`: what it says, with its link, to somebody who has signed in a short while ago.
pub async fn open(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mail = found(&ctx, &id)?;
    let granted = ctx.platform::<permit::RevealMail>()?;
    let (id, now, keyring) = (mail.id, ctx.stack.now(), Arc::clone(&ctx.stack.keyring));
    let (mail, content) = ctx.stack.store.write(move |tx| mail::reveal(tx, &keyring, &granted, id, now)).await?;
    let body = view::one(&mail, Some(&content), &ctx.csrf(), now);
    ctx.page(&mail.subject, nav::OUTBOX, &body)
}

/// `POST /admin/settings/outbox/{id}/retry`.
pub async fn retry(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mail = found(&ctx, &id)?;
    let (granted, id, now) = (ctx.platform::<permit::ManageOutbox>()?, mail.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| mail::retry(tx, &granted, id, now)).await?;
    Ok(ctx.done(&view::address(id), "It is tried again now."))
}

/// `GET /admin/settings/outbox/{id}/delete`.
pub async fn delete_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mail = found(&ctx, &id)?;
    let (back, csrf, form) = (view::address(mail.id), ctx.csrf(), Form::default());
    ctx.confirm(nav::OUTBOX, &view::delete(&mail, &format!("{back}/delete"), &back, &csrf, &form))
}

/// `POST /admin/settings/outbox/{id}/delete`.
pub async fn delete(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mail = found(&ctx, &id)?;
    let (granted, id, now) = (ctx.platform::<permit::ManageOutbox>()?, mail.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| mail::delete(tx, &granted, id, now)).await?;
    Ok(ctx.done(ROOT, "The mail is deleted."))
}

const fn deed<'a>(act: &'a Act, verb: &'a str, done: &'a str, means: &'a str) -> Deed<'a> {
    let asks = maud::PreEscaped(String::new());
    let (action, destructive) = (act.action, act.destructive);
    Deed { section: nav::OUTBOX, list: ROOT, action, what: "mail", verb, done, means, destructive, asks }
}

/// `POST /admin/settings/outbox/selected/retry`.
pub async fn retry_selected(posted: Posted) -> Result<HttpResponse, Problem> {
    let (ctx, now) = (&posted.ctx, posted.ctx.stack.now());
    let deed = deed(&view::RETRY, "Send", "tried again now", "Each is tried again now, whenever it was due.");
    let find = |id: &str| found(ctx, id).map(|mail| (named(&mail), mail.id));
    run(&posted, &deed, find, async |id| {
        let granted = ctx.widest::<permit::ManageOutbox>()?;
        ctx.stack.store.write(move |tx| mail::retry(tx, &granted, id, now)).await.map(|_| ())
    })
    .await
}

/// `POST /admin/settings/outbox/selected/delete`.
pub async fn delete_selected(posted: Posted) -> Result<HttpResponse, Problem> {
    let (ctx, now) = (&posted.ctx, posted.ctx.stack.now());
    let means = "What was not sent yet is not sent, and its text and link are gone for good.";
    let deed = deed(&view::DELETE, "Delete", "deleted", means);
    let find = |id: &str| found(ctx, id).map(|mail| (named(&mail), mail.id));
    run(&posted, &deed, find, async |id| {
        let granted = ctx.widest::<permit::ManageOutbox>()?;
        ctx.stack.store.write(move |tx| mail::delete(tx, &granted, id, now)).await
    })
    .await
}

fn named(mail: &Mail) -> String {
    format!("{}: {}", mail.to, mail.subject)
}
