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
    let plain = match Slug::from_name(name, MAX) {
        Some(slug) => slug,
        None => Slug::parse(NAMELESS).map_err(Problem::internal)?,
    };
    if table::slug_holder(tx, &plain)?.is_none_or(|holder| holder == id) {
        return Ok(plain);
    }
    Slug::parse(&format!("{plain}-{}", id.raw())).map_err(Problem::internal)
}
