//! The schema of the data file: the steps that bring the rows of an older version up to this one.
//!
//! Above all domains, since each of them keeps rows. A new step goes to the end and stays as it is from then on.

use crate::store::{StoreError, WriteTx, migrate};
use crate::{
    apps, keys, mail, mailed_links, oauth, people, portal_links, program_login, sessions, setup, tenancy,
    token_families,
};

/// The steps of the schema: the first leads from version 1 to 2.
pub const STEPS: &[migrate::Step] = &[
    people::list_by_partner,
    count_blocks,
    sessions::list_by_partner,
    people::find_by_external_id,
    people::belong_at_home,
    index_deleted,
    tenancy::note_second_factors,
    fold_fully,
    people::prove_mailboxes,
    keep_tokens,
    people::list_invited,
    keep_domains_once,
    apps::find_by_origin,
];

fn index_deleted(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tenancy::index_deleted(tx)?;
    people::index_deleted(tx)
}

fn count_blocks(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tenancy::count_blocks(tx)?;
    people::count_blocks(tx)?;
    mail::count_blocks(tx)
}

/// Names are searched without accents and by all their words; addresses and names of groups are one in all their spellings.
fn fold_fully(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tenancy::fold_fully(tx)?;
    people::fold_fully(tx)?;
    mail::fold_fully(tx)
}

/// What stands behind an `@` is kept as one word instead of two.
fn keep_domains_once(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    fold_fully(tx)
}

/// Of tokens of every kind a keyed hash is kept; before, it was their SHA-256.
pub(crate) fn keep_tokens(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    apps::keep_tokens(tx)?;
    token_families::keep_tokens(tx)?;
    keys::keep_tokens(tx)?;
    mailed_links::keep_tokens(tx)?;
    program_login::keep_tokens(tx)?;
    oauth::code::keep_tokens(tx)?;
    portal_links::keep_tokens(tx)?;
    sessions::keep_tokens(tx)?;
    setup::keep_tokens(tx)
}
