//! `/admin/settings/outbox`: mails that wait, were sent, or were given up.

mod view;

use crate::access::permit;
use crate::base::id::MailId;
use crate::base::{Id, Problem};
use crate::http::kit::list::{Asked, List};
use crate::http::kit::parts::Form;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::mail::{self, Mail, OutboxFilter, State};
use actix_web::{HttpResponse, web};
use std::sync::Arc;
use view::ROOT;

/// `GET /admin/settings/outbox`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.platform::<permit::ManageOutbox>()?;
    let filter = OutboxFilter { search: asked.search(), state: State::parse(asked.value("state")) };
    let list = List::at(ROOT, &asked, view::filters());
    let mails = list.listed(mail::list(&ctx.stack.store.read(), &granted, &filter, asked.paging()?)?, "mail");
    let server = ctx.stack.mailer().is_some();
    ctx.page("Outbox", nav::OUTBOX, &view::list(&list, &mails, server, ctx.stack.now()))
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
