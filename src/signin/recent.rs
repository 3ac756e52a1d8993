//! Recent sign-in ("step-up"): what is dangerous wants the password again if it was given too long ago (R-M9).

use super::password::confirm_password;
use super::session::{Started, renew};
use crate::access::{Actor, Credential};
use crate::base::id::SessionId;
use crate::base::{Problem, Secret, Timestamp};
use crate::stack::Stack;
use std::sync::Arc;

/// The code of the refusal; a page answers it by asking for the password.
pub const STEP_UP_REQUIRED: &str = "step_up_required";

/// Whether a moment of signing in still counts as recent.
pub fn is_recent(stack: &Stack, authenticated_at: Timestamp) -> bool {
    stack.now() < authenticated_at.plus_secs(i64::from(stack.config.sessions.step_up_secs))
}

/// Wants a recent sign-in of whoever acts through a session. Programs have none: their scopes were given for this.
///
/// # Errors
/// [`STEP_UP_REQUIRED`].
pub fn require_recent(stack: &Stack, actor: &Actor) -> Result<(), Problem> {
    let recent = match &actor.credential {
        Credential::Session { authenticated_at, .. } | Credential::UserToken { authenticated_at, .. } => {
            is_recent(stack, *authenticated_at)
        }
        Credential::Local
        | Credential::PersonalToken { .. }
        | Credential::ApiKey { .. }
        | Credential::AccessToken { .. } => true,
    };
    if recent {
        return Ok(());
    }
    Err(Problem::forbidden(STEP_UP_REQUIRED, "This needs a recent sign-in: give the password again"))
}

/// Takes the password once more and gives the session a new cookie and CSRF secret; the old ones are dead (R-I3).
///
/// # Errors
/// `invalid_credentials`, `too_many_attempts`, busy; `not_a_user`; `session_not_found` when it has ended meanwhile.
pub async fn reauthenticate(
    stack: &Stack,
    actor: &Arc<Actor>,
    session: SessionId,
    password: Secret<String>,
) -> Result<Started, Problem> {
    let user = confirm_password(stack, actor, password).await?;
    renew(stack, actor, session, false, Some(user.password_mark())).await
}
