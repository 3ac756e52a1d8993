//! What happened after a backup, and is undone by restoring it: read from the audit log of the data file that it takes the
//! place of.

use super::super::Failure;
use super::super::check::opened;
use crate::access::Place;
use crate::audit;
use crate::catalogue::{Action, Nature};
use crate::store::Store;
use crate::store::file::Unseal;
use serde_json::{Value, json};
use std::path::Path;

/// How many rows are read at once.
const PAGE: usize = 1000;

/// What the data file at `path` has of that behind row `head`, the oldest first.
///
/// # Errors
/// It is in use, does not open with this key, or is no later state of the backup.
pub(super) fn undone(path: &Path, unseal: &Unseal, head: u64) -> Result<Vec<Value>, Failure> {
    let failed = |error: String| Failure::failed(format!("{}: {error}", path.display()));
    let (store, _) = opened(path, unseal).map_err(|failure| failed(failure.to_string()))?;
    let found = rows(&store, head);
    store.close();
    found.map_err(failed)
}

fn rows(store: &Store, head: u64) -> Result<Vec<Value>, String> {
    let snapshot = store.read();
    let last = audit::head(&snapshot).map_err(|error| error.to_string())?.number;
    if last < head {
        return Err(format!(
            "its audit log ends at row {last}, before that of the backup ({head}): it is no later state"
        ));
    }
    let ends = Action::ALL.iter().filter(|action| action.nature() == Nature::End);
    let actions = ends.map(|action| action.name().to_owned()).collect();
    let filter = audit::Filter { actions, outcome: Some("success".to_owned()), ..audit::Filter::default() };
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page =
            audit::list(&snapshot, Place::Platform, &filter, before, 0, PAGE).map_err(|error| error.to_string())?;
        let behind = page.rows.iter().filter(|(number, _)| *number > head);
        found.extend(behind.map(|(_, row)| {
            let event = &row.event;
            json!({
                "timestamp": event.at.iso_secs(), "action": event.action, "actor": event.actor.name,
                "resource": format!("{} {}", event.resource_type, event.resource_id).trim(),
            })
        }));
        before = page.next.filter(|next| *next > head);
        if before.is_none() {
            break;
        }
    }
    found.reverse();
    Ok(found)
}
