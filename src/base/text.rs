//! Text as people type it: one form of it for the store, one for comparing, one for searching, and what nobody can see in it.
//!
//! What is kept is in Unicode's normal form C (UAX #15), since `é` can be typed as one character and as two. What is compared
//! is caseless (Unicode §3.13, D146: compatibility forms and full case folding), so that `STRASSE` and `Straße` are one. What
//! is searched has lost its accents besides. The only place that names ICU and IDNA.

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, VariationSelector};
use icu_properties::{CodePointMapData, CodePointSetData};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use std::borrow::Cow;

/// The rule that a text breaks, in words: `must be …`. Never the text itself.
pub type Rule = Cow<'static, str>;

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
const NFKD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();
const CLASSES: CanonicalCombiningClassMapBorrowed<'static> = CanonicalCombiningClassMapBorrowed::new();

/// The canonical combining class of marks that take the vowel from a letter.
const VIRAMA: u8 = 9;

const ZWNJ: char = '\u{200c}';
const ZWJ: char = '\u{200d}';

/// Normal form C. Nothing is copied where the text is in it already, as ASCII always is.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { NFC.normalize(text) }
}

/// A password as RFC 8265 §4.2 prepares it (the profile OpaqueString): every blank is a space, normal form C, and case and
/// everything else stay.
pub fn opaque(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let is_blank = |c: char| !c.is_ascii() && category(c) == GeneralCategory::SpaceSeparator;
    if text.contains(is_blank) {
        let spaced: String = text.chars().map(|c| if is_blank(c) { ' ' } else { c }).collect();
        return Cow::Owned(NFC.normalize(&spaced).into_owned());
    }
    NFC.normalize(text)
}

/// Lower case in normal form C: what is kept of an address. It is its own lower case.
pub fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut lower = NFC.normalize(text).to_lowercase();
    // Composing can bring a letter that has a lower case of its own; it settles at once.
    for _ in 0..3 {
        let next = NFC.normalize(&lower).to_lowercase();
        if next == lower {
            break;
        }
        lower = next;
    }
    NFC.normalize(&lower).into_owned()
}

/// Full case folding (Unicode's `CaseFolding.txt`, C and F), by way of the capital of each letter: `ß` and `ẞ` are `ss`, `ς` is
/// `σ`, the Kelvin sign is `k`. The dotless `ı` is a letter of its own.
fn fold(text: impl Iterator<Item = char>) -> String {
    let mut folded = String::new();
    for c in text {
        if c == 'ı' {
            folded.push(c);
        } else {
            folded.extend(c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase));
        }
    }
    folded
}

/// What two texts have in common that differ only in case or in the form of their characters.
pub fn caseless(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = text.to_owned();
    // Taking compatibility forms apart can show capitals, and the other way round (D146 does it twice).
    for _ in 0..4 {
        let next = NFKC.normalize(&fold(NFKD.normalize(&folded).chars())).into_owned();
        if next == folded {
            break;
        }
        folded = next;
    }
    folded
}

/// What a text is searched by: caseless, without accents and without what nobody sees, in normal form KD, so that the front of
/// a syllable of Hangul finds it too.
pub fn searched(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let bare = |text: &str| -> String {
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        NFKD.normalize(text)
            .chars()
            .filter(|c| CLASSES.get_u8(*c) == 0 && !ignorable.contains(*c))
            .map(without_stroke)
            .collect()
    };
    let folded = fold(bare(text).chars());
    fold(bare(&folded).chars())
}

/// Letters whose stroke is no mark of its own in Unicode.
const fn without_stroke(c: char) -> char {
    match c {
        'ø' => 'o',
        'Ø' => 'O',
        'ł' => 'l',
        'Ł' => 'L',
        'đ' => 'd',
        'Đ' => 'D',
        'ħ' => 'h',
        'Ħ' => 'H',
        'ŧ' => 't',
        'Ŧ' => 'T',
        'ı' => 'i',
        other => other,
    }
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// Whether a character is a mark that goes with the one before it: an accent, a vowel sign.
pub fn is_mark(c: char) -> bool {
    matches!(
        category(c),
        GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
    )
}

/// Whether a script sets no blanks between its words, so that a word may begin at any letter: Han, kana, Thai, Lao, Khmer,
/// Burmese.
pub const fn runs_on(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The first character of a text that nobody can see and that has no business in a name: what turns the direction of text
/// around, joins or separates nothing, is a filler or a tag (Unicode's `Default_Ignorable_Code_Point`, the marks of
/// interlinear text, the separators of lines and paragraphs).
///
/// Some of them are part of how a name is written: U+200C and U+200D between two letters (Persian, Indic scripts, emoji) or
/// behind a virama, also at the end of a word (Malayalam's chillu letters; RFC 5892 A.1 and A.2), and a variation selector
/// behind the character that it belongs to (Han names, emoji, Mongolian). These are none.
pub fn hidden(text: &str) -> Option<char> {
    if text.is_ascii() {
        return None;
    }
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let selector = CodePointSetData::new::<VariationSelector>();
    let is_hidden = |c: char| ignorable.contains(c) || is_separator(c);
    let is_seen = |c: char| !is_hidden(c) && !c.is_whitespace() && !c.is_control();
    let mut before = None;
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let fits = match c {
            ZWJ | ZWNJ => {
                before.is_some_and(|b| CLASSES.get_u8(b) == VIRAMA)
                    || before.is_some_and(|b| is_seen(b) || selector.contains(b))
                        && letters.peek().is_some_and(|n| is_seen(*n))
            }
            _ if selector.contains(c) => before.is_some_and(is_seen),
            _ => !is_hidden(c),
        };
        if !fits {
            return Some(c);
        }
        before = Some(c);
    }
    None
}

fn refused(found: Option<char>) -> Result<(), Rule> {
    match found {
        Some(c) => Err(format!("must not have the invisible character U+{:04X}", u32::from(c)).into()),
        None => Ok(()),
    }
}

/// Refuses a text with a [`hidden`] character.
///
/// # Errors
/// The rule, with the character's number.
pub fn refuse_hidden(text: &str) -> Result<(), Rule> {
    refused(hidden(text))
}

/// Refuses a text with anything that nobody sees, wherever it stands; `joiners` are U+200C and U+200D.
///
/// # Errors
/// The rule, with the character's number.
pub fn refuse_invisible(text: &str, joiners: bool) -> Result<(), Rule> {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let is_refused = |c: &char| {
        !c.is_ascii() && (is_separator(*c) || ignorable.contains(*c)) && !(joiners && matches!(*c, ZWJ | ZWNJ))
    };
    refused(text.chars().find(is_refused))
}

/// Separators of lines and paragraphs, marks of interlinear text.
const fn is_separator(c: char) -> bool {
    matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{2028}' | '\u{2029}')
}

/// A name in the form that is kept: without blanks around it, in normal form C, 1 to `max` characters, without control and
/// [`hidden`] characters.
///
/// # Errors
/// The rule.
pub fn name(text: &str, max: usize) -> Result<String, Rule> {
    // Nothing that is much too long is worth the work of normalising it.
    let text = text.trim();
    let kept = if text.len() > max.saturating_mul(32) { Cow::Borrowed(text) } else { nfc(text) };
    if kept.is_empty() || kept.chars().count() > max || kept.chars().any(char::is_control) {
        return Err(format!("must be 1 to {max} characters without control characters").into());
    }
    refuse_hidden(&kept)?;
    Ok(kept.into_owned())
}

/// The most bytes of a domain, in either form.
const MAX_DOMAIN: usize = 253;

/// A domain as people read it: lower case, labels in their own script (U-labels); by UTS #46 and the rules of IDNA2008 for
/// joiners and for text from right to left. None if it is no domain.
pub fn domain(text: &str) -> Option<String> {
    if text.len() > MAX_DOMAIN * 4 {
        return None;
    }
    let shown = Uts46::new().to_unicode(text.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let shown = match shown {
        (shown, Ok(())) if shown.len() <= MAX_DOMAIN => shown.into_owned(),
        _ => return None,
    };
    ascii_domain(&shown).is_some().then_some(shown)
}

/// A domain as the network has it: lower case, labels in ASCII (A-labels). None if it is no domain.
pub fn ascii_domain(text: &str) -> Option<String> {
    Uts46::new()
        .to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .ok()
        .map(Cow::into_owned)
}

/// A text as one word of a shell.
pub fn shell_word(text: &str) -> String {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c)) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text without the byte-order mark that some editors put in front of UTF-8. It says how the text is encoded and is no part of it.
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// What a file or a pipe with one line says: without a byte-order mark, and without the line break that ends it. Everything else counts.
pub fn only_line(text: &str) -> &str {
    let text = without_mark(text);
    let bare = text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text));
    bare.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_one_word_of_a_shell() {
        assert_eq!(shell_word("/var/lib/scaistack"), "/var/lib/scaistack");
        assert_eq!(shell_word("/a b/it's"), r"'/a b/it'\''s'");
        assert_eq!(shell_word("/a$(b)"), "'/a$(b)'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn case_folds_fully() {
        for (one, other) in [
            ("STRASSE", "Straße"),
            ("STRA\u{1e9e}E", "straße"),
            ("ΟΔΟΣ", "οδος"),
            ("\u{212a}elvin", "kelvin"),
            ("\u{fb01}n", "FIN"),
            ("\u{212b}", "å"),
            ("e\u{301}", "É"),
            ("İ", "i\u{307}"),
            ("\u{ff21}\u{ff22}", "ab"),
            ("\u{10400}", "\u{10428}"),
        ] {
            assert_eq!(caseless(one), caseless(other), "{one} {other}");
        }
        assert_ne!(caseless("ı"), caseless("i"), "two letters");
        assert_ne!(caseless("cafe"), caseless("café"), "an accent makes another name");
    }

    #[test]
    fn a_search_does_without_accents() {
        for (one, other) in [
            ("Café", "cafe"),
            ("Łukasz Øre", "lukasz ore"),
            ("İstanbul", "istanbul"),
            ("ISTANBUL", "ıstanbul"),
            ("Straße", "STRASSE"),
            ("Ǆ", "dz"),
            ("\u{202e}abc", "abc"),
            ("Nguyễn", "nguyen"),
        ] {
            assert_eq!(searched(one), searched(other), "{one} {other}");
        }
        assert!(searched("한국").starts_with(&searched("하")), "the front of a syllable");
    }

    #[test]
    fn what_nobody_sees_is_named() {
        for (bad, c) in [
            ("a\u{202e}b", '\u{202e}'),
            ("a\u{200b}b", '\u{200b}'),
            ("\u{2066}a", '\u{2066}'),
            ("a\u{ad}b", '\u{ad}'),
            ("\u{3164}", '\u{3164}'),
            ("a\u{e0041}", '\u{e0041}'),
            ("a\u{200d}", '\u{200d}'),
            ("\u{200c}a", '\u{200c}'),
            ("a\u{200d}\u{200d}b", '\u{200d}'),
            ("ന്\u{200d}\u{200d}", '\u{200d}'),
            ("ന\u{200d}", '\u{200d}'),
            ("a \u{fe0f}", '\u{fe0f}'),
            ("a\u{fe0f}\u{fe0f}", '\u{fe0f}'),
            ("a\u{feff}", '\u{feff}'),
            ("a\u{2028}b", '\u{2028}'),
        ] {
            assert_eq!(hidden(bad), Some(c), "{bad:?}");
        }
        assert_eq!(refuse_hidden("a\u{202e}b").unwrap_err(), "must not have the invisible character U+202E");
        for good in [
            "Ann",
            "علی\u{200c}رضا",
            "👩\u{200d}💻",
            "❤\u{fe0f}\u{200d}🔥",
            "葛\u{e0100}城",
            "क्\u{200d}ष",
            "മോഹന്\u{200d}",
            "അവന്\u{200d} ജോണ്\u{200d}",
            "ക്\u{200c}",
            "José",
            "عبد الله",
        ] {
            assert_eq!(hidden(good), None, "{good:?}");
        }
    }

    #[test]
    fn a_password_is_one_however_it_is_typed() {
        assert_eq!(opaque("cafe\u{301} \u{a0}x"), "café  x");
        assert_eq!(opaque("Straße"), "Straße", "case and letters stay");
        assert!(matches!(opaque("plain ascii"), Cow::Borrowed(_)));
    }

    #[test]
    fn labels_are_one_domain() {
        for text in ["xn--bcher-kva.example", "B\u{dc}CHER.example", "bu\u{308}cher.EXAMPLE"] {
            assert_eq!(domain(text).as_deref(), Some("bücher.example"), "{text}");
        }
        assert_eq!(ascii_domain("bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        for bad in ["", "a..b", "-a", "a-", "a b", "xn--a", "a_b", "a\u{202e}b", &"a".repeat(64)] {
            assert_eq!(domain(bad), None, "{bad}");
        }
        assert_eq!(domain("localhost").as_deref(), Some("localhost"));
    }

    proptest! {
        #[test]
        fn every_form_is_its_own_form(text in "\\PC{0,40}|[\\x{0}-\\x{10ffff}]{0,12}") {
            let (composed, prepared) = (nfc(&text).into_owned(), opaque(&text).into_owned());
            prop_assert_eq!(nfc(&composed), composed.as_str());
            prop_assert_eq!(opaque(&prepared), prepared.as_str());
            prop_assert_eq!(lower(&lower(&text)), lower(&text));
            prop_assert_eq!(caseless(&caseless(&text)), caseless(&text));
            prop_assert_eq!(caseless(&lower(&text)), caseless(&text));
            prop_assert_eq!(searched(&searched(&text)), searched(&text));
            prop_assert_eq!(searched(&composed), searched(&text));
            if let Some(shown) = domain(&text) {
                prop_assert_eq!(domain(&shown), Some(shown.clone()));
                let ascii = ascii_domain(&shown);
                prop_assert_eq!(ascii.and_then(|ascii| domain(&ascii)), Some(shown));
            }
        }
    }

    /// Every character that there is, by itself and behind a letter.
    #[test]
    fn every_character_has_its_forms() {
        for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
            for text in [c.to_string(), format!("a{c}")] {
                let (lower, caseless, searched) = (lower(&text), caseless(&text), searched(&text));
                assert_eq!(super::lower(&lower), lower, "U+{:04X}", u32::from(c));
                assert_eq!(super::caseless(&caseless), caseless, "U+{:04X}", u32::from(c));
                assert_eq!(super::caseless(&lower), caseless, "U+{:04X}", u32::from(c));
                assert_eq!(super::searched(&searched), searched, "U+{:04X}", u32::from(c));
            }
        }
    }
    #[test]
    fn one_line_break_and_the_mark_are_no_part_of_a_line() {
        for (given, read) in
            [("a\n", "a"), ("\u{feff}a\r\n", "a"), ("a\n\n", "a\n"), (" a ", " a "), ("\u{feff}", ""), ("a\r", "a\r")]
        {
            assert_eq!(only_line(given), read);
        }
    }
}
