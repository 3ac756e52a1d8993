//! Credentials that are a text: API keys, `sgk_…`, in [`api_keys`]; and here personal access tokens, `skt_…`: made once, shown once, kept as a digest, narrowed to scopes, always with an end.

pub mod api_keys;
mod resolve;
mod scan;
mod service;
mod table;
#[cfg(test)]
mod tests;
mod token;

pub use resolve::{LiveToken, Resolved, resolve, touch};
pub use service::{
    any_of, create_for, create_own, list, list_own, revoke, revoke_all_of, revoke_everywhere, revoke_own, slice,
    slice_own,
};
pub use table::keep_tokens;
pub use token::{DEFAULT_LIFE_SECS, LAST_USE_EVERY_SECS, MAX_LIFE_SECS, NewToken, Owner, PersonalToken};

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(
    tx: &impl crate::store::Read,
    report: &mut crate::store::Report,
) -> Result<(), crate::store::StoreError> {
    table::check_rows(tx, report)?;
    api_keys::check_rows(tx, report)
}
