//! How sure it is that whoever uses a credential is the person whose it is ("step-up authentication", RFC 9470).

/// What a credential shows about whoever uses it now. Found when the credential is resolved; that of a person who signed in
/// follows from the [`super::Evidence`].
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
