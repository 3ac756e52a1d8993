//! Which state of a row somebody has seen, so that a change to another state of it is noticed.
//!
//! A version is a digest of what the row says. Whoever shows a row gives it along (RFC 9110 §8.8.3, a hidden field of a form);
//! whoever changes the row gives back which one they saw, and the transaction that changes it compares.

use crate::base::{Kind, Problem};
use crate::crypto::digest::sha256;
use serde::Serialize;
use std::fmt;

/// One state of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version([u8; 12]);

impl Version {
    /// Of what a row says.
    pub fn of(row: &impl Serialize) -> Self {
        // What is stored can be written.
        let digest = sha256(&postcard::to_allocvec(row).unwrap_or_default());
        Self(*digest.first_chunk().unwrap_or(&[0; 12]))
    }

    /// Reads the text of one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 12];
        if text.len() != 24 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// As an entity tag: `"0123456789abcdef01234567"`.
    pub fn tag(&self) -> String {
        format!("\"{self}\"")
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A row that two people can change at the same time.
pub trait Versioned {
    /// The state that it is in: what is changed by people, not what the server notes by itself, such as when a row was last used.
    fn version(&self) -> Version;
}

/// Something that is a state of a row by itself: a limit, a set of permissions.
#[derive(Clone, Copy, Debug)]
pub struct Whole<T>(pub T);

impl<T: Serialize> Versioned for Whole<T> {
    fn version(&self) -> Version {
        Version::of(&self.0)
    }
}

/// Which states a change is meant for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it is.
    #[default]
    Any,
    /// One of these.
    OneOf(Vec<Version>),
}

impl Expected {
    /// The state that a row is in.
    pub fn just(row: &impl Versioned) -> Self {
        Self::OneOf(vec![row.version()])
    }

    /// The version that a hidden field holds; a form without one, or with another text in it, says nothing.
    pub fn of_field(text: &str) -> Self {
        Version::parse(text).map_or(Self::Any, |version| Self::OneOf(vec![version]))
    }

    /// Reads the value of `If-Match` (RFC 9110 §13.1.1). A weak tag matches nothing.
    ///
    /// # Errors
    /// Malformed, for what is no list of entity tags.
    pub fn of_header(text: &str) -> Result<Self, Problem> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let mut versions = Vec::new();
        for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
            let opaque = tag.strip_prefix("W/").unwrap_or(tag);
            let inside = opaque.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let inside = inside.filter(|inside| !inside.contains('"'));
            let inside = inside.ok_or_else(|| {
                Problem::malformed("invalid_if_match", "If-Match must be * or a list of entity tags in quotation marks")
            })?;
            // Another's tag, or a weak one, is a tag all the same; it is not that of any state.
            versions.extend(Version::parse(inside).filter(|_| opaque == tag));
        }
        Ok(Self::OneOf(versions))
    }

    /// Whether the row that is there now is the one that was seen. Call it in the transaction that changes the row; what is not
    /// there is for the service to say.
    ///
    /// # Errors
    /// [`Kind::Stale`] with the version of now.
    pub fn check<R: Versioned>(&self, now: Option<&R>) -> Result<(), Problem> {
        match (self, now) {
            (Self::Any, _) | (_, None) => Ok(()),
            (Self::OneOf(seen), Some(row)) => {
                let version = row.version();
                if seen.contains(&version) { Ok(()) } else { Err(stale(version)) }
            }
        }
    }
}

fn stale(version: Version) -> Problem {
    let message =
        "It was changed by somebody else since you read it; read it again, and repeat your change if it still fits";
    Problem::new(Kind::Stale, "changed_meanwhile", message).with("etag", version.tag())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Note(&'static str);

    impl Versioned for Note {
        fn version(&self) -> Version {
            Version::of(&self.0)
        }
    }

    #[test]
    fn a_change_is_for_what_was_seen() {
        let (old, new) = (Note("old"), Note("new"));
        let tag = old.version().tag();
        let seen = Expected::of_header(&tag).unwrap();
        assert!(seen.check(Some(&old)).is_ok() && seen.check::<Note>(None).is_ok());
        let stale = seen.check(Some(&new)).unwrap_err();
        assert_eq!((stale.kind, stale.details[0].1.as_str()), (Kind::Stale, Some(&*new.version().tag())));
        assert!(Expected::of_header(&format!("\"x\", {tag}")).unwrap().check(Some(&old)).is_ok());
        assert!(Expected::of_header("*").unwrap().check(Some(&new)).is_ok());
        for other in ["\"x\"".to_owned(), format!("W/{tag}"), String::new()] {
            assert!(Expected::of_header(&other).unwrap().check(Some(&old)).is_err(), "{other}");
        }
        for bad in ["x", "\"x", "\"a\" \"b\""] {
            assert_eq!(Expected::of_header(bad).unwrap_err().kind, Kind::Malformed, "{bad}");
        }
        assert_eq!(Expected::of_field(&old.version().to_string()), seen);
        assert_eq!(Expected::of_field(""), Expected::Any);
    }
}
