//! The short name of a tenant that was given none.

use super::super::table;
use crate::base::id::TenantId;
use crate::base::{DisplayName, Id, Problem, Slug};
use crate::store::Read;

/// The most characters that a name gives.
const MAX: usize = 40;
/// What a name without a letter or digit of ASCII gives.
const NAMELESS: &str = "org";

/// The slug that was given, or one made from the name; when that is or was another's, with the tenant's number behind it.
pub(super) fn given_or_made(
    tx: &impl Read,
    given: Option<&Slug>,
    name: &DisplayName,
    id: TenantId,
) -> Result<Slug, Problem> {
    if let Some(slug) = given {
        return Ok(slug.clone());
    }
    let front = from_name(name.as_str());
    let plain = Slug::parse(&front).map_err(Problem::internal)?;
    if table::slug_holder(tx, &plain)?.is_none_or(|holder| holder == id) {
        return Ok(plain);
    }
    Slug::parse(&format!("{front}-{}", id.raw())).map_err(Problem::internal)
}

/// `Acme & Sons, Inc.` gives `acme-sons-inc`.
fn from_name(name: &str) -> String {
    let mut slug = String::with_capacity(MAX);
    for letter in name.chars().flat_map(char::to_lowercase) {
        if slug.len() == MAX {
            break;
        }
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { NAMELESS.to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_gives_its_letters_and_digits() {
        for (name, slug) in [
            ("Acme & Sons, Inc.", "acme-sons-inc"),
            ("  --  7th Heaven!  ", "7th-heaven"),
            ("Caf\u{e9} M\u{fc}ller", "caf-m-ller"),
            ("\u{65e5}\u{672c}", "org"),
            ("...", "org"),
        ] {
            assert_eq!(from_name(name), slug, "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_name_gives_a_slug(name in "\\PC{1,200}") {
            let slug = from_name(&name);
            prop_assert!(Slug::parse(&slug).is_ok() && slug.len() <= MAX, "{slug}");
        }
    }
}
