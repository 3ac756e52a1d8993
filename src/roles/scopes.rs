//! Which scopes there are: those of the catalogue, and the permissions that applications have given a name to, which are the
//! scopes of their own APIs.

use super::table;
use crate::base::{Problem, ScopeSet};
use crate::catalogue::{Holder, Scope};
use crate::store::{Read, StoreError};

/// Those of `scopes` that there are. Asks the store only about what is not in the catalogue.
///
/// # Errors
/// When the file cannot be read.
pub fn existing(tx: &impl Read, scopes: &ScopeSet) -> Result<ScopeSet, StoreError> {
    if scopes.iter().all(Scope::exists) {
        return Ok(scopes.clone());
    }
    let mut known = Vec::new();
    for scope in scopes.iter() {
        if Scope::exists(scope) || table::permission_named(tx, scope)?.is_some() {
            known.push(scope);
        }
    }
    ScopeSet::from_texts(known).map_err(StoreError::Corrupt)
}

/// Refuses scopes that an application cannot have, since there are none of the name.
///
/// # Errors
/// Invalid at `field`, with the name that was most likely meant.
pub fn check_for_application<'a>(
    tx: &impl Read,
    field: &str,
    scopes: impl IntoIterator<Item = &'a str>,
) -> Result<(), Problem> {
    let mut beyond = Vec::new();
    for scope in scopes.into_iter().filter(|scope| !Scope::exists(scope)) {
        if table::permission_named(tx, scope)?.is_none() {
            beyond.push(scope);
        }
    }
    if beyond.is_empty() {
        return Ok(());
    }
    let own = table::all_permissions(tx)?;
    let own: Vec<_> = own.iter().map(|permission| permission.name.as_str()).collect();
    match Scope::fault(beyond, Holder::Application, &own) {
        None => Ok(()),
        Some(rule) if rule.ends_with('?') => Err(Problem::invalid(field, rule)),
        Some(rule) => {
            let own = "; a scope of an API of your own is a permission of applications: make that first";
            Err(Problem::invalid(field, rule + own))
        }
    }
}
