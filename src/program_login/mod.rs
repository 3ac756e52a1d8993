//! ScaiGrid's sign-in for programs with people in front of them:
//!
//! ```text
//! client              here                      provider (our own, or another by the settings)
//!   │  authorize ──────► begin ── flow, address ──►│
//!   │                                              │  the person signs in there
//!   │                    callback ◄── its code ────┘
//!   │                    a question, for a program at a loopback address
//!   │◄── our code ───────┘
//!   │  token ──────────► exchange ── tokens of the built-in client
//! ```
//!
//! Two codes and two PKCE challenges: the provider's code is redeemed here, with a verifier of ours, and the client gets a code
//! of ours, bound to its own challenge, its address and its flow, good for one use within 60 seconds. Of our code only a
//! keyed hash is kept.
//!
//! Any program on a machine can listen at a loopback address, so the code does not go there before the person has said so on a
//! page that names the program and its port (RFC 8252 §8.6). A flow belongs to one browser: at our own sign-in to the one that
//! is signed in with the session of the code, at another provider to the one that was sent there.

mod flow;
mod returned;
mod table;
mod tokens;

pub use flow::{Begun, NewFlow, begin, identify, sent_away};
pub use returned::{Answer, Browser, Question, Returned, decided, returned};
pub use table::sweep;
pub use table::{check_rows, keep_tokens};
pub use tokens::{Exchange, exchange, log_out, refresh};

use crate::base::id::{FamilyId, LoginFlowId, SessionId, TenantId};
use crate::base::{DisplayName, Problem, Timestamp};
use crate::crypto::token::KeptToken;
use crate::oauth::pkce::Challenge;
use crate::store::WriteTx;
use serde::{Deserialize, Serialize};

/// How long somebody may take at the provider, in seconds.
pub const FLOW_SECS: i64 = 600;
/// How long our code holds, in seconds. RFC 6749 §4.1.2 wants it short.
pub const CODE_SECS: i64 = 60;
/// How long a finished flow is kept, so that a second use of its code is seen, in seconds.
const KEEP_SECS: i64 = 86_400;

/// Where a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// The person is at the provider.
    Away,
    /// They came back: the client has our code.
    Back {
        /// What is kept of the code that the client exchanges.
        code: KeptToken,
        /// Until when it holds.
        until: Timestamp,
        /// The session that they signed in to.
        session: SessionId,
        /// The tenant that they signed in to.
        tenant: TenantId,
    },
    /// The code was exchanged for the tokens of the flow's family.
    Done {
        /// What is kept of the code that was exchanged.
        code: KeptToken,
    },
    /// Something was wrong with it.
    Dead,
    /// They came back, and are asked whether the program may have the code.
    Asked {
        /// The session that they signed in to.
        session: SessionId,
        /// The tenant that they signed in to.
        tenant: TenantId,
    },
}

impl Stage {
    /// For a step of the schema: with what is kept of its code instead of the SHA-256.
    fn kept(self, tx: &WriteTx<'_>) -> Self {
        match self {
            Self::Back { code, until, session, tenant } => {
                Self::Back { code: tx.keep_bare(code), until, session, tenant }
            }
            Self::Done { code } => Self::Done { code: tx.keep_bare(code) },
            Self::Away | Self::Dead | Self::Asked { .. } => self,
        }
    }
}

/// A sign-in on its way.
#[derive(Clone, Serialize, Deserialize)]
struct Flow {
    id: LoginFlowId,
    /// The digest of the `state` that we gave to the provider.
    state: KeptToken,
    /// The client's PKCE challenge.
    challenge: Challenge,
    /// The client's address.
    redirect_uri: String,
    /// The client's `state`, as it came.
    client_state: Option<String>,
    /// The tenant to sign in to, if the client named one.
    tenant: Option<TenantId>,
    /// Our PKCE verifier at the provider.
    verifier: String,
    /// What the ID token has to bring back.
    nonce: String,
    /// The family that the tokens are to be of.
    family: FamilyId,
    stage: Stage,
    created_at: Timestamp,
    /// When the row may go.
    keep_until: Timestamp,
    /// What the program calls itself.
    program: Option<DisplayName>,
    /// The digest of the visit of the browser that it belongs to, once that is known.
    browser: Option<[u8; 32]>,
}

/// What is told of every flow that does not work, whatever is wrong with it.
fn invalid() -> Problem {
    Problem::unauthenticated("auth_flow_invalid", "The sign-in is unknown, took too long or was finished already")
}
