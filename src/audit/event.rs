//! What a row of the log says.

use crate::access::{Actor, Origin, Place, Principal};
use crate::base::id::{PartnerId, RequestId, TenantId, UserId};
use crate::base::{Email, Timestamp};
use crate::catalogue::Action;
use crate::store;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused.
    Denied,
    /// It failed.
    Failure,
}

impl Outcome {
    /// As answers print it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Denied => "denied",
            Self::Failure => "failure",
        }
    }
}

/// Who did it, as it was then: names change, rows do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorStamp {
    /// `user`, `application`, `operator` or `anonymous`.
    pub kind: String,
    /// A user's id, an application's client_id; empty for the operator and for nobody.
    pub id: String,
    /// A user's e-mail, an application's name, `operator`.
    pub name: String,
    /// The identity in ScaiVault's form, `user:<e-mail>` or `sa:<name>`.
    pub identity: String,
}

impl ActorStamp {
    /// Of an actor.
    pub fn of(principal: &Principal) -> Self {
        let (kind, id, name) = match principal {
            Principal::Operator => ("operator", String::new(), "operator".to_owned()),
            Principal::User { id, email } => ("user", id.to_string(), email.to_string()),
            Principal::Application { client_id, name, .. } => ("application", client_id.clone(), name.clone()),
        };
        Self { kind: kind.to_owned(), id, name, identity: principal.identity() }
    }

    /// Of a person.
    pub fn user(id: UserId, email: &Email) -> Self {
        Self::of(&Principal::User { id, email: email.clone() })
    }

    /// Of somebody who has not shown who it is; `name` is what they claim, such as an e-mail at a sign-in.
    pub fn anonymous(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { kind: "anonymous".to_owned(), id: String::new(), identity: name.clone(), name }
    }
}

/// One thing that happened. Never holds a secret: ids, names and counts only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// In which request; none for what the server does by itself.
    pub request: Option<RequestId>,
    /// Who did it, as they were called at that time.
    pub actor: ActorStamp,
    /// What: the name of an [`Action`], or one that an older version had.
    pub action: String,
    /// The kind of thing: `application`, `secret`, `session`.
    pub resource_type: String,
    /// Which one: an id or a path.
    pub resource_id: String,
    /// The partner that it concerns, if any.
    pub partner: Option<PartnerId>,
    /// The tenant that it concerns, if any.
    pub tenant: Option<TenantId>,
    /// How it ended.
    pub outcome: Outcome,
    /// The client's address.
    pub ip: Option<String>,
    /// What the client says it is.
    pub user_agent: Option<String>,
    /// Further facts, name and value.
    pub details: Vec<(String, String)>,
}

impl Event {
    /// Something that an actor did at a place, successfully unless [`Event::outcome`] says otherwise.
    pub fn by(actor: &Actor, at: Timestamp, place: Place, action: Action) -> Self {
        Self::of(ActorStamp::of(&actor.principal), &actor.origin, at, place, action)
    }

    /// As [`Event::by`], in a request that has no actor, or of somebody else than its actor.
    pub fn of(actor: ActorStamp, origin: &Origin, at: Timestamp, place: Place, action: Action) -> Self {
        Self {
            request: Some(origin.request),
            ip: origin.ip.map(address),
            user_agent: origin.user_agent.clone(),
            ..Self::unasked(actor, at, place, action)
        }
    }

    /// As [`Event::by`], for what the server does by itself, in no request.
    pub fn unasked(actor: ActorStamp, at: Timestamp, place: Place, action: Action) -> Self {
        Self {
            at,
            request: None,
            actor,
            action: action.name().to_owned(),
            resource_type: String::new(),
            resource_id: String::new(),
            partner: place.partner(),
            tenant: place.tenant(),
            outcome: Outcome::Success,
            ip: None,
            user_agent: None,
            details: Vec::new(),
        }
    }

    /// That an actor read `rows` rows of the log of a place: who looks over others' shoulders stands there too.
    pub fn of_reading(actor: &Actor, at: Timestamp, place: Place, rows: usize) -> Self {
        Self::by(actor, at, place, Action::AuditRead).with("rows", rows)
    }

    /// To which thing; its kind is one that the catalogue names for the action.
    #[must_use]
    pub fn on(mut self, resource_type: &str, resource_id: impl ToString) -> Self {
        debug_assert!(
            Action::parse(&self.action).is_none_or(|action| action.resources().contains(&resource_type)),
            "the catalogue does not name {resource_type} for {}",
            self.action,
        );
        self.resource_type = resource_type.to_owned();
        self.resource_id = resource_id.to_string();
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.details.push((name.to_owned(), value.to_string()));
        self
    }

    /// With another end than success.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }
}

/// As [`IpAddr`] prints itself; the usual kind by hand, since every row has one.
fn address(ip: IpAddr) -> String {
    let IpAddr::V4(ip) = ip else { return ip.to_string() };
    let mut text = String::with_capacity(15);
    for octet in ip.octets() {
        if !text.is_empty() {
            text.push('.');
        }
        for place in [100, 10, 1] {
            if octet >= place || place == 1 {
                text.push(char::from(b'0' + octet / place % 10));
            }
        }
    }
    text
}

/// A row of the log: an event and its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The event that the row keeps.
    pub event: Arc<Event>,
    /// The code over the row before and this one.
    pub code: [u8; 32],
}

impl store::Row for Row {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_printed_as_the_library_does() {
        for octet in 0..=255u8 {
            let ip = IpAddr::from([octet, 10, octet.wrapping_add(91), 0]);
            assert_eq!(address(ip), ip.to_string());
        }
        assert_eq!(address("2001:db8::1".parse().unwrap()), "2001:db8::1");
    }
}
