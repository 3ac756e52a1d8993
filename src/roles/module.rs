//! Permissions of modules: `scaibot:bots:read`. What they mean is the module's business; here they have a form, and sets.

use crate::access::CoreSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The most of one role or user.
const MAX: usize = 200;

/// One permission of a module, `module:action` or `module:resource:action`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModulePermission(String);

impl ModulePermission {
    /// Two or three parts of `a-z 0-9 . _ -`, at most 100 characters, and none of the core permissions.
    ///
    /// # Errors
    /// The rule.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let part = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
        };
        let parts = text.split(':').count();
        if text.len() > 100 || !(2..=3).contains(&parts) || !text.split(':').all(part) {
            return Err("must be module:action or module:resource:action, of a-z, 0-9, ., _ and -");
        }
        if CoreSet::named(text).is_some() {
            return Err("must be a module's permission: this one is a core permission");
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModulePermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Permissions of modules, each once, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleSet(BTreeSet<ModulePermission>);

impl ModuleSet {
    /// Reads permissions, at most 200.
    ///
    /// # Errors
    /// The place of the first that is wrong, and the rule that it breaks.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, (usize, &'static str)> {
        let mut set = BTreeSet::new();
        for (at, text) in texts.into_iter().enumerate() {
            if at >= MAX {
                return Err((at, "is one too many: 200 at most"));
            }
            set.insert(ModulePermission::parse(text).map_err(|rule| (at, rule))?);
        }
        Ok(Self(set))
    }

    /// Whether this one is among them.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|one| one.as_str() == name)
    }

    /// Whether all of `other` are among them.
    pub fn holds(&self, other: &Self) -> bool {
        self.0.is_superset(&other.0)
    }

    /// Takes in those of `other`.
    pub fn add(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// Those that are in one of the two and not in the other: what a change gives or takes.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self(self.0.symmetric_difference(&other.0).cloned().collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(ModulePermission::as_str)
    }
}

impl fmt::Display for ModuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, one) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(one)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_permissions_have_two_or_three_parts() {
        for good in ["scaimatrix:ingest", "scaibot:bots:read", "scailink:remote.use"] {
            assert_eq!(ModulePermission::parse(good).map(|one| one.to_string()), Ok(good.to_owned()));
        }
        let long = format!("a:{}", "b".repeat(99));
        for bad in ["", "a", ":", "a:", "a::b", "a:b:c:d", "A:b", "a:b c", "a:*", "*", &long, "models:use"] {
            assert!(ModulePermission::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sets_say_which_one_is_wrong() {
        assert_eq!(ModuleSet::parse(["a:b", "c"]).unwrap_err().0, 1);
        let many: Vec<_> = (0..201).map(|n| format!("a:b{n}")).collect();
        assert_eq!(ModuleSet::parse(many.iter().map(String::as_str)).unwrap_err().0, 200);
        let set = ModuleSet::parse(["c:d", "a:b", "c:d"]).unwrap();
        assert_eq!(set.to_string(), "a:b c:d");
        let other = ModuleSet::parse(["a:b", "e:f"]).unwrap();
        assert_eq!(set.difference(&other).to_string(), "c:d e:f");
    }
}
