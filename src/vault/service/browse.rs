//! One level of the tree, without looking at every row below it.

use super::super::table::SECRETS;
use super::super::{Entry, Level, Prefix};
use super::find::tenant_of;
use super::list::{Cursors, page_size};
use crate::access::{Granted, permit};
use crate::base::{Problem, SecretPath};
use crate::crypto::digest::MacKey;
use crate::store::{Direction, Read, StoreError, TextFront};
use std::ops::ControlFlow;

/// The folders and secrets right under a folder (`""` or a prefix that ends at a slash). A folder costs one look-up however
/// many secrets it holds.
///
/// # Errors
/// `invalid_path` for a prefix that is no folder; else as [`super::list()`].
pub fn browse(
    tx: &impl Read,
    pepper: &MacKey,
    granted: &Granted<permit::ListSecrets>,
    folder: &Prefix,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Level, Problem> {
    let tenant = tenant_of(granted)?;
    let folder = folder.as_str();
    if !folder.is_empty() && !folder.ends_with('/') {
        return Err(Problem::malformed("invalid_path", "A folder's path ends with a slash"));
    }
    let limit = page_size(limit)?;
    let cursors = Cursors { pepper, view: b"vault browse", tenant, prefix: folder };
    let mut start = cursors.read(cursor)?.map(|path| (tenant, path));
    let mut entries = Vec::new();
    loop {
        let mut full = false;
        // Where the scan left off at a folder, to go on behind it.
        let mut below = None;
        tx.scan_after(
            &SECRETS,
            &(tenant, TextFront(folder)),
            start.as_ref(),
            Direction::Forward,
            |(_, path), secret| {
                full = entries.len() == limit;
                if full {
                    return Ok(ControlFlow::Break(()));
                }
                let name = path.as_str().get(folder.len()..).unwrap_or_default();
                if let Some(end) = name.find('/') {
                    let inner = path.as_str().get(..=folder.len() + end).unwrap_or_default().to_owned();
                    below = Some(last_below(&inner)?);
                    entries.push(Entry::Folder(inner));
                    return Ok(ControlFlow::Break(()));
                }
                entries.push(Entry::Secret(secret.summary(path)));
                Ok(ControlFlow::Continue(()))
            },
        )?;
        match below {
            Some(path) => start = Some((tenant, path)),
            None => {
                let last = match entries.last().filter(|_| full) {
                    None => None,
                    Some(Entry::Secret(last)) => Some(last.path.clone()),
                    Some(Entry::Folder(inner)) => Some(last_below(inner)?),
                };
                return Ok(Level { cursor: last.map(|last| cursors.write(&last)), entries });
            }
        }
    }
}

/// The last path that can stand in a folder: `z` is the last letter of the alphabet of paths, so none sorts behind it
/// before the folder ends.
pub(super) fn last_below(folder: &str) -> Result<SecretPath, StoreError> {
    let fill = SecretPath::MAX_CHARS.saturating_sub(folder.len());
    SecretPath::parse(&format!("{folder}{}", "z".repeat(fill)))
        .map_err(|_| StoreError::Corrupt("a path that is too long"))
}
