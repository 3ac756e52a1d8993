//! A line of the permission table, and why it was not given.

use super::{Proof, Role};
use crate::base::Problem;

/// The code of the refusal of a credential that shows no recent sign-in; a page answers it by asking for the password.
pub const STEP_UP_REQUIRED: &str = "step_up_required";

/// What a permission asks for beyond a role and a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepUp {
    /// No recent sign-in is asked for.
    No,
    /// A recent sign-in: see [`Proof`].
    SignIn,
    /// A recent sign-in, and of the person: what is made is a credential that would outlive the token, the sign-out and the
    /// consent of an application that somebody has let in, so no such application gets it.
    Person,
}

/// One line of the permission table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The permission's name, `secrets.read`.
    pub name: &'static str,
    pub(super) about: &'static str,
    /// The roles that hold it.
    pub roles: &'static [Role],
    /// The scopes that let a narrowed credential use it: any one of them is enough.
    pub scopes: &'static [&'static str],
    /// Whether it asks for a recent sign-in.
    pub step_up: StepUp,
}

impl Rule {
    /// What it allows, in a sentence or two.
    pub fn about(&self) -> &'static str {
        self.about.trim()
    }
}

/// A permission as a type, so that [`Granted`](super::Granted) can carry it. Made by the table below, never by hand.
pub trait Permission: Send + Sync + 'static {
    /// Its line in the table.
    const RULE: Rule;
}

/// Why a permission was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The credential is narrowed, and none of the scopes that would do is among its own.
    Scope,
    /// No role of the actor holds it, anywhere.
    Role,
    /// A role holds it, but not here: to the actor this place does not exist.
    Place,
    /// It is held here, but the credential shows no recent sign-in.
    StepUp(Proof),
    /// It is held here, but not through an application that acts for somebody.
    Delegated,
}

/// A permission that was not given.
#[derive(Clone, Copy, Debug)]
pub struct Denied {
    /// What was asked for.
    pub rule: Rule,
    /// What was missing.
    pub reason: Reason,
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let (code, missing, message) = match denied.reason {
            Reason::Scope if denied.rule.scopes.is_empty() => {
                let message = "No token may do this: use the command line on the server, or sign in";
                ("access_denied", "scope", message.to_owned())
            }
            Reason::Scope => {
                let scopes = denied.rule.scopes.join(" or ");
                ("access_denied", "scope", format!("The credential lacks the scope for this: it needs {scopes}"))
            }
            Reason::Role | Reason::Place => {
                ("access_denied", "role", format!("You do not have the permission {} here", denied.rule.name))
            }
            Reason::StepUp(proof) => (STEP_UP_REQUIRED, "step_up", proof.advice().to_owned()),
            Reason::Delegated => {
                let message = "An application that acts for somebody cannot make credentials: sign in yourself";
                ("delegation_refused", "person", message.to_owned())
            }
        };
        Problem::forbidden(code, message).with("permission", denied.rule.name).with("missing", missing)
    }
}
