//! The unseal slots of the data file: which key files and passphrases open it.

use super::operating::{Services, event, file, operate, record};
use crate::audit;
use crate::base::{Problem, Secret};
use crate::catalogue::Action;
use crate::crypto::slot::SlotProblem;
use crate::endings::{self, Cause, Ending};
use crate::http::extract::{Caller, Json};
use crate::http::reply::{Created, Moment, NoContent, Reply};
use crate::stack::{OpenStackError, make_key, read_key};
use crate::store::WriteTx;
use crate::store::file::{KeyId, NewSlot, PassphraseCost, SlotError, SlotInfo, SlotKind};
use actix_web::web;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A slot to make.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddSlot {
    kind: Kind,
    /// A name for people: 1 to 64 bytes; `added` if not said.
    label: Option<String>,
    /// For a slot of the kind `passphrase`: the passphrase that opens it.
    passphrase: Option<Secret<String>>,
    /// For `key_file`: an absolute path, at which a new key file is made.
    path: Option<PathBuf>,
}

/// What a slot is opened with.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "KeySlotKind"))]
#[serde(rename_all = "snake_case")]
enum Kind {
    Passphrase,
    KeyFile,
}

/// What to make, read and checked.
enum Plan {
    Passphrase(Secret<String>),
    KeyFile(PathBuf),
}

impl AddSlot {
    fn plan(&mut self) -> Result<Plan, Problem> {
        match (self.kind, self.passphrase.take(), self.path.take()) {
            (Kind::Passphrase, Some(passphrase), None) => Ok(Plan::Passphrase(passphrase)),
            (Kind::KeyFile, None, Some(path)) if path.is_absolute() => Ok(Plan::KeyFile(path)),
            (Kind::KeyFile, None, Some(_)) => Err(Problem::invalid("path", "must be an absolute path")),
            (Kind::Passphrase, None, _) => Err(Problem::invalid("passphrase", "is required")),
            (Kind::KeyFile, _, None) => Err(Problem::invalid("path", "is required")),
            (Kind::Passphrase, _, Some(_)) => Err(Problem::invalid("path", "is for the kind key_file only")),
            (Kind::KeyFile, Some(_), _) => Err(Problem::invalid("passphrase", "is for the kind passphrase only")),
        }
    }
}

/// A slot of the data file, without anything that opens it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeySlot {
    /// Names the slot within its file: eight hexadecimal digits.
    key_id: String,
    kind: Kind,
    /// The name that people gave it.
    label: String,
    created_at: Moment,
}

/// All slots of the data file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeySlots {
    data: Vec<KeySlot>,
}

impl From<&SlotInfo> for KeySlot {
    fn from(slot: &SlotInfo) -> Self {
        let kind = match slot.kind {
            SlotKind::KeyFile => Kind::KeyFile,
            SlotKind::Passphrase => Kind::Passphrase,
        };
        let (key_id, label) = (slot.key_id.to_string(), slot.label.clone());
        Self { key_id, kind, label, created_at: Moment(slot.created_at) }
    }
}

fn refuse(error: SlotError) -> Problem {
    let message = error.to_string();
    match error {
        SlotError::Problem(SlotProblem::EmptyPassphrase) => Problem::invalid("passphrase", "must not be empty"),
        SlotError::Problem(SlotProblem::Label) => {
            Problem::invalid("label", "must have 1 to 64 bytes and no control characters")
        }
        SlotError::Unknown(_) => Problem::not_found("key_slot_not_found", message),
        SlotError::Full(_) | SlotError::Exists(_) | SlotError::Last(_) | SlotError::None => {
            Problem::conflict("key_slot_refused", message)
        }
        error => Problem::internal(error),
    }
}

fn key_file(error: OpenStackError) -> Problem {
    Problem::conflict("cannot_write", error.to_string())
}

/// `GET /key-slots`: the key files and passphrases that open the data file.
pub async fn list(stack: Services, Caller(actor): Caller) -> Result<Reply<KeySlots>, Problem> {
    operate(&actor)?;
    Ok(Reply(KeySlots { data: file(&stack)?.slots().iter().map(KeySlot::from).collect() }))
}

/// `POST /key-slots`: lets another key file or passphrase open the data file. A passphrase takes a while.
pub async fn add(
    stack: Services,
    Caller(actor): Caller,
    Json(mut body): Json<AddSlot>,
) -> Result<Created<KeySlot>, Problem> {
    let granted = operate(&actor)?;
    let plan = body.plan()?;
    let (file, now, label) = (file(&stack)?, stack.now(), body.label.unwrap_or_else(|| "added".to_owned()));
    // Deriving the key of a passphrase takes a while.
    let made = web::block(move || match plan {
        Plan::Passphrase(passphrase) => {
            let new = NewSlot::Passphrase { passphrase, label, cost: PassphraseCost::default() };
            file.add_slot(&new, now).map_err(refuse)
        }
        Plan::KeyFile(path) => {
            make_key(&path).map_err(key_file)?;
            let key = read_key(&path).map_err(key_file)?;
            file.add_slot(&NewSlot::KeyFile { key, label }, now).map_err(|error| {
                // A key that opens nothing only misleads.
                let _ = std::fs::remove_file(&path);
                refuse(error)
            })
        }
    });
    let slot = made.await.map_err(Problem::internal)??;
    let added = event(&granted, now, Action::KeySlotAdd).on("key_slot", slot.key_id);
    record(&stack, added.with("kind", slot.kind).with("label", &slot.label)).await?;
    Ok(Reply(KeySlot::from(&slot)))
}

/// `DELETE /key-slots/{key_id}`: makes a key file or passphrase open the data file no more. The last slot stays; copies made
/// before still open with the key.
pub async fn remove(stack: Services, Caller(actor): Caller, key_id: web::Path<String>) -> Result<NoContent, Problem> {
    let granted = operate(&actor)?;
    let none = || Problem::not_found("key_slot_not_found", "The data file has no such key");
    let (file, now, key_id) = (file(&stack)?, stack.now(), KeyId::parse(&key_id).ok_or_else(none)?);
    web::block(move || file.remove_slot(key_id).map_err(refuse)).await.map_err(Problem::internal)??;
    let removed = event(&granted, now, Action::KeySlotRemove).on("key_slot", key_id);
    let write = move |tx: &mut WriteTx<'_>| -> Result<(), Problem> {
        let effects = endings::raise(tx, &Ending::KeySlotRemoved {}, &Cause::by(granted.actor(), now))?;
        audit::append(tx, effects.told(removed.clone()));
        Ok(())
    };
    stack.store.write(write).await?;
    Ok(NoContent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::parse_json;

    #[test]
    fn a_slot_needs_what_its_kind_needs_and_nothing_else() {
        let field = |body: &str| {
            let mut body = parse_json::<AddSlot>(body.as_bytes()).unwrap();
            body.plan().err().map(|problem| problem.fields[0].field.clone())
        };
        assert_eq!(field(r#"{"kind":"passphrase","passphrase":"hunter2"}"#), None);
        assert_eq!(field(r#"{"kind":"key_file","path":"/a/b","label":"two"}"#), None);
        assert_eq!(field(r#"{"kind":"key_file","path":"a/b"}"#).as_deref(), Some("path"));
        assert_eq!(field(r#"{"kind":"key_file"}"#).as_deref(), Some("path"));
        assert_eq!(field(r#"{"kind":"passphrase"}"#).as_deref(), Some("passphrase"));
        assert_eq!(field(r#"{"kind":"passphrase","passphrase":"x","path":"/a"}"#).as_deref(), Some("path"));
        assert_eq!(field(r#"{"kind":"key_file","passphrase":"x","path":"/a"}"#).as_deref(), Some("passphrase"));
        assert!(parse_json::<AddSlot>(br#"{"kind":"tpm"}"#).is_err());
    }
}
