//! Browsers that are known: somebody has signed in there before, so that wrong tries of strangers do not hold them up (OWASP,
//! "Slow Down Online Guessing Attacks with Device Cookies").
//!
//! What a browser keeps is sealed, names up to four of its people, and is good for a person as long as their password is the
//! one that they signed in with: who knew an old one has no browsers left to guess from.

use super::token;
use crate::access::{Actor, Credential, Origin};
use crate::base::Problem;
use crate::base::id::{Id, UserId};
use crate::crypto::digest::sha256;
use crate::crypto::random;
use crate::mfa;
use crate::people::{self, PasswordMark, User};
use crate::sessions::Through;
use crate::stack::Env;
use serde::{Deserialize, Serialize};

/// How long a browser is known after a sign-in, in seconds: a year.
pub const DEVICE_SECS: i64 = 365 * 86_400;
/// How many people a browser is known to.
const MAX_PEOPLE: usize = 4;
/// The kind of token.
const DEVICE: &str = "known device";

/// A browser in which people have signed in before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KnownDevice {
    id: [u8; 16],
    /// Who, and with which password; the last one at the end.
    people: Vec<(UserId, PasswordMark)>,
}

impl KnownDevice {
    /// Reads what a browser has kept. None: it is none of ours, or too old.
    pub fn read(env: &Env, text: &str) -> Option<Self> {
        Some(token::open(&env.keyring, DEVICE, text, env.now())?.value)
    }

    /// What a browser is to keep after somebody has signed in there; `before`: what it has.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn remember(env: &Env, before: Option<Self>, user: UserId) -> Result<Option<String>, Problem> {
        let Some(user) = people::user(&env.store.read(), user)? else { return Ok(None) };
        let mut device = before.unwrap_or_else(|| Self { id: random::bytes(), people: Vec::new() });
        device.people.retain(|(id, _)| *id != user.id);
        device.people.push((user.id, user.password_mark()));
        let surplus = device.people.len().saturating_sub(MAX_PEOPLE);
        device.people.drain(..surplus);
        Ok(Some(token::seal(&env.keyring, DEVICE, device, env.now(), DEVICE_SECS)))
    }
}

/// Through what somebody tries who claims to be `user`.
pub(super) fn through(device: Option<&KnownDevice>, user: Option<&User>, origin: &Origin) -> Through {
    let known = device.zip(user).filter(|(device, user)| device.people.contains(&(user.id, user.password_mark())));
    known.map_or(Through::Network(origin.ip), |(device, _)| Through::Known(device.id))
}

/// What names a credential. None: it has no row.
fn name_of(credential: &Credential) -> Option<[u8; 16]> {
    let (kind, id): (u8, u64) = match credential {
        Credential::Session { id, .. } | Credential::UserToken { session: id, .. } => (1, id.raw()),
        Credential::PersonalToken { id } => (2, id.raw()),
        Credential::ApiKey { line, .. } => (3, line.raw()),
        Credential::Local | Credential::AccessToken { .. } => return None,
    };
    Some(((u128::from(kind) << 64) | u128::from(id)).to_be_bytes())
}

/// Through what somebody tries who is signed in: the session or the credential itself, which no stranger has.
pub(super) fn through_credential(actor: &Actor) -> Through {
    name_of(&actor.credential).map_or(Through::Network(actor.origin.ip), Through::Known)
}

/// Which attempt to set a second factor up it is: that of this session, or of this credential.
pub(super) fn attempt_of(actor: &Actor) -> mfa::Setting {
    sha256(&name_of(&actor.credential).unwrap_or_default())
}
