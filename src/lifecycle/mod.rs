//! What ends with what: one table above the domains.
//!
//! A row is a domain, a column a kind of [`Ending`]. A domain's [`Part::says`] is the cell's text in `docs/lifecycle.md`,
//! which a test generates from here, and its [`Part::does`] is what happens; both match every kind, so a new kind of ending
//! does not compile until each domain has said what it means there, and a test fails for a table of the store that no part
//! names.

mod access;
mod people;
mod signed_in;
#[cfg(test)]
mod tests;

use crate::endings::{Cause, Effects, Ending, Handler, Kind, Reaction};
use crate::store::{StoreError, WriteTx};

/// What one domain does when something ends.
pub struct Part {
    /// What it keeps, as people call it.
    pub name: &'static str,
    /// The tables of the store that it keeps it in, by their names there, without their indexes.
    pub tables: &'static [&'static str],
    /// What becomes of it, in a few words; empty: nothing.
    pub says: fn(Kind) -> &'static str,
    /// Makes that true. None: nothing is written, and what `says` says holds because each use asks.
    pub does: Option<Reaction>,
}

/// The table. What comes first names the reason of an end that a later part would give too: families before sessions.
pub const PARTS: &[Part] = &[
    signed_in::FAMILIES,
    signed_in::SESSIONS,
    signed_in::CODES,
    signed_in::CONSENTS,
    access::API_KEYS,
    access::PERSONAL_TOKENS,
    access::FACTORS,
    access::MAIL_LINKS,
    people::GROUPS,
    people::ROLES,
    people::MEMBERSHIPS,
    people::PORTAL_LINKS,
    people::KEPT,
];

/// The table as a store is given it.
pub const HANDLER: Handler = Handler(handle);

fn handle(tx: &mut WriteTx<'_>, ending: &Ending, cause: &Cause) -> Result<Effects, StoreError> {
    let mut effects = Effects::default();
    for does in PARTS.iter().filter_map(|part| part.does) {
        effects = effects.and(does(tx, ending, cause)?);
    }
    Ok(effects)
}

/// The table as a page of the documentation.
pub fn page() -> String {
    let mut text = String::from(
        "# What ends with what\n\n\
         Generated from `src/lifecycle/`. Everything here happens in the transaction of the change itself: when the call has\n\
         returned, it has happened. Where a cell is empty, nothing changes.\n",
    );
    for kind in Kind::ALL {
        text.push_str(&format!(
            "\n## {}\n\n{}\n\n| what | becomes |\n| --- | --- |\n",
            heading(kind.name()),
            kind.about()
        ));
        for part in PARTS {
            let says = (part.says)(*kind);
            if !says.is_empty() {
                text.push_str(&format!("| {} | {says} |\n", part.name));
            }
        }
    }
    text
}

fn heading(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
