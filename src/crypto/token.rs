//! Opaque tokens: API keys, personal tokens, client secrets, sessions and one-time links, all made by one function.
//!
//! A token is a prefix that names its kind, random base62 characters, and a 6-character base62 CRC-32 over both. The
//! checksum is no secret and proves nothing: it lets a typo, a cut-off copy or a guess be refused without a look into
//! the store. Of a token only a keyed hash is kept ([`KeptToken`]); the token is random, so nothing slower is needed.

use super::digest::{MacKey, constant_time_eq, sha256};
use super::random;
use crate::base::Secret;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKSUM_LEN: usize = 6;

/// What a token is for. Its prefix tells, so that a token given in the wrong place is refused at once, and so that a
/// scanner finds one that has leaked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A ScaiGrid API key, `sgk_…`.
    ApiKey,
    /// A personal access token, `skt_…`.
    PersonalToken,
    /// The secret of an OAuth client, `scs_…`.
    ClientSecret,
    /// A browser session's cookie: 43 characters without a prefix.
    SessionId,
    /// The one-time link for a first administrator, `sst_…`.
    SetupLink,
    /// A one-time link sent by mail: invitation, sign-in, new password; `slk_…`.
    MailLink,
    /// A one-time link to an organisation's portal, `spl_…`.
    PortalLink,
    /// An OAuth refresh token, `srt_…`.
    RefreshToken,
    /// An OAuth authorization code or device code, `sac_…`.
    GrantCode,
}

impl TokenKind {
    #[cfg(test)]
    const ALL: [Self; 9] = [
        Self::ApiKey,
        Self::PersonalToken,
        Self::ClientSecret,
        Self::SessionId,
        Self::SetupLink,
        Self::MailLink,
        Self::PortalLink,
        Self::RefreshToken,
        Self::GrantCode,
    ];

    /// The prefix with its underscore; empty for a session.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "sgk_",
            Self::PersonalToken => "skt_",
            Self::ClientSecret => "scs_",
            Self::SessionId => "",
            Self::SetupLink => "sst_",
            Self::MailLink => "slk_",
            Self::PortalLink => "spl_",
            Self::RefreshToken => "srt_",
            Self::GrantCode => "sac_",
        }
    }

    /// The number of characters between prefix and checksum: 32 random ones hold 190 bits, a session's 37 hold 220. A refresh
    /// token's 61 are put together by `families`.
    const fn body_len(self) -> usize {
        match self {
            Self::SessionId => 37,
            Self::RefreshToken => 61,
            _ => 32,
        }
    }

    /// The length of a token of this kind in characters: prefix, random part, checksum.
    pub const fn len(self) -> usize {
        self.prefix().len() + self.body_len() + CHECKSUM_LEN
    }

    /// Never: every kind has a random part.
    pub const fn is_empty(self) -> bool {
        false
    }
}

/// The SHA-256 of a token, by which it is carried about in memory. Never stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenDigest(pub [u8; 32]);

/// What the store keeps of a token and finds it by: the HMAC-SHA-256 of its SHA-256 under a key of the instance that is in no
/// row, so that rows alone do not even tell whether a token that somebody has found is one of these. Made by
/// `store::Read::keep`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeptToken(pub [u8; 32]);

impl KeptToken {
    /// Whether both are of the same token, compared in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        constant_time_eq(&self.0, &other.0)
    }
}

impl TokenDigest {
    /// The digest of any text, for secrets that were not made here (imported client secrets). Prefer [`parse`].
    pub fn of(text: &str) -> Self {
        Self(sha256(text.as_bytes()))
    }

    /// What is kept of the token: [`super::keyring::Keyring::tokens`] is the key.
    pub fn kept_under(&self, key: &MacKey) -> KeptToken {
        KeptToken(key.mac(&[&self.0]))
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "TokenDigest({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

impl fmt::Debug for KeptToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "KeptToken({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// Why a text is no token of the kind that is wanted here. Nothing was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It begins otherwise: another kind of token, or none.
    #[error("the token is of another kind")]
    Prefix,
    /// Characters are missing, or there are too many.
    #[error("the token is too short or too long")]
    Length,
    /// It holds characters that no token has.
    #[error("the token holds a character that no token has")]
    Alphabet,
    /// The checksum does not fit: a typo, or a token made up.
    #[error("the token is mistyped")]
    Checksum,
}

/// Makes a new random token. Show it once; keep only its [`TokenDigest`].
pub fn make(kind: TokenKind) -> Secret<String> {
    let mut text = String::with_capacity(kind.len());
    text.push_str(kind.prefix());
    let body_end = kind.prefix().len() + kind.body_len();
    let mut pool = Zeroizing::new([0u8; 64]);
    while text.len() < body_end {
        random::fill(pool.as_mut());
        // 248 is the largest multiple of 62 in a byte: taking only what is below makes every character equally likely.
        for byte in pool.iter().filter(|byte| **byte < 248).take(body_end - text.len()) {
            text.push(digit(u32::from(*byte)));
        }
    }
    let sum = checksum(text.as_bytes());
    text.extend(sum.map(char::from));
    Secret::new(text)
}

/// A token of a given body instead of a random one: letters and digits, as many as the kind has. The prefix and the checksum
/// are added. None: the body is not that.
pub fn compose(kind: TokenKind, body: &str) -> Option<Secret<String>> {
    if body.len() != kind.body_len() || !body.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let mut text = String::with_capacity(kind.len());
    text.push_str(kind.prefix());
    text.push_str(body);
    let sum = checksum(text.as_bytes());
    text.extend(sum.map(char::from));
    Some(Secret::new(text))
}

/// What stands between the prefix and the checksum of a well-formed token of `kind`. Reads no store.
///
/// # Errors
/// As [`parse`].
pub fn body_of(kind: TokenKind, text: &str) -> Result<&str, Malformed> {
    parse(kind, text)?;
    let start = kind.prefix().len();
    text.get(start..start + kind.body_len()).ok_or(Malformed::Length)
}

/// A number in base62 with leading zeros, the most significant digit first. What does not fit into `len` digits is cut off in
/// front: 6 digits hold 32 bits, 11 hold 64, 22 hold 128.
pub fn base62(mut number: u128, len: usize) -> String {
    let mut digits = vec!['0'; len];
    for place in digits.iter_mut().rev() {
        *place = digit((number % 62) as u32);
        number /= 62;
    }
    digits.into_iter().collect()
}

/// Reads what [`base62`] wrote. None: another character, or a number of more than 128 bits.
pub fn parse_base62(text: &str) -> Option<u128> {
    text.bytes().try_fold(0u128, |number, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return None,
        };
        number.checked_mul(62)?.checked_add(u128::from(digit))
    })
}

/// Checks that `text` is a well-formed token of `kind` and gives its digest for the look-up. Reads no store and
/// allocates nothing. That a token is well formed says nothing about who holds it.
///
/// # Errors
/// [`Malformed`] says what is wrong, in words that may be shown.
pub fn parse(kind: TokenKind, text: &str) -> Result<TokenDigest, Malformed> {
    let body = text.strip_prefix(kind.prefix()).ok_or(Malformed::Prefix)?;
    if text.len() != kind.len() {
        return Err(Malformed::Length);
    }
    if !body.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Malformed::Alphabet);
    }
    let (front, sum) = text.as_bytes().split_last_chunk::<CHECKSUM_LEN>().ok_or(Malformed::Length)?;
    if checksum(front) != *sum {
        return Err(Malformed::Checksum);
    }
    Ok(TokenDigest(sha256(text.as_bytes())))
}

/// The last four characters, by which people tell their keys apart in a list. They belong to the checksum, which leaves
/// at least 166 bits of the random part unknown. Of a shorter text, all of it.
pub fn hint(text: &str) -> &str {
    let start = text.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    text.get(start..).unwrap_or_default()
}

/// The CRC-32 (ISO-HDLC) of `data` as six base62 characters, the most significant first.
fn checksum(data: &[u8]) -> [u8; CHECKSUM_LEN] {
    let mut rest = crc32fast::hash(data);
    let mut out = [b'0'; CHECKSUM_LEN];
    for place in out.iter_mut().rev() {
        *place = digit(rest) as u8;
        rest /= 62;
    }
    out
}

/// The character for `value` modulo 62.
fn digit(value: u32) -> char {
    ALPHABET.get((value % 62) as usize).map_or('0', |byte| char::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_kind() -> impl Strategy<Value = TokenKind> {
        prop::sample::select(TokenKind::ALL.to_vec())
    }

    #[test]
    fn a_new_token_parses_as_its_kind_only() {
        for kind in TokenKind::ALL {
            let token = make(kind);
            let text = token.expose();
            assert_eq!(text.len(), kind.len());
            assert_eq!(text.capacity(), kind.len(), "no copy was left behind by growing");
            assert_eq!(parse(kind, text), Ok(TokenDigest::of(text)));
            for other in TokenKind::ALL.into_iter().filter(|other| *other != kind) {
                assert!(parse(other, text).is_err(), "{kind:?} as {other:?}");
            }
        }
        assert_eq!(TokenKind::SessionId.len(), 43);
    }

    /// Computed with Python's `zlib.crc32`: the format is fixed, tokens in the field must parse for ever.
    #[test]
    fn a_known_token() {
        let text = "sgk_0123456789ABCDEFGHIJKLMNOPQRSTUV1Wkb19";
        assert_eq!(parse(TokenKind::ApiKey, text), Ok(TokenDigest::of(text)));
        assert_eq!(checksum(b"123456789").as_slice(), b"3jZRME");
        assert_eq!(checksum(b"").as_slice(), b"000000");
    }

    #[test]
    fn says_what_is_wrong() {
        let token = make(TokenKind::ApiKey);
        let text = token.expose();
        assert_eq!(parse(TokenKind::PersonalToken, text), Err(Malformed::Prefix));
        assert_eq!(parse(TokenKind::ApiKey, &text[..41]), Err(Malformed::Length));
        assert_eq!(parse(TokenKind::ApiKey, &format!("{text}0")), Err(Malformed::Length));
        assert_eq!(parse(TokenKind::ApiKey, &format!("sgk_-{}", &text[5..])), Err(Malformed::Alphabet));
        assert_eq!(parse(TokenKind::ApiKey, &format!("sgk_é{}", &text[6..])), Err(Malformed::Alphabet));
        let swapped: String = text[..4].chars().chain(text[4..].chars().rev()).collect();
        assert_eq!(parse(TokenKind::ApiKey, &swapped), Err(Malformed::Checksum));
    }

    #[test]
    fn every_character_is_equally_likely() {
        let mut counts = [0u32; 62];
        for _ in 0..2000 {
            let token = make(TokenKind::SessionId);
            for byte in &token.expose().as_bytes()[..37] {
                counts[ALPHABET.iter().position(|letter| letter == byte).unwrap()] += 1;
            }
        }
        // 74,000 characters, 1193.5 of each, standard deviation 34: eight of them never happen by chance.
        assert!(counts.iter().all(|count| (920..1470).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_composed_token_is_as_good_as_a_made_one() {
        let body = format!("{}{}{}", base62(u128::from(u64::MAX), 11), base62(7, 6), base62(u128::MAX, 44));
        let token = compose(TokenKind::RefreshToken, &body).unwrap();
        assert_eq!(body_of(TokenKind::RefreshToken, token.expose()), Ok(body.as_str()));
        for bad in [&body[1..], &format!("{body}0"), &format!("{}-", &body[1..]), ""] {
            assert!(compose(TokenKind::RefreshToken, bad).is_none(), "{bad}");
        }
        assert_eq!(body_of(TokenKind::ApiKey, token.expose()), Err(Malformed::Prefix));
    }

    #[test]
    fn numbers_in_base62() {
        for (number, len) in
            [(0, 1), (61, 1), (62, 2), (u128::from(u32::MAX), 6), (u128::from(u64::MAX), 11), (u128::MAX, 22)]
        {
            let text = base62(number, len);
            assert_eq!((text.len(), parse_base62(&text)), (len, Some(number)), "{text}");
        }
        assert_eq!(base62(62, 2), "10");
        for bad in ["-", "0 ", "é", "zzzzzzzzzzzzzzzzzzzzzz"] {
            assert_eq!(parse_base62(bad), None, "{bad}");
        }
    }

    #[test]
    fn hints() {
        assert_eq!(hint("sgk_abcdWXYZ"), "WXYZ");
        assert_eq!(hint("é"), "é");
        assert_eq!(hint("aéßc→"), "éßc→");
        assert_eq!(hint(""), "");
    }

    #[test]
    fn digests_compare_and_hide() {
        let key = MacKey::new(b"key");
        let (a, b) = (TokenDigest::of("a").kept_under(&key), TokenDigest::of("b").kept_under(&key));
        assert!(
            a.matches(&a) && !a.matches(&b) && !a.matches(&TokenDigest::of("a").kept_under(&MacKey::new(b"other")))
        );
        assert_eq!(a.0, super::super::digest::MacKey::new(b"key").mac(&[&sha256(b"a")]));
        assert_eq!(format!("{:?}", TokenDigest::of("a")), "TokenDigest(ca978112…)");
        assert!(format!("{a:?}").starts_with("KeptToken(") && format!("{a:?}").len() < 24);
        let bytes = postcard::to_allocvec(&a).unwrap();
        assert_eq!(bytes, a.0, "as the SHA-256 was, so that older rows can be read");
        assert_eq!(postcard::from_bytes::<KeptToken>(&bytes).unwrap(), a);
    }

    proptest! {
        #[test]
        fn garbage_never_panics_and_never_parses(kind in any_kind(), bytes: Vec<u8>) {
            let text = String::from_utf8_lossy(&bytes);
            prop_assert!(parse(kind, &text).is_err());
            let _ = hint(&text);
            let prefixed = [kind.prefix(), &text].concat();
            prop_assert!(parse(kind, &prefixed).is_err());
        }

        #[test]
        fn one_changed_letter_is_always_refused(kind in any_kind(), at: prop::sample::Index, to in 0u32..62) {
            let token = make(kind);
            let mut changed = token.expose().clone().into_bytes();
            let at = at.index(changed.len());
            let to = digit(to) as u8;
            prop_assume!(changed[at] != to);
            changed[at] = to;
            prop_assert!(parse(kind, std::str::from_utf8(&changed).unwrap()).is_err());
        }

        #[test]
        fn two_swapped_neighbours_are_always_refused(kind in any_kind(), at: prop::sample::Index) {
            let token = make(kind);
            let mut changed = token.expose().clone().into_bytes();
            let at = at.index(changed.len() - 1);
            prop_assume!(changed[at] != changed[at + 1]);
            changed.swap(at, at + 1);
            prop_assert!(parse(kind, std::str::from_utf8(&changed).unwrap()).is_err());
        }

        #[test]
        fn a_checksum_is_the_crc_in_base62(data: Vec<u8>) {
            let value = checksum(&data).iter().fold(0u64, |sum, byte| {
                sum * 62 + ALPHABET.iter().position(|letter| letter == byte).unwrap() as u64
            });
            prop_assert_eq!(value, u64::from(crc32fast::hash(&data)));
        }
    }
}
