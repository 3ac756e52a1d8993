//! What the forms of organisations say, with each error beside its field.

use super::view;
use crate::base::{DisplayName, ExternalId, Metadata, Slug};
use crate::http::kit::form::{Fields, Reading};
use crate::http::kit::parts::{Form, Input};
use crate::tenancy::{LogoUrl, MAX_METADATA, Region};
use std::collections::BTreeMap;
use std::fmt::Display;

/// A form that is being read.
pub(super) struct Reader<'a>(Reading<'a>);

impl<'a> Reader<'a> {
    pub(super) fn new(fields: &'a Fields) -> Self {
        Self(Reading::of(fields, view::INPUTS))
    }

    /// A field that may be empty. None: it is, or it is wrong, and the form says so.
    pub(super) fn optional<T, E: Display>(
        &mut self,
        input: &Input,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.0.optional(input, parse).flatten()
    }

    pub(super) fn name(&mut self) -> Option<DisplayName> {
        let read = |text: &str| if text.is_empty() { Err("is required".into()) } else { DisplayName::parse(text) };
        self.0.required(&view::NAME, read)
    }

    pub(super) fn slug(&mut self) -> Option<Slug> {
        self.optional(&view::SLUG, Slug::parse)
    }

    pub(super) fn external_id(&mut self) -> Option<ExternalId> {
        self.optional(&view::EXTERNAL_ID, ExternalId::parse)
    }

    pub(super) fn logo_url(&mut self) -> Option<LogoUrl> {
        self.optional(&view::LOGO_URL, LogoUrl::parse)
    }

    pub(super) fn region(&mut self) -> Option<Region> {
        self.optional(&view::REGION, |text| Region::parse(text).ok_or("must be one of the list"))
    }

    pub(super) fn metadata(&mut self) -> Metadata {
        let read = |text: &str| pairs(text).and_then(|pairs| Metadata::new(pairs, MAX_METADATA));
        self.0.required(&view::METADATA, read).unwrap_or_default()
    }

    /// A whole number; none: empty.
    pub(super) fn number(&mut self, input: &Input) -> Option<u32> {
        let read = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
        self.optional(input, |text| read(text).ok_or("must be a whole number from 1"))
    }

    /// The form, with what was wrong.
    pub(super) fn done(self) -> Form {
        self.0.done()
    }
}

/// `plan=pro`, one to a line.
fn pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut pairs = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (key, value) = line.split_once('=').ok_or("must be lines such as plan=pro")?;
        if pairs.insert(key.trim().to_owned(), value.trim().to_owned()).is_some() {
            return Err("must name each key once".to_owned());
        }
    }
    Ok(pairs)
}

/// The lines that a form shows for metadata.
pub(super) fn lines(metadata: &Metadata) -> String {
    metadata.pairs().iter().map(|(key, value)| format!("{key}={value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_a_line_for_each_pair() {
        let read = pairs("plan = pro \n\n note=a=b").unwrap();
        assert_eq!((read["plan"].as_str(), read["note"].as_str()), ("pro", "a=b"));
        let metadata = Metadata::new(read, 10).unwrap();
        assert_eq!(pairs(&lines(&metadata)).unwrap(), *metadata.pairs());
        assert_eq!(pairs("plan").unwrap_err(), "must be lines such as plan=pro");
        assert_eq!(pairs("plan=a\nplan=b").unwrap_err(), "must name each key once");
    }
}
