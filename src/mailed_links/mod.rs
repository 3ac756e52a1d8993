//! One-time links that are mailed: a new password, a confirmed address, an invitation.
//!
//! A link is a random token of which only the digest is kept; it works once and for a while, and a newer one of the same
//! kind takes its place. Looking at the page behind it changes nothing (mail programs do that by themselves): the button
//! there does. Whoever asks for a link learns nothing about who has an account: the answer and the work are the same.
//!
//! A link holds the state that it was made in ([`Made`]) and dies with it: a reset with the password that it was to replace,
//! an invitation with the membership that waits, each with the address that it went to.
//!
//! Where no mail server is set, or a mail does not arrive, an administrator who could set the password themselves is shown a link
//! instead ([`hand_over()`]). Nobody read a mailbox then, so it proves none.
//!
//! Works on the assembled services, for it hashes passwords outside of transactions; names nothing of HTTP.

mod ask;
mod hand_over;
mod invite;
mod redeem;
mod table;
#[cfg(test)]
mod tests;

pub use ask::{ask_to_verify, forgot_password, send_reset};
pub use hand_over::{HandedOver, hand_over};
pub use invite::{Entry, add_member, create_member, invite, resend_invitation, resend_to_member};
pub use redeem::{Found, Names, accept_invitation, look, reset_password, verify_email};
pub use table::{check_rows, keep_tokens};
pub use table::{end_all, sweep};

use crate::base::id::{TenantId, UserId};
use crate::base::{Email, Timestamp};
use crate::crypto::token::KeptToken;
use crate::mail::Template;
use crate::people::{PasswordMark, Status, User};
use serde::{Deserialize, Serialize};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To set a new password.
    ResetPassword,
    /// To show that an address is one's own.
    VerifyEmail,
    /// To accept an account that an admin made, or the membership of a tenant.
    Invitation,
}

impl Purpose {
    /// How long such a link works, in seconds.
    pub const fn life_secs(self) -> i64 {
        match self {
            Self::ResetPassword => 3600,
            Self::VerifyEmail => 24 * 3600,
            Self::Invitation => 7 * 86_400,
        }
    }

    /// The same in words.
    const fn life(self) -> &'static str {
        match self {
            Self::ResetPassword => "1 hour",
            Self::VerifyEmail => "24 hours",
            Self::Invitation => "7 days",
        }
    }

    /// The address of the page behind it.
    pub const fn path(self) -> &'static str {
        match self {
            Self::ResetPassword => "/login/reset-password",
            Self::VerifyEmail => "/login/verify-email",
            Self::Invitation => "/login/invitation",
        }
    }

    /// The name in audit rows.
    const fn name(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset_password",
            Self::VerifyEmail => "verify_email",
            Self::Invitation => "invitation",
        }
    }

    const fn template(self) -> Template {
        match self {
            Self::ResetPassword => Template::ResetPassword,
            Self::VerifyEmail => Template::VerifyEmail,
            Self::Invitation => Template::Invitation,
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::ResetPassword => 1,
            Self::VerifyEmail => 2,
            Self::Invitation => 3,
        }
    }
}

/// A link as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What is kept of its token.
    pub digest: KeptToken,
    /// What it is for.
    pub purpose: Purpose,
    /// The user that the link is for.
    pub user: UserId,
    /// In whose name it was sent.
    pub tenant: TenantId,
    /// Where it was sent. With another address of the user it is dead.
    pub email: Email,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// What was so when it was made. None: it was made by a version that did not keep it.
    pub made: Option<Made>,
    /// Whether an administrator was shown it, to pass it on themselves, and no mail went out: then its use shows nothing of the
    /// mailbox.
    pub handed_over: bool,
}

/// What was so when a link was made, and has to be so still when it is used: otherwise what the link stands for has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Whether the user might come in. An invited one may have accepted another invitation since.
    pub status: Status,
    /// Which password they had: a reset is for that one.
    pub password: PasswordMark,
    /// When the invitation went out, of which the link is; none for other links. A membership that is there anew, or was
    /// invited once more, has another one.
    pub invited_at: Option<Timestamp>,
}

impl Made {
    /// For a link to be made now for a user as they are.
    fn now(purpose: Purpose, user: &User, now: Timestamp) -> Self {
        let invited_at = (purpose == Purpose::Invitation).then_some(now);
        Self { status: user.status, password: user.password_mark(), invited_at }
    }
}
