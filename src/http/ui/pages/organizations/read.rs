//! What the forms of organisations say, with each error beside its field.

use crate::base::{DisplayName, ExternalId, Metadata, Slug};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::Form;
use crate::tenancy::{LogoUrl, MAX_METADATA, Region};
use std::collections::BTreeMap;

/// The fields that come back when a form is refused.
pub(super) const FIELDS: [&str; 8] =
    ["name", "slug", "external_id", "logo_url", "region", "metadata", "max_users", "contact_email"];

/// A form that is being read.
pub(super) struct Reader<'a> {
    fields: &'a Fields,
    form: Form,
}

impl<'a> Reader<'a> {
    pub(super) fn new(fields: &'a Fields) -> Self {
        Self { fields, form: fields.keep(&FIELDS) }
    }

    /// A field that may be empty. None: it is, or it is wrong, and the form says so.
    pub(super) fn optional<T, E: std::fmt::Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match self.fields.text(name) {
            "" => None,
            text => match parse(text) {
                Ok(value) => Some(value),
                Err(rule) => {
                    self.wrong(name, &rule.to_string());
                    None
                }
            },
        }
    }

    pub(super) fn wrong(&mut self, name: &str, rule: &str) {
        self.form = std::mem::take(&mut self.form).error(name, rule);
    }

    pub(super) fn name(&mut self) -> Option<DisplayName> {
        if self.fields.text("name").is_empty() {
            self.wrong("name", "is required");
        }
        self.optional("name", DisplayName::parse)
    }

    pub(super) fn slug(&mut self) -> Option<Slug> {
        self.optional("slug", Slug::parse)
    }

    pub(super) fn external_id(&mut self) -> Option<ExternalId> {
        self.optional("external_id", ExternalId::parse)
    }

    pub(super) fn logo_url(&mut self) -> Option<LogoUrl> {
        self.optional("logo_url", LogoUrl::parse)
    }

    pub(super) fn region(&mut self) -> Option<Region> {
        self.optional("region", |text| Region::parse(text).ok_or("must be one of the list"))
    }

    pub(super) fn metadata(&mut self) -> Metadata {
        match pairs(self.fields.text("metadata")).and_then(|pairs| Metadata::new(pairs, MAX_METADATA)) {
            Ok(metadata) => metadata,
            Err(rule) => {
                self.wrong("metadata", &rule);
                Metadata::default()
            }
        }
    }

    /// A whole number; none: empty.
    pub(super) fn number(&mut self, name: &'static str) -> Option<u32> {
        let read = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
        self.optional(name, |text| read(text).ok_or("must be a whole number from 1"))
    }

    /// The form, with what was wrong.
    pub(super) fn done(self) -> Form {
        self.form
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
