//! What the command line asks of the running server, over the local socket only: to everybody else nothing is here.

mod backup;
mod chain;
mod keys;
mod rows;
mod slots;

use super::extract::{Caller, OptionalJson};
use super::route::Surface;
use crate::access::permit;
use crate::access::{Actor, Granted, Place};
use crate::audit::{self, Event, Packed};
use crate::base::{Email, Problem, Timestamp};
use crate::catalogue::Action;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::route;
use crate::setup::{self, Purpose};
use crate::stack::Stack;
use crate::store::file::DataFile;
use crate::store::{Paging, StoreError, WriteTx};
use crate::{apps, people, tenancy};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

type Services = web::Data<Stack>;

/// The routes that answer on the local socket.
pub static SURFACE: Surface = Surface {
    name: "operator",
    fronts: &["/api/v1/operator/"],
    routes: &[
        route!(GET "/api/v1/operator/info" Local info => InstanceRead),
        route!(POST "/api/v1/operator/backup" Local backup::make => InstanceBackup),
        route!(GET "/api/v1/operator/key-slots" Local slots::list => KeySlotList),
        route!(POST "/api/v1/operator/key-slots" Local slots::add => KeySlotAdd),
        route!(DELETE "/api/v1/operator/key-slots/{key_id}" Local slots::remove => KeySlotRemove),
        route!(POST "/api/v1/operator/audit/verify" Local chain::verify => AuditVerify),
        route!(POST "/api/v1/operator/check" Local rows::check => InstanceCheck),
        route!(POST "/api/v1/operator/recover-admin" Local recover_admin => InstanceRecoverAdmin),
        route!(POST "/api/v1/operator/rotate-keys" Local keys::rotate => SigningKeyActivate),
    ],
    dialect: super::scaikey::dialect,
    limited: false,
};

fn ok(body: &Value) -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(body)
}

/// The permission to run the instance.
fn operate(actor: &Arc<Actor>) -> Result<Granted<permit::Operate>, Problem> {
    Ok(actor.grant::<permit::Operate>(Place::Platform)?)
}

/// The handle on the data file.
fn file(stack: &Stack) -> Result<DataFile, Problem> {
    stack.file.clone().ok_or_else(|| Problem::conflict("no_data_file", "This server keeps its data in memory only"))
}

/// Something that the operator did to the instance.
fn event(granted: &Granted<permit::Operate>, now: Timestamp, action: Action) -> Event {
    Event::by(granted.actor(), now, Place::Platform, action)
}

/// Keeps an event, and waits until it is on the disk.
async fn record(stack: &Stack, event: Event) -> Result<(), Problem> {
    let event = Packed::from(event);
    stack
        .store
        .write(move |tx: &mut WriteTx<'_>| -> Result<(), StoreError> {
            audit::append(tx, event.clone());
            Ok(())
        })
        .await
        .map_err(Problem::from)
}

/// 32 bytes in hexadecimal digits.
fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `GET /info`: version, file, and how much there is.
async fn info(stack: Services, Caller(actor): Caller) -> Result<HttpResponse, Problem> {
    operate(&actor)?;
    let snapshot = stack.store.read();
    let (one, all) = (Paging::new(1, 1)?, Place::Platform);
    let partners = tenancy::list_partners(&snapshot, &actor.grant(all)?, &Default::default(), one)?.total;
    let tenants = tenancy::list_tenants(&snapshot, &actor.grant(all)?, &Default::default(), one)?.total;
    let users = people::list(&snapshot, &actor.grant(all)?, &Default::default(), one)?.total;
    let applications = apps::list(&snapshot, &actor.grant(all)?, &Default::default(), one)?.total;
    let head = audit::head(&snapshot)?;
    let file = stack.file.as_ref().map(DataFile::info).transpose().map_err(Problem::internal)?;
    Ok(ok(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "public_url": stack.public_url(),
        "now": stack.now().iso_millis(),
        "uptime_secs": stack.now().secs().saturating_sub(stack.started_at.secs()),
        "setup_needed": setup::needed(&snapshot)?,
        "counts": { "partners": partners, "tenants": tenants, "users": users, "applications": applications },
        "audit_head": { "number": head.number, "code": hex(&head.code) },
        "data_file": file.map(|file| json!({
            "path": file.path,
            "file_id": file.file_id,
            "format": file.format,
            "created_at": file.created_at.iso_secs(),
            "bytes": file.len,
            "key_slots": file.slots.iter().map(slots::render).collect::<Vec<_>>(),
            "preamble_repaired": file.preamble_repaired,
            "header_copy_lost": file.header_copy_lost,
        })),
    })))
}

/// The body of `POST /recover-admin`.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Recover {
    /// Whose sign-in is to be renewed: looked up so that a typo is noticed here, not on the page.
    user_email: Option<Email>,
}

fn no_user() -> Problem {
    Problem::not_found("user_not_found", "There is no such user")
}

/// `POST /recover-admin`: a new one-time link, by which whoever opens it becomes an administrator. An older one is dead.
async fn recover_admin(
    stack: Services,
    Caller(actor): Caller,
    OptionalJson(body): OptionalJson<Recover>,
) -> Result<HttpResponse, Problem> {
    let granted = operate(&actor)?;
    let user = match body.unwrap_or_default().user_email {
        Some(email) => Some(people::by_email(&stack.store.read(), &email)?.ok_or_else(no_user)?.id),
        None => None,
    };
    let token = token::make(TokenKind::SetupLink);
    let (digest, now) = (TokenDigest::of(token.expose()), stack.now());
    let link = stack
        .store
        .write(move |tx| {
            let row = event(&granted, now, Action::InstanceRecoverAdmin);
            audit::append(tx, if let Some(user) = user { row.on("user", user) } else { row });
            setup::new_link(tx, digest, Purpose::Recover, now)
        })
        .await?;
    Ok(ok(&json!({
        "url": format!("{}/setup?token={}", stack.public_url(), token.expose()),
        "expires_at": link.expires_at.map(Timestamp::iso_secs),
    })))
}
