//! How sure it is that whoever uses a credential is the person whose it is ("step-up authentication", RFC 9470).

use crate::base::Timestamp;

/// What a credential shows about whoever uses it now. Found when the credential is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The local socket, or a person who signed in a short while ago: `sessions.step_up_secs` of the settings.
    Recent,
    /// A person whose sign-in is older than that.
    Stale,
    /// A personal token or an API key. It lies in a file and shows nobody, however new it is and whoever holds it.
    Stored,
    /// A program by its client credentials. It cannot be asked for anything, so what counts are the scopes that an
    /// administrator gave it: those that a line of the permission table names.
    Program,
}

impl Proof {
    /// That of a person who last gave a password (and second factor) at `authenticated_at`; it is recent for
    /// `step_up_secs` seconds.
    pub fn of_sign_in(authenticated_at: Timestamp, now: Timestamp, step_up_secs: i64) -> Self {
        if now < authenticated_at.plus_secs(step_up_secs) { Self::Recent } else { Self::Stale }
    }

    /// What the holder of such a credential has to do where a recent sign-in is asked for.
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::Recent | Self::Stale | Self::Program => "This needs a recent sign-in: give the password again",
            Self::Stored => {
                "A personal token or an API key cannot do this: sign in, or use the command line on the server"
            }
        }
    }
}
