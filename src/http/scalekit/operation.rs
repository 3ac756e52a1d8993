//! What an operation is, and how a handler is called from either wire.

use super::frame;
use crate::access::Actor;
use crate::base::Problem;
use crate::catalogue::Action;
use crate::http::extract::parse_value;
use crate::stack::Stack;
use crate::store::{Expected, Version, Versioned};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::{Arc, OnceLock};

/// Who calls, and the services.
#[derive(Clone, Debug)]
pub struct Call {
    /// The services of this instance.
    pub stack: Arc<Stack>,
    /// The actor who calls.
    pub actor: Arc<Actor>,
    /// Which state of what is changed the caller has seen. gRPC has no place to say so.
    pub seen: Expected,
    /// The state of what is answered, for the `ETag` of REST; none: nobody is told.
    shown: Option<Arc<OnceLock<Version>>>,
}

impl Call {
    /// A call that is meant for any state of what it changes, and whose caller is not told which state the answer shows.
    pub fn new(stack: Arc<Stack>, actor: Arc<Actor>) -> Self {
        Self { stack, actor, seen: Expected::Any, shown: None }
    }

    /// The call as it is meant for these states only, and the caller is told which state the answer shows.
    #[must_use]
    pub fn meant_for(self, seen: Expected) -> Self {
        Self { seen, shown: Some(Arc::default()), ..self }
    }

    /// Notes which state of a row the answer shows.
    pub fn shows(&self, row: &impl Versioned) {
        if let Some(shown) = &self.shown {
            // A call shows one row; of more the first would count.
            let _ = shown.set(row.version());
        }
    }

    /// The state that the answer shows, if it is of one row.
    pub fn shown(&self) -> Option<Version> {
        self.shown.as_ref()?.get().copied()
    }
}

/// What a handler answers: a message, for either wire.
pub trait Reply {
    /// Appends its binary form.
    ///
    /// # Errors
    /// None that occur.
    fn binary(&self, out: &mut Vec<u8>) -> Result<(), Problem>;

    /// Its form in JSON.
    ///
    /// # Errors
    /// None that occur.
    fn json(&self) -> Result<Vec<u8>, Problem>;
}

impl<M: Message + Serialize> Reply for M {
    fn binary(&self, out: &mut Vec<u8>) -> Result<(), Problem> {
        self.encode(out).map_err(Problem::internal)
    }

    fn json(&self) -> Result<Vec<u8>, Problem> {
        let text = serde_json::to_vec(self).map_err(Problem::internal)?;
        // A handler that answers nothing gives `()`: as a message that is an empty one, in JSON it would be null.
        Ok(if text == b"null" { b"{}".to_vec() } else { text })
    }
}

/// What an operation comes to: the answer's message in the form of its wire, framed or in JSON.
pub type Answer = LocalBoxFuture<'static, Result<Vec<u8>, Problem>>;

/// Whether an operation changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It does not: `admin:read` is enough.
    Reads,
    /// It does: `admin:write` is enough.
    Writes,
}

/// One REST address of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// The address with its parameters, which are fields of the request: `/api/v1/organizations/{id}`.
    pub path: &'static str,
    /// The field of the request that the JSON body is; `*`: the whole request; empty: there is none.
    pub body: &'static str,
}

/// One operation, on both wires.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// `scalekit.v1.organizations.OrganizationService`
    pub service: &'static str,
    /// `GetOrganization`
    pub rpc: &'static str,
    /// The full name of the request's message.
    pub request: &'static str,
    /// Its REST addresses.
    pub bindings: &'static [Binding],
    /// Whether it changes anything.
    pub effect: Effect,
    /// What a change is in the audit log, failed or not; none for what changes nothing.
    pub action: Option<Action>,
    /// The finer scopes; any one of them is enough, as `admin:read` or `admin:write` is.
    pub scopes: &'static [&'static str],
    /// From the binary request to the binary answer, in its frame.
    pub binary: fn(Call, Bytes) -> Answer,
    /// From the request in JSON to the answer in JSON.
    pub json: fn(Call, Value) -> Answer,
}

impl Operation {
    /// Whether the caller's credential reaches this operation at all. What it may touch is decided by the service that is
    /// called, through a permission.
    ///
    /// # Errors
    /// Forbidden, when the credential is narrowed and none of the scopes that would do is among its own.
    pub fn admit(&self, actor: &Actor) -> Result<(), Problem> {
        let Some(scopes) = &actor.scopes else { return Ok(()) };
        let wide: &[&str] = match self.effect {
            Effect::Reads => &["admin:read", "admin:write"],
            Effect::Writes => &["admin:write"],
        };
        if self.scopes.iter().chain(wide).any(|scope| scopes.has(scope)) {
            return Ok(());
        }
        let needed = self.scopes.iter().chain(wide).copied().collect::<Vec<_>>().join(" or ");
        Err(Problem::forbidden("access_denied", format!("The credential lacks the scope for this: it needs {needed}")))
    }
}

/// Calls a handler with a binary request. The answer is in its frame.
///
/// # Errors
/// Malformed when the request cannot be read; what the handler fails with.
pub async fn binary<Q, A, F>(call: Call, request: Bytes, handler: fn(Call, Q) -> F) -> Result<Vec<u8>, Problem>
where
    Q: Message + Default,
    A: Reply,
    F: Future<Output = Result<A, Problem>>,
{
    // What prost says names message and field, never a value.
    let request = Q::decode(request)
        .map_err(|error| Problem::malformed("invalid_request", format!("The message cannot be read: {error}")))?;
    let reply = handler(call, request).await?;
    frame::write(|out| reply.binary(out))
}

/// Calls a handler with a request in JSON.
///
/// # Errors
/// Invalid with the field when the request does not fit; what the handler fails with.
pub async fn json<Q, A, F>(call: Call, request: Value, handler: fn(Call, Q) -> F) -> Result<Vec<u8>, Problem>
where
    Q: DeserializeOwned,
    A: Reply,
    F: Future<Output = Result<A, Problem>>,
{
    handler(call, parse_value(request)?).await?.json()
}
