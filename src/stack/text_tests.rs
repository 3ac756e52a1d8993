//! What holds for every type of text that a row can have: whatever its parser takes, a row gives back, and parsing it again
//! changes nothing.

use crate::apps::{LogoUri, RedirectUri, WebOrigin};
use crate::base::name::ParsedText;
use crate::base::{DisplayName, Email, ExternalId, Scope, SecretPath, Slug};
use crate::people::{AddressText, Birthdate, GroupName, Locale, PhoneNumber, Username, WebUrl, ZoneInfo};
use crate::roles::{PermissionName, RoleName};
use crate::tenancy::LogoUrl;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Checks one text with one type; false: the parser refused it.
fn holds<T: ParsedText>(text: &str) -> bool {
    let Some(parsed) = T::parsed(text) else { return false };
    let row = postcard::to_allocvec(&parsed).unwrap();
    assert_eq!(postcard::from_bytes::<T>(&row).unwrap(), parsed, "{} of {text:?}", T::NAME);
    let json = serde_json::to_string(&parsed).unwrap();
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), parsed, "{} of {text:?}", T::NAME);
    assert_eq!(T::parsed(parsed.text()).as_ref(), Some(&parsed), "{} of {text:?}", T::NAME);
    true
}

/// A row of a text that today's rules refuse is read all the same; JSON is not.
fn reads_what_it_would_refuse<T: ParsedText>() {
    let refused = "\u{202e}\u{0}no rule takes this\n";
    assert!(T::parsed(refused).is_none(), "{}", T::NAME);
    let row = postcard::to_allocvec(refused).unwrap();
    assert_eq!(postcard::from_bytes::<T>(&row).unwrap().text(), refused, "{}", T::NAME);
    assert!(serde_json::from_str::<T>(&serde_json::to_string(refused).unwrap()).is_err(), "{}", T::NAME);
}

macro_rules! texts {
    ($($name:ident),* $(,)?) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        fn check(text: &str) -> BTreeSet<&'static str> {
            let mut taken = BTreeSet::new();
            $(if holds::<$name>(text) { taken.insert($name::NAME); })*
            taken
        }

        #[test]
        fn a_row_is_read_whatever_the_rules_are_today() {
            $(reads_what_it_would_refuse::<$name>();)*
        }
    };
}

texts!(
    AddressText,
    Birthdate,
    DisplayName,
    Email,
    ExternalId,
    GroupName,
    Locale,
    LogoUri,
    LogoUrl,
    PermissionName,
    PhoneNumber,
    RedirectUri,
    RoleName,
    Scope,
    SecretPath,
    Slug,
    Username,
    WebOrigin,
    WebUrl,
    ZoneInfo,
);

#[test]
fn every_type_of_text_is_among_these() {
    let mut declared = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for block in text.split("names! {\n").skip(1) {
                let block = block.split("\n}").next().unwrap();
                let lines = block.lines().map(str::trim).filter(|line| !line.starts_with("///"));
                declared.extend(lines.filter_map(|line| line.strip_suffix(';')).map(str::to_owned));
            }
            // A reader of its own has to say what it does with rows.
            let is_row =
                !["http", "config", "crypto", "cli"].iter().any(|top| path.components().any(|c| c.as_os_str() == *top));
            for reader in text.split("Deserialize<'de> for ").skip(1).filter(|_| is_row) {
                let body = reader.split("\n}\n").next().unwrap();
                let trusts = body.contains("is_human_readable") || body.starts_with("Secret<T>");
                // Only ever read from a JSON text, and never kept.
                let trusts = trusts || body.starts_with("Members ");
                assert!(trusts, "{} reads a row as it reads JSON: {}", path.display(), &body[..40]);
            }
        }
    }
    let known: BTreeSet<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(declared, known);
}

#[test]
fn awkward_texts_come_back() {
    for letter in [
        "İ",
        "ß",
        "ﬁ",
        "Σ",
        "ς",
        "ΣΣ",
        "\u{212a}",
        "\u{130}",
        "\u{301}",
        "e\u{301}",
        "\u{344}",
        "\u{1f88}",
        "\u{10400}",
        "👩\u{200d}💻",
        "\u{fb2a}",
        "\u{958}",
        "ﷺ",
        "\u{1e9e}",
        "ŉ",
        "ǰ",
        "ı",
        "\u{345}",
        "한",
        "\u{1100}\u{1161}",
        "ａ",
        "Ⓐ",
        "\u{3000}",
        "\u{2126}",
    ] {
        for text in [
            letter.to_owned(),
            format!("{letter}nci@example.org"),
            format!("x{letter}@example.org"),
            format!("ann@{letter}.example"),
            format!("https://a.example/{letter}"),
            format!("https://{letter}.example/"),
            format!(" {letter} x "),
        ] {
            check(&text);
        }
    }
    for (text, name) in [
        ("İnci@example.org", "Email"),
        ("https://a.example/cb", "RedirectUri"),
        ("https://a.example", "WebOrigin"),
        ("https://bücher.example/ä", "WebUrl"),
        ("+31 20 1234567", "PhoneNumber"),
        ("nl_NL", "Locale"),
        ("1985-07-21", "Birthdate"),
        ("Europe/Amsterdam", "ZoneInfo"),
        ("https://a.example/l.png", "LogoUrl"),
        ("https://a.example/l.png", "LogoUri"),
        ("a/b", "SecretPath"),
        ("acme", "Slug"),
        ("acme", "RoleName"),
        ("acme:x", "PermissionName"),
        ("acme:x", "Scope"),
        ("Damrak 1\r\nAmsterdam", "AddressText"),
        ("Straße", "GroupName"),
        ("Straße", "Username"),
        ("Straße", "DisplayName"),
        ("Straße", "ExternalId"),
    ] {
        assert!(check(text).contains(name), "{name} of {text}");
    }
}

/// A character of any plane; those that fold or compose come up often.
fn letter() -> impl Strategy<Value = char> {
    prop_oneof![
        any::<char>(),
        proptest::char::range('\u{c0}', '\u{24f}'),
        proptest::char::range('\u{300}', '\u{36f}'),
        proptest::char::range('\u{370}', '\u{3ff}'),
        proptest::char::range('\u{1e00}', '\u{1fff}'),
        proptest::char::range('\u{2000}', '\u{206f}'),
        proptest::char::range('\u{10400}', '\u{104ff}'),
        proptest::char::range(' ', '~'),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_a_parser_takes_a_row_gives_back(
        letters in proptest::collection::vec(letter(), 0..24),
        front in "|[ß-ɏ]{0,3}@|https://|https://a\\.example/|\\+[0-9]{6}|a",
        behind in "|@example\\.org|\\.example|@[a-zß-ɏ]{1,6}\\.example|/x|[0-9]",
    ) {
        let middle: String = letters.into_iter().collect();
        check(&format!("{front}{middle}{behind}"));
        check(&middle);
    }

    #[test]
    fn what_is_almost_right_comes_back(
        text in "[a-z]{1,3}@[a-zÀ-ɏ\\-\\.]{1,12}|[À-ɏΑ-ω\\.\\+]{1,9}@b\\.example|https?://[a-zÀ-ɏ\\.]{1,9}(/[ -~À-ɏ]{0,9})?"
    ) {
        check(&text);
    }
}
