//! Counts requests against the limits of ScaiGrid, and says in the headers how things stand.
//!
//! Limited are all requests with an API key, and ScaiGrid's addresses by whatever credential or none. What is counted needs
//! the identity, so this comes behind the credential.

use super::extract;
use super::route::Surface;
use crate::access::{Actor, Credential};
use crate::base::Problem;
use crate::limits::{LimitStatus, Refusal};
use crate::stack::Stack;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest, web};
use std::sync::{Arc, LazyLock};

static NAMES: LazyLock<[HeaderName; 3]> = LazyLock::new(|| {
    ["x-scaigrid-ratelimit-limit", "x-scaigrid-ratelimit-remaining", "x-scaigrid-ratelimit-reset"]
        .map(HeaderName::from_static)
});

/// The names of the headers that say how things stand.
pub fn names() -> [&'static str; 3] {
    NAMES.each_ref().map(HeaderName::as_str)
}

/// What came of counting a request.
#[derive(Debug, Default)]
pub struct Counted {
    standing: Option<LimitStatus>,
    /// Why it is not let through, if it is not.
    pub problem: Option<Problem>,
}

impl Counted {
    /// Adds the three headers of the tightest level, if the request was counted at all.
    pub fn headers(&self, headers: &mut HeaderMap) {
        let Some(standing) = self.standing else { return };
        // Rounded up: whoever comes at that second is let through.
        let reset = (standing.reset_at.millis() + 999).div_euclid(1000);
        let values = [u64::from(standing.limit), u64::from(standing.remaining), u64::try_from(reset).unwrap_or(0)];
        for (name, value) in NAMES.iter().zip(values) {
            headers.insert(name.clone(), HeaderValue::from(value));
        }
    }
}

/// Counts a request that the gate has let through so far.
pub async fn count(surface: &'static Surface, request: &HttpRequest) -> Counted {
    let actor = request.extensions().get::<Arc<Actor>>().cloned();
    let by_key = actor.as_ref().is_some_and(|actor| matches!(actor.credential, Credential::ApiKey { .. }));
    if !by_key && !surface.limited {
        return Counted::default();
    }
    let Some(stack) = request.app_data::<web::Data<Stack>>() else { return Counted::default() };
    let ip = if actor.is_none() { extract::origin(request, stack).ip } else { None };
    match stack.limits.admit(&stack.store, actor.as_deref(), ip, stack.now()).await {
        Ok(standing) => Counted { standing, problem: None },
        Err(refusal) => {
            let standing = match &refusal {
                Refusal::Full { standing, .. } => Some(*standing),
                Refusal::Store(_) => None,
            };
            Counted { standing, problem: Some(refusal.into()) }
        }
    }
}
