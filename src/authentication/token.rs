//! What lies between two steps of a sign-in, sealed: nobody can read it, change it, or use it for another step.

use crate::base::Timestamp;
use crate::crypto::keyring::{Keyring, Purpose};
use crate::crypto::random;
use crate::crypto::seal::aad;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// No token of ours is longer.
const MAX_CHARS: usize = 2048;

/// A step's facts, with the number that is noted when the token is used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sealed<T> {
    pub nonce: [u8; 16],
    pub made: Timestamp,
    pub until: Timestamp,
    pub value: T,
}

/// Seals the facts for one kind of step.
pub(super) fn seal<T: Serialize>(keyring: &Keyring, kind: &str, value: T, now: Timestamp, life_secs: i64) -> String {
    let sealed = Sealed { nonce: random::bytes(), made: now, until: now.plus_secs(life_secs), value };
    // These types always encode; an empty text opens as nothing.
    let bytes = postcard::to_allocvec(&sealed).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(keyring.seal_key(Purpose::Column).seal(&place(kind), &bytes))
}

/// Opens what [`seal`] made for the same kind of step, if its time has not passed. Whether it was used is in the store.
pub(super) fn open<T: DeserializeOwned>(
    keyring: &Keyring,
    kind: &str,
    text: &str,
    now: Timestamp,
) -> Option<Sealed<T>> {
    if text.len() > MAX_CHARS {
        return None;
    }
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let bytes = keyring.seal_key(Purpose::Column).open(&place(kind), &sealed).ok()?;
    let opened: Sealed<T> = postcard::from_bytes(&bytes).ok()?;
    (now < opened.until).then_some(opened)
}

fn place(kind: &str) -> Vec<u8> {
    aad(&[b"sign-in step", kind.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_step_and_for_a_while() {
        let ring = Keyring::new(&[7; 32]);
        let now = Timestamp::from_secs(1_800_000_000);
        let token = seal(&ring, "flow", "alice@acme.example".to_owned(), now, 60);
        assert!(!token.contains("alice"));
        let opened: Sealed<String> = open(&ring, "flow", &token, now).unwrap();
        assert_eq!((opened.value.as_str(), opened.made), ("alice@acme.example", now));
        assert!(open::<String>(&ring, "mfa", &token, now).is_none());
        assert!(open::<String>(&ring, "flow", &token, now.plus_secs(60)).is_none());
        assert!(open::<String>(&Keyring::new(&[8; 32]), "flow", &token, now).is_none());
        for bad in ["", "x", &token[1..], &"A".repeat(1 << 20)] {
            assert!(open::<String>(&ring, "flow", bad, now).is_none());
        }
        assert_ne!(token, seal(&ring, "flow", "alice@acme.example".to_owned(), now, 60));
    }
}
