//! Secrets and codes: functions on bytes, outside of transactions.

use super::{Factors, RECOVERY_CODES};
use crate::base::id::UserId;
use crate::base::{Email, Id, Problem, Secret, Timestamp};
use crate::crypto::digest::constant_time_eq;
use crate::crypto::keyring::{Keyring, Purpose};
use crate::crypto::random;
use crate::crypto::seal::aad;
use crate::crypto::totp::{self, SECRET_LEN};
use zeroize::Zeroizing;

/// 32 letters that are not mistaken for each other.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Letters of a recovery code: 50 bits, which nobody guesses at ten tries in a quarter of an hour.
const CODE_LEN: usize = 10;

/// What is shown while an app is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The secret in base32, for typing.
    pub secret: Secret<String>,
    /// `otpauth://totp/…`, for a QR code.
    pub uri: Secret<String>,
}

/// New recovery codes: what is shown once, and what is kept.
#[derive(Clone, Debug)]
pub struct RecoveryCodes {
    /// The codes, `abcde-fghjk`.
    pub codes: Vec<Secret<String>>,
    /// Their keyed hashes.
    pub macs: Vec<[u8; 32]>,
}

/// What somebody has shown, to be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckedCode {
    /// The code of this step.
    Totp(u64),
    /// The recovery code with this keyed hash.
    Recovery([u8; 32]),
}

impl CheckedCode {
    /// The name in audit rows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp(_) => "totp",
            Self::Recovery(_) => "recovery_code",
        }
    }
}

fn place(user: UserId) -> Vec<u8> {
    aad(&[b"totp secret", &user.raw().to_be_bytes()])
}

/// Seals a secret for its user.
pub fn seal_secret(keyring: &Keyring, user: UserId, secret: &[u8; SECRET_LEN]) -> Vec<u8> {
    keyring.seal_key(Purpose::Factor).seal(&place(user), secret)
}

fn open_secret(keyring: &Keyring, user: UserId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
    keyring.seal_key(Purpose::Factor).open(&place(user), sealed).map_err(Problem::internal)
}

/// What is shown for a secret that waits for its first code. `issuer` is what the app lists the account under.
///
/// # Errors
/// When the secret does not open.
pub fn setup_of(keyring: &Keyring, user: UserId, sealed: &[u8], issuer: &str, email: &Email) -> Result<Setup, Problem> {
    let secret = Secret::new(totp::base32(&open_secret(keyring, user, sealed)?));
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    // A colon parts issuer and account, so the issuer has none.
    let issuer = encode(&issuer.replace(':', " "));
    let uri = format!(
        "otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        encode(email.as_str()),
        secret.expose()
    );
    Ok(Setup { secret, uri: Secret::new(uri) })
}

fn recovery_mac(keyring: &Keyring, user: UserId, letters: &str) -> [u8; 32] {
    keyring.pepper().mac(&[&aad(&[b"recovery code", &user.raw().to_be_bytes(), letters.as_bytes()])])
}

/// Makes recovery codes for a user.
pub fn new_recovery_codes(keyring: &Keyring, user: UserId) -> RecoveryCodes {
    let mut made = RecoveryCodes { codes: Vec::new(), macs: Vec::new() };
    for _ in 0..RECOVERY_CODES {
        let pool = Zeroizing::new(random::bytes::<CODE_LEN>());
        let letter = |byte: &u8| LETTERS.get(usize::from(byte & 31)).map_or('a', |letter| char::from(*letter));
        let letters: Zeroizing<String> = Zeroizing::new(pool.iter().map(letter).collect());
        made.macs.push(recovery_mac(keyring, user, &letters));
        let (front, back) = letters.split_at(CODE_LEN / 2);
        made.codes.push(Secret::new(format!("{front}-{back}")));
    }
    made
}

/// The most characters of a code with whatever was pasted around and between.
const MOST_TYPED: usize = 100;

/// The letters and digits of a code as people type and paste them: blanks, line ends, hyphens and what nobody sees are left out,
/// full-width forms are the usual ones, and case says nothing. `123 456`, `１２３４５６` and `123456` with a line end are one code.
fn typed(text: &str) -> Zeroizing<String> {
    // As long as it can get, so that no piece of it is left behind in memory.
    let mut letters = Zeroizing::new(String::with_capacity(MOST_TYPED * 4));
    for letter in text.chars().take(MOST_TYPED) {
        let usual = match letter {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
            _ => letter,
        };
        let between = usual.is_whitespace()
            || usual.is_control()
            || matches!(usual, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}')
            || matches!(usual, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}');
        if !between {
            letters.push(usual.to_ascii_lowercase());
        }
    }
    letters
}

/// Whether a text has the form of a code, of an app or for recovery. What has not is no try.
pub fn is_code(text: &str) -> bool {
    let text = typed(text);
    totp::is_code(&text) || is_recovery_code(&text)
}

fn is_recovery_code(letters: &str) -> bool {
    letters.len() == CODE_LEN && letters.bytes().all(|byte| LETTERS.contains(&byte))
}

/// What a code is: one of the app that was not used yet, or a recovery code that was not. Nothing is spent by it.
///
/// # Errors
/// When the secret does not open.
pub fn check(keyring: &Keyring, factors: &Factors, code: &str, now: Timestamp) -> Result<Option<CheckedCode>, Problem> {
    let code = typed(code);
    if let Some(app) = &factors.totp {
        let secret = open_secret(keyring, factors.user, &app.sealed)?;
        if let Some(step) = totp::find(&secret, &code, now, Some(app.last_step)) {
            return Ok(Some(CheckedCode::Totp(step)));
        }
    }
    if !is_recovery_code(&code) {
        return Ok(None);
    }
    let mac = recovery_mac(keyring, factors.user, &code);
    let mut found = None;
    for code in &factors.recovery {
        if constant_time_eq(&code.mac, &mac) && code.used_at.is_none() {
            found = Some(CheckedCode::Recovery(mac));
        }
    }
    Ok(found)
}

/// The step of a first code for a secret that waits for it.
///
/// # Errors
/// When the secret does not open.
pub(super) fn check_pending(
    keyring: &Keyring,
    factors: &Factors,
    code: &str,
    now: Timestamp,
) -> Result<Option<u64>, Problem> {
    let Some(pending) = factors.pending.as_ref().filter(|pending| now < pending.until) else { return Ok(None) };
    let secret = open_secret(keyring, factors.user, &pending.sealed)?;
    Ok(totp::find(&secret, &typed(code), now, None))
}
