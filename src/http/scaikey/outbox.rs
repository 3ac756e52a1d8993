//! `/api/v1/admin/outbox`: mails that wait, were sent, or were given up. For those who run the instance.

use super::list::{self as pages, PageQuery, enveloped};
use super::wire::{at, id_in_path, one_of, text};
use super::{Services, gone, ok};
use crate::access::permit;
use crate::access::widest;
use crate::base::Problem;
use crate::base::id::MailId;
use crate::http::extract::{Caller, Json, Query};
use crate::mail::{self, Mail, OutboxFilter, State};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// The filters of the list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Filter {
    search: Option<String>,
    status: Option<String>,
}

/// A mail, without what it says.
fn render(mail: &Mail) -> Value {
    json!({
        "id": mail.id,
        "tenant_id": mail.tenant,
        "user_id": mail.user,
        "to": mail.to,
        "template": mail.template.name(),
        "subject": mail.subject,
        "status": mail.state.name(),
        "attempts": mail.attempts,
        "next_attempt_at": at((mail.state == State::Waiting).then_some(mail.next_at)),
        "last_error": mail.last_error,
        "created_at": mail.created_at.iso_secs(),
        "sent_at": at(mail.sent_at),
        "link_expires_at": at(mail.expires_at),
    })
}

/// `GET /outbox`.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<Filter>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (paging, granted) = (page.paging()?, widest::<permit::ManageOutbox>(&actor)?);
    let filter = OutboxFilter {
        search: text(&filter.search).map(str::to_owned),
        state: one_of("status", &filter.status, State::parse, "WAITING, SENT, FAILED")?,
    };
    Ok(pages::render(&mail::list(&stack.store.read(), &granted, &filter, paging)?, render, &request))
}

/// `GET /outbox/{id}`.
pub async fn show(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::ManageOutbox>(&actor)?;
    let id: MailId = id_in_path(&id, "mail_not_found")?;
    Ok(ok(&render(&mail::get(&stack.store.read(), &granted, id)?)))
}

/// `DELETE /outbox/{id}`.
pub async fn delete(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::ManageOutbox>(&actor)?;
    let (id, now): (MailId, _) = (id_in_path(&id, "mail_not_found")?, stack.now());
    stack.store.write(move |tx| mail::delete(tx, &granted, id, now)).await?;
    Ok(gone())
}

/// `POST /outbox/{id}/retry`: tries it again at once.
pub async fn retry(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::ManageOutbox>(&actor)?;
    let (id, now): (MailId, _) = (id_in_path(&id, "mail_not_found")?, stack.now());
    let mail = stack.store.write(move |tx| mail::retry(tx, &granted, id, now)).await?;
    Ok(ok(&render(&mail)))
}

/// A body without members.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `POST /outbox/{id}/reveal`: the text and the link, for the command line on the server and for somebody who has just
/// signed in. No token leads here: the link signs in as its reader.
pub async fn reveal(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    Json(Nothing {}): Json<Nothing>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let granted = widest::<permit::RevealMail>(&actor)?;
    let (id, now): (MailId, _) = (id_in_path(&id, "mail_not_found")?, stack.now());
    let keyring = std::sync::Arc::clone(&stack.keyring);
    let (mail, content) = stack.store.write(move |tx| mail::reveal(tx, &keyring, &granted, id, now)).await?;
    let mut row = render(&mail);
    row["text"] = json!(content.text);
    row["link"] = json!(content.link);
    Ok(ok(&enveloped(row, &request)))
}
