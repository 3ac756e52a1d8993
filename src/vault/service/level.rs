//! The tree as people walk it: by name from either end, and how much lies in a folder.

use super::super::table::SECRETS;
use super::super::{Entry, Prefix};
use super::find::tenant_of;
use crate::access::{Granted, permit};
use crate::base::id::TenantId;
use crate::base::{Problem, SecretPath};
use crate::store::{Direction, Read, StoreError, TextFront};
use std::ops::ControlFlow;

/// The most secrets that are counted for one page of folders, whatever lies in them.
const COUNTED_A_PAGE: usize = 5_000;
/// The most that are counted in one folder, and the least that this may come to on a page of many.
const COUNTED: std::ops::RangeInclusive<usize> = 50..=1_000;

/// How many secrets lie in a folder, with those of the folders in it, as far as they were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Below {
    /// How many were counted.
    pub secrets: usize,
    /// Whether there are more than that.
    pub is_more: bool,
}

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The folders and secrets right under a folder.
    Tree,
    /// All secrets whose path starts so.
    Flat,
}

/// Up to `limit` entries under `prefix`, by name in a direction, behind `start`: the path of a secret or of a folder, which need
/// not be there any more. One that does not lie under the prefix is none. A folder costs one look-up however many secrets it
/// holds. The caller owes a [`super::list_event`].
///
/// # Errors
/// `invalid_path` for the tree of a prefix that is no folder.
pub fn level(
    tx: &impl Read,
    granted: &Granted<permit::ListSecrets>,
    (prefix, shape): (&Prefix, Shape),
    (start, way): (Option<&str>, Direction),
    limit: usize,
) -> Result<Vec<Entry>, Problem> {
    let (tenant, prefix) = (tenant_of(granted)?, prefix.as_str());
    if shape == Shape::Tree && !prefix.is_empty() && !prefix.ends_with('/') {
        return Err(Problem::malformed("invalid_path", "A folder's path ends with a slash"));
    }
    let mut behind = start.filter(|start| start.starts_with(prefix)).map(str::to_owned);
    let mut entries: Vec<Entry> = Vec::new();
    while entries.len() < limit {
        let mut folder = None;
        step(tx, (tenant, prefix), (behind.as_deref(), way), |path, entry| {
            let name = path.as_str().get(prefix.len()..).unwrap_or_default();
            if let Some(end) = name.find('/').filter(|_| shape == Shape::Tree) {
                folder = path.as_str().get(..=prefix.len() + end).map(str::to_owned);
                return ControlFlow::Break(());
            }
            entries.push(entry(path));
            if entries.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let Some(inner) = folder else { break };
        entries.push(Entry::Folder(inner.clone()));
        behind = Some(inner);
    }
    Ok(entries)
}

/// Visits the secrets under a prefix, behind a path or all that a folder holds.
fn step(
    tx: &impl Read,
    (tenant, prefix): (TenantId, &str),
    (behind, way): (Option<&str>, Direction),
    mut visit: impl FnMut(SecretPath, &dyn Fn(SecretPath) -> Entry) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let front = (tenant, TextFront(prefix));
    if way == Direction::Backward {
        let end = behind.map(|end| (tenant, TextFront(end)));
        return tx.scan_before(&SECRETS, &front, end.as_ref(), |(_, path), secret| {
            Ok(visit(path, &|path| Entry::Secret(secret.clone().summary(path))))
        });
    }
    let start = match behind {
        Some(folder) if folder.ends_with('/') => Some(last_below(folder)?),
        Some(path) => SecretPath::parse(path).ok(),
        None => None,
    };
    let start = start.map(|path| (tenant, path));
    tx.scan_after(&SECRETS, &front, start.as_ref(), way, |(_, path), secret| {
        Ok(visit(path, &|path| Entry::Secret(secret.clone().summary(path))))
    })
}

/// How many secrets lie in each of these folders of a page. Of one folder up to 1,000 are counted, of all of them no more than a
/// page can afford: the more folders it shows, the fewer in each.
///
/// # Errors
/// When the file cannot be read.
pub fn count_below(
    tx: &impl Read,
    granted: &Granted<permit::ListSecrets>,
    folders: &[&str],
) -> Result<Vec<Below>, Problem> {
    let tenant = tenant_of(granted)?;
    let most = (COUNTED_A_PAGE / folders.len().max(1)).clamp(*COUNTED.start(), *COUNTED.end());
    let count = |folder: &&str| -> Result<Below, StoreError> {
        let mut found = 0;
        tx.scan_keys(&SECRETS, &(tenant, TextFront(folder)), None, Direction::Forward, |_| {
            found += 1;
            Ok(if found > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(Below { secrets: found.min(most), is_more: found > most })
    };
    Ok(folders.iter().map(count).collect::<Result<_, _>>()?)
}

/// The last path that can stand in a folder: `z` is the last letter of the alphabet of paths, so none sorts behind it
/// before the folder ends.
fn last_below(folder: &str) -> Result<SecretPath, StoreError> {
    let fill = SecretPath::MAX_CHARS.saturating_sub(folder.len());
    SecretPath::parse(&format!("{folder}{}", "z".repeat(fill)))
        .map_err(|_| StoreError::Corrupt("a path that is too long"))
}
