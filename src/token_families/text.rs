//! The text of a refresh token: family (11 characters), number (6), secret of the family (22), code over the three (22),
//! between the prefix and the checksum that all our tokens have.

use crate::base::id::FamilyId;
use crate::base::{Id, Secret};
use crate::crypto::digest::{MacKey, constant_time_eq, sha256};
use crate::crypto::random;
use crate::crypto::seal::aad;
use crate::crypto::token::{TokenDigest, TokenKind, base62, body_of, compose, parse_base62};

const FAMILY: usize = 11;
const NUMBER: usize = 6;
const SECRET: usize = 22;

/// The secret of a family to make: 128 random bits, drawn outside of the transaction.
#[derive(Clone)]
pub struct NewRefresh {
    secret: [u8; 16],
}

impl NewRefresh {
    /// Draws the secret of a new family.
    pub fn draw() -> Self {
        Self { secret: random::bytes() }
    }

    /// Its SHA-256, to be kept.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(sha256(&self.secret))
    }

    /// The first token of the family.
    pub fn first(&self, pepper: &MacKey, family: FamilyId) -> Option<Secret<String>> {
        RefreshText { family, number: 1, secret: self.secret }.write(pepper)
    }
}

impl std::fmt::Debug for NewRefresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// A refresh token that this instance has made: its code is right. Whether it still holds, the family knows.
#[derive(Clone)]
pub struct RefreshText {
    pub(super) family: FamilyId,
    pub(super) number: u32,
    secret: [u8; 16],
}

impl std::fmt::Debug for RefreshText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RefreshText({}, {}, [secret])", self.family, self.number)
    }
}

impl RefreshText {
    /// Reads a token and checks its code, without a look into the store. None: nobody here has made it.
    pub fn read(pepper: &MacKey, text: &str) -> Option<Self> {
        let body = body_of(TokenKind::RefreshToken, text).ok()?;
        let (family, rest) = body.split_at_checked(FAMILY)?;
        let (number, rest) = rest.split_at_checked(NUMBER)?;
        let (secret, code) = rest.split_at_checked(SECRET)?;
        let read = Self {
            family: FamilyId::from_raw(u64::try_from(parse_base62(family)?).ok()?),
            number: u32::try_from(parse_base62(number)?).ok()?,
            secret: parse_base62(secret)?.to_be_bytes(),
        };
        constant_time_eq(&read.code(pepper).to_be_bytes(), &parse_base62(code)?.to_be_bytes()).then_some(read)
    }

    /// The family that it names.
    pub fn family(&self) -> FamilyId {
        self.family
    }

    /// The token of the same family with this number.
    pub fn numbered(&self, number: u32, pepper: &MacKey) -> Option<Secret<String>> {
        Self { number, ..self.clone() }.write(pepper)
    }

    pub(super) fn digest(&self) -> TokenDigest {
        TokenDigest(sha256(&self.secret))
    }

    fn write(&self, pepper: &MacKey) -> Option<Secret<String>> {
        let mut body = base62(u128::from(self.family.raw()), FAMILY);
        body.push_str(&base62(u128::from(self.number), NUMBER));
        body.push_str(&base62(u128::from_be_bytes(self.secret), SECRET));
        body.push_str(&base62(self.code(pepper), SECRET));
        compose(TokenKind::RefreshToken, &body)
    }

    /// The first half of an HMAC-SHA-256: 128 bits, as RFC 2104 §5 allows.
    fn code(&self, pepper: &MacKey) -> u128 {
        let named =
            aad(&[b"refresh token", &self.family.raw().to_be_bytes(), &self.number.to_be_bytes(), &self.secret]);
        let mut half = [0; 16];
        half.copy_from_slice(&pepper.mac(&[&named])[..16]);
        u128::from_be_bytes(half)
    }
}
