//! Names with rules: parsed once at the edge, and from then on known to be good. Each constructor's error says what the
//! rule is and never repeats the value.

use super::text::{self, Rule};
use std::fmt;
use std::sync::Arc;

/// Makes a newtype around a `String` that only its `parse` can build; the rules of a domain's own names stand in the domain.
///
/// What comes from outside is JSON and is parsed; what comes from a row was parsed when it was written and is taken as it is,
/// whatever the rules are today. A row that cannot be read takes every list down that it is in.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str { &self.0 }

            /// A text from a row or a key, as it is.
            #[allow(dead_code)]
            pub(crate) const fn stored(text: String) -> Self { Self(text) }
        }

        #[cfg(test)]
        impl $crate::base::name::ParsedText for $name {
            const NAME: &'static str = stringify!($name);
            fn parsed(text: &str) -> Option<Self> { Self::parse(text).ok() }
            fn text(&self) -> &str { self.as_str() }
        }

        #[cfg(test)]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
            fn inline_schema() -> bool { true }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::base::schema::of_name(stringify!($name))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str { &self.0 }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let is_stored = !deserializer.is_human_readable();
                let text = String::deserialize(deserializer)?;
                if is_stored { Ok(Self(text)) } else { Self::parse(&text).map_err(serde::de::Error::custom) }
            }
        }
    )*};
}

pub(crate) use names;

/// What the tests ask of every type that [`names`] makes.
#[cfg(test)]
pub(crate) trait ParsedText:
    Sized + serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug
{
    /// The type's name.
    const NAME: &'static str;
    /// As `parse`.
    fn parsed(text: &str) -> Option<Self>;
    /// As `as_str`.
    fn text(&self) -> &str;
}

names! {
    /// The short name of a tenant or partner, as it stands in addresses: `acme-prod`.
    Slug;
    /// A name for people to read: 1 to 255 characters, nothing in it that nobody sees, no blanks around it.
    DisplayName;
    /// What another program calls a user or an organisation: its own key for them.
    ExternalId;
    /// Where a secret lives: `environments/production/salesforce/api-credentials`.
    SecretPath;
    /// One scope of a token, RFC 6749 §3.3: `admin:read`.
    Scope;
}

const SLUG_RULE: &str = "must be parts of 1 to 63 of the characters a-z, 0-9 and - between dots, with a letter or digit at both ends of each";

impl Slug {
    /// 1 to 253 characters: parts of 1 to 63 of `a-z 0-9 -` between dots, each with a letter or digit at both ends, as in a
    /// host name (Scalekit's schema).
    ///
    /// # Errors
    /// The rule, and one that would do where one comes near: `acme-corp` for `Acme Corp`.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let part_ok = |part: &str| {
            let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
            let inner = part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            inner && part.len() <= 63 && edge(part.as_bytes().first()) && edge(part.as_bytes().last())
        };
        if text.len() <= 253 && text.split('.').all(part_ok) {
            return Ok(Self(text.to_owned()));
        }
        let near = DisplayName::parse(text).ok().and_then(|name| Self::from_name(&name, 63));
        Err(match near {
            Some(near) => format!("{SLUG_RULE}; {near} would do").into(),
            None => SLUG_RULE.into(),
        })
    }
}

impl Slug {
    /// Made from a name, of at most `max` characters, 63 at most: letters and digits of ASCII in lower case, and a hyphen for
    /// what is between them. `Acme & Sons, Inc.` gives `acme-sons-inc`; none, if the name has none of these.
    pub fn from_name(name: &DisplayName, max: usize) -> Option<Self> {
        let max = max.min(63);
        let mut slug = String::with_capacity(max);
        for letter in name.as_str().chars().flat_map(char::to_lowercase) {
            if slug.len() == max {
                break;
            }
            if letter.is_ascii_alphanumeric() {
                slug.push(letter);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        Self::parse(slug.trim_end_matches('-')).ok()
    }
}

impl DisplayName {
    /// Blanks around it are dropped and it is brought into normal form C; then 1 to 255 characters, none of them a control
    /// character or one that nobody sees ([`text::hidden`]).
    ///
    /// # Errors
    /// The rule, with the number of an invisible character.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        text::name(text, 255).map(Self)
    }
}

impl ExternalId {
    /// 1 to 510 characters (Scalekit's schema), none of them a control character. Kept as it is given: case and blanks count.
    ///
    /// # Errors
    /// The rule.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() || text.chars().count() > 510 || text.chars().any(char::is_control) {
            return Err("must be 1 to 510 characters without control characters");
        }
        Ok(Self(text.to_owned()))
    }
}

impl SecretPath {
    /// The longest path, in characters.
    pub const MAX_CHARS: usize = 512;
    /// The most levels.
    pub const MAX_LEVELS: usize = 10;

    /// 1 to 10 levels of `a-z 0-9 - _` between slashes, at most 512 characters; no slash at an end, none doubled
    /// (ScaiVault's documentation of secrets).
    ///
    /// # Errors
    /// Which rule is broken.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("must not be empty");
        }
        if text.len() > Self::MAX_CHARS {
            return Err("must be at most 512 characters long");
        }
        if text.starts_with('/') || text.ends_with('/') {
            return Err("must not start or end with a slash");
        }
        if text.contains("//") {
            return Err("must not have an empty segment");
        }
        if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'/')) {
            return Err("may only have the characters a-z, 0-9, -, _ and /");
        }
        if text.split('/').count() > Self::MAX_LEVELS {
            return Err("must have at most 10 levels");
        }
        Ok(Self(text.to_owned()))
    }
}

impl Scope {
    /// 1 to 128 of the characters that RFC 6749 §3.3 allows in a scope token.
    ///
    /// # Errors
    /// The rule.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let ok = |b: u8| b == 0x21 || (0x23..=0x5b).contains(&b) || (0x5d..=0x7e).contains(&b);
        if text.is_empty() || text.len() > 128 || !text.bytes().all(ok) {
            return Err("must be 1 to 128 visible ASCII characters without quotes or backslashes");
        }
        Ok(Self(text.to_owned()))
    }
}

/// Scopes without repeats, in the order they were given. Cheap to clone: every request with a key or token has one.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ScopeSet(Arc<[Scope]>);

impl ScopeSet {
    /// Reads scopes separated by blanks, at most 100 of them.
    ///
    /// # Errors
    /// The rule that one of them breaks.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        Self::from_texts(text.split(' ').filter(|part| !part.is_empty()))
    }

    /// From single scopes.
    ///
    /// # Errors
    /// The rule that one of them breaks.
    pub fn from_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, &'static str> {
        let mut scopes: Vec<Scope> = Vec::new();
        for text in texts {
            if scopes.iter().any(|have| have.as_str() == text) {
                continue;
            }
            scopes.push(Scope::parse(text)?);
            if scopes.len() > 100 {
                return Err("must be at most 100 scopes");
            }
        }
        Ok(Self(scopes.into()))
    }

    /// Whether this exact scope is among them.
    pub fn has(&self, scope: &str) -> bool {
        self.0.iter().any(|have| have.as_str() == scope)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that `other` holds too. Costs nothing where that is all of them, as it mostly is.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        let held = |scope: &&Scope| other.has(scope.as_str());
        if self.0.iter().all(|scope| held(&scope)) {
            self.clone()
        } else {
            Self(self.0.iter().filter(held).cloned().collect())
        }
    }

    /// The scopes that are not in `other`.
    pub fn beyond<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Scope> {
        self.0.iter().filter(|scope| !other.has(scope.as_str()))
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Scope::as_str)
    }
}

impl fmt::Display for ScopeSet {
    /// With one blank between them, as in a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_gives_a_slug_of_its_letters_and_digits() {
        for (name, slug) in [
            ("Acme & Sons, Inc.", Some("acme-sons-inc")),
            ("  --  7th Heaven!  ", Some("7th-heaven")),
            ("Caf\u{e9} M\u{fc}ller", Some("caf-m-ller")),
            ("\u{65e5}\u{672c}", None),
            ("...", None),
        ] {
            let name = DisplayName::parse(name).unwrap();
            assert_eq!(Slug::from_name(&name, 40).as_ref().map(Slug::as_str), slug, "{name}");
        }
        let name = DisplayName::parse("abc def").unwrap();
        assert_eq!(Slug::from_name(&name, 4).unwrap().as_str(), "abc");
    }

    #[test]
    fn secret_paths_follow_the_rules() {
        let eleven = ["a"; 11].join("/");
        let long = "a".repeat(513);
        for bad in ["", "/a", "a/", "a//b", "a/../b", "A/b", "a b", "a.b", "a/%2e", "ä", &eleven, &long] {
            assert!(SecretPath::parse(bad).is_err(), "{bad}");
        }
        for good in ["a", "environments/production/salesforce/api-credentials", &["a"; 10].join("/")] {
            assert!(SecretPath::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn slugs() {
        let (most, beyond) = (["a".repeat(61).as_str(); 4].join("."), ["a".repeat(63).as_str(); 4].join("."));
        for bad in ["", "-a", "a-", "A", "a_b", ".a", "a.", "a..b", "a.-b", "a-.b", &"a".repeat(64), &beyond] {
            assert!(Slug::parse(bad).is_err(), "{bad}");
        }
        for good in ["a", "acme-prod-2", "acme.example.com", &"a".repeat(63), &most] {
            assert!(Slug::parse(good).is_ok(), "{good}");
        }
        for (bad, near) in [("Acme Corp", "acme-corp would do"), ("ACME", "acme would do"), ("a_b", "a-b would do")] {
            assert!(Slug::parse(bad).unwrap_err().ends_with(near), "{bad}");
        }
        assert!(Slug::parse("日本").unwrap_err().ends_with("both ends of each"));
    }

    #[test]
    fn scopes_keep_their_order_and_lose_repeats() {
        let set = ScopeSet::parse("openid  admin:read openid").unwrap();
        assert_eq!(set.to_string(), "openid admin:read");
        assert!(ScopeSet::parse("a\"b").is_err());
        assert_eq!(
            set.beyond(&ScopeSet::parse("openid").unwrap()).map(Scope::as_str).collect::<Vec<_>>(),
            ["admin:read"]
        );
    }

    #[test]
    fn external_ids_are_kept_as_they_are() {
        for good in ["1", " A b ", "crm|42/é", &"é".repeat(510)] {
            assert_eq!(ExternalId::parse(good).map(|id| id.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "a\0b", "a\nb", &"x".repeat(511)] {
            assert!(ExternalId::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_name_with_a_letter_gives_a_slug(text in "\\PC{0,200}[a-zA-Z0-9]", max in 1usize..100) {
            let Ok(name) = DisplayName::parse(&text) else { return Ok(()) };
            let slug = Slug::from_name(&name, max);
            prop_assert!(slug.is_some_and(|slug| slug.as_str().len() <= max.min(63)), "{}", name);
        }

        #[test]
        fn no_text_breaks_a_parser(text in ".{0,600}") {
            if let Ok(id) = ExternalId::parse(&text) {
                prop_assert_eq!(id.as_str(), &text);
            }
            if let Ok(path) = SecretPath::parse(&text) {
                prop_assert_eq!(path.as_str(), &text);
                prop_assert!(!text.contains("..") && !text.contains('%'));
            }
            let _ = (Slug::parse(&text), crate::base::Email::parse(&text), DisplayName::parse(&text), ScopeSet::parse(&text));
            let _ = (crate::base::time::parse_duration_secs(&text), crate::base::Timestamp::parse(&text));
        }
    }
}
