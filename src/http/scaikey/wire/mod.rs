//! What goes over the wire: the bodies of writes, the filters of lists, and the fields of the answers.

pub mod account;
pub mod application;
pub mod event;
pub mod group;
pub mod login;
pub mod me;
pub mod membership;
pub mod partner;
pub mod profile;
pub mod role;
pub mod tenant;
pub mod token;
pub mod user;

use crate::base::id::{PartnerId, TenantId};
use crate::base::{Id, Problem, Timestamp};
use crate::http::reply::Moment;
use crate::store::{Read, StoreError};
use crate::tenancy::{self, Tenant};
use serde::{Deserialize, Deserializer};

/// Reads a field of a patch that may be left out, and may not be `null`.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a field of a patch that may be left out, or be `null` to empty it.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A moment in an answer: ISO 8601 in UTC, or null.
pub fn at(moment: Option<Timestamp>) -> Option<Moment> {
    moment.map(Moment)
}

/// A parameter that was sent with a value.
pub fn text(parameter: &Option<String>) -> Option<&str> {
    parameter.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// A filter that names one of a few values.
///
/// # Errors
/// A problem that names the parameter and the values.
pub fn one_of<T>(
    name: &'static str,
    parameter: &Option<String>,
    parse: impl FnOnce(&str) -> Option<T>,
    known: &str,
) -> Result<Option<T>, Problem> {
    match text(parameter) {
        None => Ok(None),
        Some(value) => match parse(value) {
            Some(value) => Ok(Some(value)),
            None => Err(Problem::invalid_at("query", name, format!("must be one of {known}"))),
        },
    }
}

/// A filter that names a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted<I> {
    /// There is no such filter.
    Any,
    /// Only this one.
    Only(I),
    /// Nothing has this name, so nothing fits.
    Nothing,
}

impl<I> Wanted<I> {
    /// The id to filter by; the inner None: no filter. The outer None: nothing can fit.
    pub fn filter(self) -> Option<Option<I>> {
        match self {
            Self::Any => Some(None),
            Self::Only(id) => Some(Some(id)),
            Self::Nothing => None,
        }
    }
}

fn wanted<I: Id, T>(
    parameter: &Option<String>,
    find: impl FnOnce(&str) -> Result<Option<T>, StoreError>,
    id: impl FnOnce(T) -> I,
) -> Result<Wanted<I>, Problem> {
    match text(parameter) {
        None => Ok(Wanted::Any),
        Some(name) => Ok(find(name)?.map_or(Wanted::Nothing, |row| Wanted::Only(id(row)))),
    }
}

/// The filter `tenant_id`: an id or a slug.
///
/// # Errors
/// When the file cannot be read.
pub fn tenant_filter(tx: &impl Read, parameter: &Option<String>) -> Result<Wanted<TenantId>, Problem> {
    wanted(parameter, |name| tenancy::tenant_by_text(tx, name), |tenant| tenant.id)
}

/// The filter `partner_id`: an id or a slug.
///
/// # Errors
/// When the file cannot be read.
pub fn partner_filter(tx: &impl Read, parameter: &Option<String>) -> Result<Wanted<PartnerId>, Problem> {
    wanted(parameter, |name| tenancy::partner_by_text(tx, name), |partner| partner.id)
}

/// The tenant that a path or a body names by id or slug. Whether the caller may know of it is for the service to say.
///
/// # Errors
/// `tenant_not_found`.
pub fn tenant_named(tx: &impl Read, name: &str) -> Result<Tenant, Problem> {
    tenancy::tenant_by_text(tx, name)?.ok_or_else(|| missing("tenant_not_found"))
}

/// The partner that a path or a body names by id or slug, as above.
///
/// # Errors
/// `partner_not_found`.
pub fn partner_named(tx: &impl Read, name: &str) -> Result<PartnerId, Problem> {
    tenancy::partner_by_text(tx, name)?.map(|partner| partner.id).ok_or_else(|| missing("partner_not_found"))
}

/// The id in a path. One of another kind names nothing.
///
/// # Errors
/// Not found, with `code`.
pub fn id_in_path<I: Id>(text: &str, code: &'static str) -> Result<I, Problem> {
    I::parse(text).ok_or_else(|| missing(code))
}

/// What is not there, in the dialect's own words.
pub fn missing(code: &'static str) -> Problem {
    Problem::not_found(code, "There is no such thing")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Slug;
    use crate::http::extract::parse_json;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Patch {
        #[serde(default, deserialize_with = "given")]
        slug: Option<Slug>,
        #[serde(default, deserialize_with = "nullable")]
        limit: Option<Option<u32>>,
    }

    #[test]
    fn absent_and_null_are_two_things() {
        let patch = |body: &str| parse_json::<Patch>(body.as_bytes());
        let empty = patch("{}").unwrap();
        assert!(empty.slug.is_none() && empty.limit.is_none());
        assert_eq!(patch(r#"{"limit":null}"#).unwrap().limit, Some(None));
        assert_eq!(patch(r#"{"limit":3}"#).unwrap().limit, Some(Some(3)));
        for (body, field) in [(r#"{"slug":null}"#, "slug"), (r#"{"slug":"A B"}"#, "slug"), (r#"{"x":1}"#, "x")] {
            assert_eq!(patch(body).unwrap_err().fields[0].field, field);
        }
    }

    #[test]
    fn filters_with_few_values() {
        let parse = |text: &str| (text == "a").then_some(1);
        let filter = |value: &str| one_of("kind", &Some(value.to_owned()), parse, "a");
        assert_eq!(filter("a").unwrap(), Some(1));
        assert_eq!(filter(" ").unwrap(), None);
        assert_eq!(filter("b").unwrap_err().fields[0].message, "must be one of a");
    }
}
