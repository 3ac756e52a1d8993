//! E-mail addresses: what is kept of one, and what makes two of them the same.

use super::name::names;
use super::text::{self, Rule};

/// The longest address in bytes, and the longest part before the `@` (RFC 5321 §4.5.3.1).
const MAX: usize = 254;
const MAX_LOCAL: usize = 64;

names! {
    /// An e-mail address in lower case and normal form C, its domain in the letters of its own script: the name of a user on
    /// this instance.
    Email;
}

/// What addresses of one mailbox have in common: without differences of case and of the form of characters, the domain in
/// ASCII. `STRASSE@BÜCHER.example` and `straße@xn--bcher-kva.example` have the same. What is unique is this.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailKey(String);

impl Email {
    /// Without the blanks around it: one `@`, at most 254 bytes in all and 64 before it, a domain of dotted labels (UTS #46, IDNA2008). Before the `@` there
    /// may be letters, digits and marks of any script and ``!#$%&'*+-/=?^_`{|}~.`` (RFC 6532), and nothing that nobody sees.
    ///
    /// # Errors
    /// The rule, with the number of an invisible character.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        const RULE: Rule = Rule::Borrowed("must be an e-mail address such as alice@example.com");
        // Blanks and line ends around it are pasted, never meant.
        let text = text.trim();
        // Decomposed letters are several times as long as they are kept.
        if text.len() > MAX * 4 {
            return Err(RULE);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(RULE)?;
        let local = text::lower(local);
        text::refuse_invisible(&local, false)?;
        // IDNA has its own rules for joiners, but would leave the others out without a word.
        text::refuse_invisible(domain, true)?;
        let local_ok = !local.is_empty()
            && local.len() <= MAX_LOCAL
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && !local.starts_with(text::is_mark)
            && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || text::is_mark(c));
        let domain = text::domain(domain).ok_or(RULE)?;
        let whole = format!("{local}@{domain}");
        let ascii = text::ascii_domain(&domain).ok_or(RULE)?;
        let longest = whole.len().max(local.len() + 1 + ascii.len());
        if local_ok && longest <= MAX { Ok(Self(whole)) } else { Err(RULE) }
    }

    /// What it has in common with every other spelling of it.
    pub fn key(&self) -> EmailKey {
        EmailKey::of(&self.0)
    }

    /// Whether mail to both arrives in one place, for all that mail servers say: one spelling of the local part, one domain.
    pub fn is_same_mailbox(&self, other: &Self) -> bool {
        self.for_mail() == other.for_mail()
    }

    /// With the domain in ASCII, as mail servers take it that know nothing of other scripts.
    pub fn for_mail(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        format!("{local}@{}", text::ascii_domain(domain).unwrap_or_else(|| domain.to_owned()))
    }
}

impl EmailKey {
    /// Of any text, also one that is no address: a try to sign in may claim anything.
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').unwrap_or((text, ""));
        let domain = text::ascii_domain(domain).unwrap_or_else(|| text::caseless(domain));
        Self(format!("{}@{domain}", text::caseless(local)))
    }

    /// Whether two texts, addresses or other names, are spellings of one.
    pub fn is_same(one: &str, other: &str) -> bool {
        one.eq_ignore_ascii_case(other) || (!(one.is_ascii() && other.is_ascii()) && Self::of(one) == Self::of(other))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A key from a row or an index, as it is.
    pub(crate) const fn stored(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_an_address_are_no_part_of_it() {
        for pasted in [" ann@a.example", "ann@a.example\r\n", "\u{a0}ann@a.example\u{3000}", "\tann@a.example "] {
            assert_eq!(Email::parse(pasted).unwrap().as_str(), "ann@a.example", "{pasted:?}");
        }
        for bad in ["ann @a.example", "ann@ a.example", "ann\n@a.example", " "] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn emails_fold_case() {
        for (typed, kept) in [
            ("Alice@Example.COM", "alice@example.com"),
            ("İnci@example.org", "i\u{307}nci@example.org"),
            ("JOSE\u{301}@example.org", "josé@example.org"),
            ("Straße@Example.org", "straße@example.org"),
            ("o'neil+x@example.org", "o'neil+x@example.org"),
            ("ann@B\u{dc}CHER.example", "ann@bücher.example"),
            ("ann@xn--bcher-kva.example", "ann@bücher.example"),
            ("राम@example.org", "राम@example.org"),
            ("क्षमा@example.org", "क्षमा@example.org"),
            ("\u{10400}@example.org", "\u{10428}@example.org"),
            ("a@localhost", "a@localhost"),
        ] {
            assert_eq!(Email::parse(typed).unwrap().as_str(), kept);
            assert_eq!(Email::parse(kept).unwrap().as_str(), kept, "it is kept as it is");
        }
        let long = format!("{}@example.org", "é".repeat(33));
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b..c",
            ".a@b",
            "a b@c",
            "a@-b",
            "a@b@c d",
            "a@b_c",
            "a@xn--a",
            "\u{301}a@b.c",
            &long,
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_invisible_character_of_an_address_is_named() {
        for (bad, number) in
            [("a\u{202e}b@c.example", "U+202E"), ("a@b\u{200b}.example", "U+200B"), ("a\u{200d}@b.c", "U+200D")]
        {
            assert!(Email::parse(bad).unwrap_err().contains(number), "{bad:?}");
        }
    }

    #[test]
    fn spellings_of_one_address_have_one_key() {
        for (one, other) in [
            ("STRASSE@example.org", "straße@example.org"),
            ("Ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
            ("οδος@example.org", "ΟΔΟΣ@example.org"),
            ("\u{212a}ai@example.org", "kai@example.org"),
            ("\u{fb01}n@example.org", "fin@example.org"),
        ] {
            assert_eq!(Email::parse(one).unwrap().key(), Email::parse(other).unwrap().key(), "{one} {other}");
            assert_eq!(EmailKey::of(one), EmailKey::of(other));
            assert!(EmailKey::is_same(one, other) && !EmailKey::is_same(one, "ann@example.org"));
        }
        assert!(EmailKey::is_same("ÜBER", "über") && EmailKey::is_same("Ann", "ann") && !EmailKey::is_same("é", "e"));
        for (one, other) in [("café@b.c", "cafe@b.c"), ("İnci@b.c", "inci@b.c"), ("ıl@b.c", "il@b.c")] {
            assert_ne!(EmailKey::of(one), EmailKey::of(other), "{one} {other}");
        }
    }

    #[test]
    fn another_spelling_of_the_local_part_is_another_mailbox() {
        let email = |text: &str| Email::stored(text.to_owned());
        assert!(email("ann@xn--bcher-kva.example").is_same_mailbox(&email("ann@bücher.example")));
        assert!(!email("strasse@b.example").is_same_mailbox(&email("straße@b.example")));
    }

    #[test]
    fn mail_goes_to_the_domain_in_ascii() {
        assert_eq!(Email::parse("ann@bücher.example").unwrap().for_mail(), "ann@xn--bcher-kva.example");
    }
}
