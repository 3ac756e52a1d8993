//! What the command line asks of the running server, over the local socket only: to everybody else nothing is here.

mod backup;
mod chain;
mod keys;
mod operating;
mod rows;
mod slots;

use super::extract::{Caller, OptionalJson};
use super::reply::{ExactMoment, Moment, Reply, ShownOnce};
use super::route::Surface;
use crate::access::Place;
use crate::audit;
use crate::base::{Email, Problem, Secret, Timestamp};
use crate::catalogue::Action;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::route;
use crate::setup::{self, Purpose};
use crate::stack::ProxyFault;
use crate::store::Paging;
use crate::store::file::{DataFile, FileInfo};
use crate::{apps, people, tenancy};
use chain::AuditHead;
use operating::{Services, event, operate};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
    in_popups: false,
};

/// The running server.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Instance {
    /// The version of the program.
    version: &'static str,
    /// The address at which the server is reached.
    public_url: String,
    /// The server's clock.
    now: ExactMoment,
    /// How long it has been running, in seconds.
    uptime_secs: i64,
    /// Whether there is no `super_admin` yet.
    setup_needed: bool,
    counts: Counts,
    audit_head: AuditHead,
    /// What requests have shown to be wrong with the proxies in front, since the start.
    proxy_faults: Vec<ProxyTrouble>,
    /// The file that it keeps its data in; null: it keeps them in memory only.
    data_file: Option<DataFileFacts>,
}

/// Something that is wrong with how the addresses of clients come through a proxy.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ProxyTrouble {
    /// What it is, and what to do.
    message: String,
    /// When it was last noted, which it is once an hour.
    seen_at: Moment,
}

/// How much there is.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Counts {
    partners: u64,
    tenants: u64,
    users: u64,
    applications: u64,
}

/// What is known of the data file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "DataFile"))]
struct DataFileFacts {
    path: PathBuf,
    /// The id of this file, 32 hexadecimal digits.
    file_id: String,
    /// The version of its format.
    format: u32,
    created_at: Moment,
    /// Its length.
    bytes: u64,
    /// The key files and passphrases that open it.
    key_slots: Vec<slots::KeySlot>,
    /// When it was opened, one copy of the preamble was not as the other and was written anew: a rewrite of the keys was cut
    /// off, or a block has decayed or was altered.
    preamble_repaired: bool,
    /// When it was opened, one copy of the header did not authenticate. Expected after a power cut; after a clean close a
    /// block has decayed or was altered.
    header_copy_lost: bool,
}

impl From<(ProxyFault, Timestamp)> for ProxyTrouble {
    fn from((fault, seen_at): (ProxyFault, Timestamp)) -> Self {
        Self { message: fault.message(), seen_at: Moment(seen_at) }
    }
}

impl From<FileInfo> for DataFileFacts {
    fn from(file: FileInfo) -> Self {
        Self {
            path: file.path,
            file_id: file.file_id,
            format: file.format,
            created_at: Moment(file.created_at),
            bytes: file.len,
            key_slots: file.slots.iter().map(slots::KeySlot::from).collect(),
            preamble_repaired: file.preamble_repaired,
            header_copy_lost: file.header_copy_lost,
        }
    }
}

/// `GET /info`: tells the version, the data file, and how much there is.
pub async fn info(stack: Services, Caller(actor): Caller) -> Result<Reply<Instance>, Problem> {
    operate(&actor)?;
    let snapshot = stack.store.read();
    let (one, all) = (Paging::new(1, 1)?, Place::Platform);
    let partners = tenancy::list_partners(&snapshot, &actor.grant(all)?, &Default::default(), one)?.total;
    let tenants = tenancy::list_tenants(&snapshot, &actor.grant(all)?, &Default::default(), one)?.total;
    let users = people::list(&snapshot, &actor.grant(all)?, &Default::default(), one)?.total;
    let applications = apps::list(&snapshot, &actor.grant(all)?, &Default::default(), one)?.total;
    let file = stack.file.as_ref().map(DataFile::info).transpose().map_err(Problem::internal)?;
    Ok(Reply(Instance {
        version: env!("CARGO_PKG_VERSION"),
        public_url: stack.public_url().to_owned(),
        now: ExactMoment(stack.now()),
        uptime_secs: stack.now().secs().saturating_sub(stack.started_at.secs()),
        setup_needed: setup::needed(&snapshot)?,
        counts: Counts { partners, tenants, users, applications },
        audit_head: AuditHead::from(audit::head(&snapshot)?),
        proxy_faults: stack.proxies.seen().into_iter().map(ProxyTrouble::from).collect(),
        data_file: file.map(DataFileFacts::from),
    }))
}

/// The body of `POST /recover-admin`.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recover {
    /// Whose sign-in is to be renewed: looked up so that a typo is noticed here, not on the page.
    user_email: Option<Email>,
}

fn no_user() -> Problem {
    Problem::not_found("user_not_found", "There is no such user")
}

/// A link by which whoever opens it becomes an administrator, once.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RecoveryLink {
    url: ShownOnce,
    /// When it stops to work; null: never.
    expires_at: Option<Moment>,
}

/// `POST /recover-admin`: makes a one-time link, by which whoever opens it becomes an administrator. An older one works no
/// more.
pub async fn recover_admin(
    stack: Services,
    Caller(actor): Caller,
    OptionalJson(body): OptionalJson<Recover>,
) -> Result<Reply<RecoveryLink>, Problem> {
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
    let url = format!("{}/setup?token={}", stack.public_url(), token.expose());
    Ok(Reply(RecoveryLink { url: ShownOnce(Secret::new(url)), expires_at: link.expires_at.map(Moment) }))
}
