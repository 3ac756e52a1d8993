//! Ciphers, keys, passwords, tokens and JWTs: pure functions on bytes. The only place that names a cipher.

mod common;
pub mod digest;
pub mod jwt;
pub mod keyring;
pub mod page;
pub mod password;
pub mod random;
pub mod seal;
pub mod slot;
pub mod token;
pub mod totp;
