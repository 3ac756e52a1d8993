//! The password once more, for what wants a recent sign-in ([`crate::access::StepUp`]).

use super::password::confirm_password;
use super::session::{Started, renew};
use crate::access::{Actor, Evidence, Method};
use crate::base::id::SessionId;
use crate::base::{Problem, Secret};
use crate::stack::Stack;
use std::sync::Arc;

/// Takes the password once more and gives the session a new cookie and CSRF secret; the old ones are dead.
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
    let shown = Evidence::of(&[Method::Password], stack.now());
    renew(stack, actor, session, shown, Some(user.password_mark())).await
}
