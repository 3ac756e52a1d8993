//! A backup of one moment, taken while the server works.

use super::chain::AuditHead;
use super::operating::{Services, event, file, operate, record};
use crate::audit;
use crate::base::Problem;
use crate::catalogue::Action;
use crate::http::extract::{Caller, Json};
use crate::http::reply::Reply;
use crate::store::backup::{self, BackupError};
use crate::store::file::OpenError;
use actix_web::web;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The body of a call that makes a backup.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// Where to write it: an absolute path at which nothing is yet.
    path: PathBuf,
}

/// A backup that was made.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BackupMade {
    /// Where it is.
    path: PathBuf,
    /// How many rows it holds, those of indexes too.
    rows: u64,
    /// How many bytes the keys and rows have.
    bytes: u64,
    /// The length of its file.
    file_bytes: u64,
    audit_head: AuditHead,
}

/// What the operator is told of a copy that was not made: they gave the path, so they may hear of it.
fn refuse(error: BackupError) -> Problem {
    match error {
        BackupError::Open(error @ OpenError::AlreadyExists(_)) => {
            Problem::conflict("already_exists", error.to_string())
        }
        // The copy is made under another name first, so the message would name a file that nobody asked for.
        BackupError::Open(OpenError::NotFound(_)) => Problem::invalid("path", "must be in a folder that is there"),
        BackupError::Open(error @ OpenError::Io { .. }) => Problem::conflict("cannot_write", error.to_string()),
        error => Problem::internal(error),
    }
}

/// `POST /backup`: writes a copy of the data file, of one moment. The same key slots open the copy. `audit_head` is the end of
/// the log in it, to be kept elsewhere.
pub async fn make(
    stack: Services,
    Caller(actor): Caller,
    Json(Backup { path }): Json<Backup>,
) -> Result<Reply<BackupMade>, Problem> {
    let granted = operate(&actor)?;
    if !path.is_absolute() {
        return Err(Problem::invalid("path", "must be an absolute path"));
    }
    let (file, snapshot, now) = (file(&stack)?, stack.store.read(), stack.now());
    let head = audit::head(&snapshot)?;
    let target = path.clone();
    let copied = web::block(move || {
        let copied = backup::copy(&snapshot, &file, &target, now, |_| ()).map_err(refuse)?;
        let file_bytes = std::fs::metadata(&target).map_err(Problem::internal)?.len();
        Ok::<_, Problem>((copied, file_bytes))
    });
    let (copied, file_bytes) = copied.await.map_err(Problem::internal)??;
    let made = event(&granted, now, Action::InstanceBackup).on("backup", path.display());
    record(&stack, made.with("rows", copied.rows).with("bytes", copied.bytes).with("audit_head", head.number)).await?;
    let (rows, bytes, audit_head) = (copied.rows, copied.bytes, AuditHead::from(head));
    Ok(Reply(BackupMade { path, rows, bytes, file_bytes, audit_head }))
}
