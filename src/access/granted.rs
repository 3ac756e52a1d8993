//! The decision, and the witness that a permission was given.

use super::permission::permit;
use super::rule::{Denied, Permission, Reason, Rule, StepUp};
use super::{Actor, Place, Principal, Proof};
use std::marker::PhantomData;
use std::sync::Arc;

/// Proof that an actor holds a permission at a place. Only [`Actor::grant`] makes one.
#[derive(Debug)]
pub struct Granted<P> {
    actor: Arc<Actor>,
    place: Place,
    permission: PhantomData<P>,
}

impl<P> Clone for Granted<P> {
    fn clone(&self) -> Self {
        Self { actor: Arc::clone(&self.actor), place: self.place, permission: PhantomData }
    }
}

impl<P> Granted<P> {
    fn new(actor: Arc<Actor>, place: Place) -> Self {
        Self { actor, place, permission: PhantomData }
    }

    /// The actor that the permission was granted to.
    pub fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// The place that the permission was granted at.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Another permission of the same actor at the same place: for an operation that needs it only sometimes, such as a
    /// user that is made with a password.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn and<Q: Permission>(&self) -> Result<Granted<Q>, Denied> {
        self.actor.grant(self.place)
    }
}

impl Granted<permit::ManageUsers> {
    /// The permission of ScaiKey for the same: what built-in roles hold together, a custom role may hold alone. Only for
    /// operations that compare what is given and who is changed with what the actor has: giving and taking roles, ending
    /// memberships, deleting. Never for what hands out an account, such as a password.
    pub fn to_give_roles(&self) -> Granted<permit::WriteUsers> {
        Granted::new(Arc::clone(&self.actor), self.place)
    }

    /// The same for deleting users and ending memberships.
    pub fn to_remove(&self) -> Granted<permit::DeleteUsers> {
        Granted::new(Arc::clone(&self.actor), self.place)
    }
}

impl Granted<permit::RevealSecrets> {
    /// Who may see a value on a page may read it: the roles are the same.
    pub fn to_read(&self) -> Granted<permit::ReadSecrets> {
        Granted::new(Arc::clone(&self.actor), self.place)
    }
}

impl Granted<permit::EndSessions> {
    /// Who ends a session may see it: the scopes and roles of the one line are among those of the other.
    pub fn to_look(&self) -> Granted<permit::ReadSessions> {
        Granted::new(Arc::clone(&self.actor), self.place)
    }
}

impl Granted<permit::WriteUsers> {
    /// The permission of ScaiGrid for the same. Only for giving and taking roles, where what is given is compared with what
    /// the actor has, and a narrowed credential gives no more than it says.
    pub fn to_assign(&self) -> Granted<permit::ManageUsers> {
        Granted::new(Arc::clone(&self.actor), self.place)
    }
}

/// The decision, in one place. Who holds a permission nowhere is told so before anything is asked.
pub(super) fn decide(actor: &Actor, rule: &Rule, place: Place) -> Result<(), Denied> {
    holds(actor, rule, place)?;
    let denied = |reason| Err(Denied { rule: *rule, reason });
    match (rule.step_up, actor.proof) {
        (StepUp::No, _) => Ok(()),
        (StepUp::Person, _) if actor.is_application_for_user() => denied(Reason::Delegated),
        (_, Proof::Recent | Proof::Program) => Ok(()),
        (_, Proof::Stale | Proof::Stored) => denied(Reason::StepUp(actor.proof)),
    }
}

/// Whether a role gives it here, and a scope if the credential has any.
fn holds(actor: &Actor, rule: &Rule, place: Place) -> Result<(), Denied> {
    let denied = |reason| Err(Denied { rule: *rule, reason });
    if let Some(scopes) = &actor.scopes
        && !rule.scopes.iter().any(|scope| scopes.has(scope))
    {
        return denied(Reason::Scope);
    }
    if actor.principal == Principal::Operator {
        return Ok(());
    }
    if actor.custom.leads_to(rule) && actor.home().covers(place) {
        return Ok(());
    }
    let mut held = false;
    for assignment in actor.roles.iter().filter(|assignment| rule.roles.contains(&assignment.role)) {
        if assignment.place.covers(place) {
            return Ok(());
        }
        held = true;
    }
    denied(if held { Reason::Place } else { Reason::Role })
}

impl Actor {
    /// Asks for a permission at a place.
    ///
    /// # Errors
    /// [`Denied`], which says what was missing.
    pub fn grant<P: Permission>(self: &Arc<Self>, place: Place) -> Result<Granted<P>, Denied> {
        decide(self, &P::RULE, place)?;
        Ok(Granted::new(Arc::clone(self), place))
    }

    /// Whether a permission would be given, if need be after the password: what a page shows.
    pub fn may<P: Permission>(&self, place: Place) -> bool {
        self.may_rule(&P::RULE, place)
    }

    /// As [`Actor::may`], for a line of the permission table.
    pub fn may_rule(&self, rule: &Rule, place: Place) -> bool {
        match decide(self, rule, place) {
            Ok(()) => true,
            Err(denied) => denied.reason == Reason::StepUp(Proof::Stale),
        }
    }

    /// Asks for a permission in the midst of an operation, which has a witness of another one.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn check<P: Permission>(&self, place: Place) -> Result<(), Denied> {
        decide(self, &P::RULE, place)
    }
}
