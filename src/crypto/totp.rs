//! Time-based one-time passwords (RFC 6238 over RFC 4226): HMAC-SHA-1, steps of 30 seconds, six digits. These are the only
//! parameters that every authenticator app knows; SHA-1 is sound inside HMAC.

use super::digest::constant_time_eq;
use super::random;
use crate::base::Timestamp;
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

/// The length of a secret in bytes, as RFC 4226 §4 (R6) recommends.
pub const SECRET_LEN: usize = 20;
/// The length of a step in seconds.
pub const STEP_SECS: i64 = 30;
/// How many steps the other clock may be early or late.
const SKEW: u64 = 1;
/// How many digits a code has.
pub const DIGITS: usize = 6;

/// A new secret.
pub fn new_secret() -> Zeroizing<[u8; SECRET_LEN]> {
    Zeroizing::new(random::bytes())
}

/// The step that a moment lies in; 0 before 1970.
pub fn step_at(now: Timestamp) -> u64 {
    u64::try_from(now.secs() / STEP_SECS).unwrap_or(0)
}

/// The code of a step.
pub fn code(secret: &[u8], step: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    // RFC 4226 §5.3: the last four bits say where the four bytes stand.
    let at = usize::from(tag.last().copied().unwrap_or(0) & 0x0f);
    let four = tag.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes);
    format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
}

/// Whether a text has the form of a code: six digits.
pub fn is_code(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The step whose code this is: the step of `now`, the one before or the one after, and later than `last`, the step that was
/// used last. Exactly six digits; blanks are no digits. Every step is compared, in constant time.
pub fn find(secret: &[u8], text: &str, now: Timestamp, last: Option<u64>) -> Option<u64> {
    if !is_code(text) {
        return None;
    }
    let middle = step_at(now);
    let mut found = None;
    for step in middle.saturating_sub(SKEW)..=middle + SKEW {
        let same = constant_time_eq(code(secret, step).as_bytes(), text.as_bytes());
        if same && last.is_none_or(|last| step > last) {
            found = Some(step);
        }
    }
    found
}

/// RFC 4648 §6 without padding: how apps take a secret that is typed.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letter = |five: u64| ALPHABET.get(five as usize & 31).map_or('A', |byte| char::from(*byte));
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let bits = chunk.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte)) << ((5 - chunk.len()) * 8);
        let letters = (chunk.len() * 8).div_ceil(5);
        out.extend((0..letters).map(|at| letter(bits >> (35 - 5 * at))));
    }
    out
}

/// The bytes of a base32 text, for tests that play the app.
#[cfg(test)]
pub(crate) fn from_base32(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut out) = (0u32, 0, Vec::new());
    for letter in text.bytes().filter(|byte| *byte != b' ') {
        let five = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
        bits = bits << 5 | u32::from(five);
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4226, appendix D, and the SHA-1 rows of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_of_the_rfcs() {
        let secret = b"12345678901234567890";
        let counted =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (step, expected) in counted.iter().enumerate() {
            assert_eq!(code(secret, step as u64), *expected);
        }
        for (secs, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, step_at(Timestamp::from_secs(secs))), expected, "{secs}");
        }
    }

    #[test]
    fn one_step_early_or_late_and_never_twice() {
        let (secret, now) = (b"12345678901234567890", Timestamp::from_secs(1_800_000_000));
        let step = step_at(now);
        for (near, expected) in [
            (step - 2, None),
            (step - 1, Some(step - 1)),
            (step, Some(step)),
            (step + 1, Some(step + 1)),
            (step + 2, None),
        ] {
            assert_eq!(find(secret, &code(secret, near), now, None), expected);
        }
        let next = code(secret, step + 1);
        assert_eq!(find(secret, &next, now, Some(step)), Some(step + 1));
        assert_eq!(find(secret, &next, now, Some(step + 1)), None, "used");
        assert_eq!(find(secret, &code(secret, step), now, Some(step + 1)), None, "older than one that was used");
    }

    #[test]
    fn a_code_is_six_digits_and_nothing_else() {
        let (secret, now) = (b"12345678901234567890", Timestamp::from_secs(1_800_000_000));
        let good = code(secret, step_at(now));
        assert!(find(secret, &good, now, None).is_some());
        let (front, back) = good.split_at(3);
        for bad in [
            format!("{front} {back}"),
            format!(" {good}"),
            format!("{good} "),
            format!("{good}\n"),
            format!("{good}0"),
            good[..5].to_owned(),
            String::new(),
            format!("+{}", &good[1..]),
            "١٢٣".to_owned(),
        ] {
            assert_eq!(find(secret, &bad, now, None), None, "{bad:?}");
        }
    }

    /// RFC 4648 §10.
    #[test]
    fn base32_of_the_rfc() {
        for (text, expected) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(text.as_bytes()), expected);
        }
    }
}
