//! `/api/v1/admin/outbox`: mails that wait, were sent, or were given up. For those who run the instance.

use super::Services;
use super::list::{Enveloped, Page, PageQuery};
use super::wire::{at, id_in_path, one_of, text};
use crate::access::permit;
use crate::access::widest;
use crate::base::id::{MailId, TenantId, UserId};
use crate::base::{Email, Problem, Secret};
use crate::http::extract::{Caller, Json, Query};
use crate::http::reply::{Moment, NoContent, Reply, ShownOnce};
use crate::mail::{self, OutboxFilter, Sending, State, Template};
use actix_web::{HttpRequest, web};
use serde::{Deserialize, Serialize};

/// The filters of the list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MailQuery {
    /// The front of the address, or of a word of it or of the subject.
    search: Option<String>,
    /// `WAITING`, `SENT` or `FAILED`.
    status: Option<String>,
}

/// A mail in the outbox, without what it says.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Mail {
    id: MailId,
    /// The tenant in whose name it is sent.
    tenant_id: TenantId,
    /// The user that it is for.
    user_id: UserId,
    /// The address that it is sent to.
    to: Email,
    template: Template,
    /// The line that the reader sees first.
    subject: String,
    status: State,
    /// How often it was tried.
    attempts: u32,
    /// When it is tried next; null: it does not wait.
    next_attempt_at: Option<Moment>,
    /// What went wrong last.
    last_error: Option<String>,
    created_at: Moment,
    /// When the mail server took it.
    sent_at: Option<Moment>,
    /// When the link in it ends; null: there is none.
    link_expires_at: Option<Moment>,
}

/// A mail, with what it says.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RevealedMail {
    #[serde(flatten)]
    mail: Mail,
    /// What it says, for programs that show no HTML.
    text: ShownOnce,
    /// The link in it; null: there is none. It signs in whoever opens it.
    link: Option<ShownOnce>,
}

impl From<&mail::Mail> for Mail {
    fn from(mail: &mail::Mail) -> Self {
        Self {
            id: mail.id,
            tenant_id: mail.tenant,
            user_id: mail.user,
            to: mail.to.clone(),
            template: mail.template,
            subject: mail.subject.clone(),
            status: mail.state,
            attempts: mail.attempts,
            next_attempt_at: at((mail.state == State::Waiting).then_some(mail.next_at)),
            last_error: mail.last_error.clone(),
            created_at: Moment(mail.created_at),
            sent_at: at(mail.sent_at),
            link_expires_at: at(mail.expires_at),
        }
    }
}

/// `GET /outbox`: the mails that wait, were sent, or were given up, the oldest first.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<MailQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<Mail>>, Problem> {
    let (paging, granted) = (page.paging()?, widest::<permit::ManageOutbox>(&actor)?);
    let filter = OutboxFilter {
        search: text(&filter.search).map(str::to_owned),
        state: one_of("status", &filter.status, State::parse, "WAITING, SENT, FAILED")?,
    };
    let listed = mail::list(&stack.store.read(), &granted, &filter, paging)?;
    Ok(Page::of(&listed, |mail| Mail::from(mail), &request))
}

/// `GET /outbox/{id}`: shows one mail, without what it says.
pub async fn show(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<Reply<Mail>, Problem> {
    let granted = widest::<permit::ManageOutbox>(&actor)?;
    let id: MailId = id_in_path(&id, "mail_not_found")?;
    Ok(Reply(Mail::from(&mail::get(&stack.store.read(), &granted, id)?)))
}

/// `DELETE /outbox/{id}`: takes a mail out of the outbox; if it waits, it is not sent. The link in one that was sent still works
/// until it ends.
pub async fn delete(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<NoContent, Problem> {
    let granted = widest::<permit::ManageOutbox>(&actor)?;
    let (id, now): (MailId, _) = (id_in_path(&id, "mail_not_found")?, stack.now());
    stack.store.write(move |tx| mail::delete(tx, &granted, id, now)).await?;
    Ok(NoContent)
}

/// `POST /outbox/{id}/retry`: tries it again at once.
pub async fn retry(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<Reply<Mail>, Problem> {
    let granted = widest::<permit::ManageOutbox>(&actor)?;
    let (id, now): (MailId, _) = (id_in_path(&id, "mail_not_found")?, stack.now());
    let mail = stack.store.write(move |tx| mail::retry(tx, &granted, id, now)).await?;
    Ok(Reply(Mail::from(&mail)))
}

/// The body of `POST /outbox/test`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TestMail {
    /// Whom to send it to.
    to: Email,
}

/// How a test mail went.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TestedMail {
    /// Its id, which is in its Message-ID; it is in no outbox.
    id: MailId,
    /// The address that it was for.
    to: Email,
    /// The mail server of the settings; null: they name none.
    server: Option<String>,
    /// Whether the mail server has taken it.
    sent: bool,
    /// Why not, in the mail server's own words; null: it has.
    error: Option<String>,
}

/// `POST /outbox/test`: sends a mail now, past the outbox, that says only that mail works. The answer says how it went.
pub async fn test(
    stack: Services,
    Caller(actor): Caller,
    Json(TestMail { to }): Json<TestMail>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<TestedMail>>, Problem> {
    let granted = widest::<permit::ManageOutbox>(&actor)?;
    let (id, now): (MailId, _) = (stack.new_id(), stack.now());
    let (subject, content) = mail::test_mail(stack.public_url());
    let error = match stack.mailer() {
        None => Some("there is no mail server: set mail.smtp_host".to_owned()),
        Some(mailer) => match mailer.deliver(id, &to, &subject, &content).await {
            Ok(()) => None,
            Err(Sending::Again(words) | Sending::Never(words)) => Some(words),
        },
    };
    let sent = error.is_none();
    stack.store.write(move |tx| mail::note_test(tx, &granted, id, sent, now)).await?;
    let server = stack.mailer().map(|_| stack.config.mail.smtp_host.clone());
    Ok(Reply(Enveloped::new(TestedMail { id, to, server, sent, error }, &request)))
}

/// A body without members.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `POST /outbox/{id}/reveal`: shows the text and the link of a mail, for the command line on the server and for somebody who has just
/// signed in. No token leads here: the link signs in as its reader.
pub async fn reveal(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    Json(Nothing {}): Json<Nothing>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<RevealedMail>>, Problem> {
    let granted = widest::<permit::RevealMail>(&actor)?;
    let (id, now): (MailId, _) = (id_in_path(&id, "mail_not_found")?, stack.now());
    let keyring = std::sync::Arc::clone(&stack.keyring);
    let (mail, mut content) = stack.store.write(move |tx| mail::reveal(tx, &keyring, &granted, id, now)).await?;
    // What is left of the content is wiped; so is what is taken out of it, after it is written.
    let shown = |text| ShownOnce(Secret::new(text));
    let (text, link) = (shown(std::mem::take(&mut content.text)), content.link.take().map(shown));
    Ok(Reply(Enveloped::new(RevealedMail { mail: Mail::from(&mail), text, link }, &request)))
}
