//! What the pages know of an authorization request between its start and its answer: a value sealed for this browser, which
//! travels in the address of the pages. The server keeps nothing, so nobody fills its disk with requests.

use super::visitor::Visitor;
use crate::apps::{self, Application, ApplicationStatus};
use crate::base::id::SessionId;
use crate::base::{Problem, Timestamp};
use crate::crypto::keyring::Purpose;
use crate::crypto::seal::aad;
use crate::oauth::authorize::{Progress, Request};
use crate::store::Read;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use zeroize::Zeroizing;

/// For how long somebody may take over it, in seconds.
const LIFE_SECS: i64 = 1800;
/// The longest sealed text: it has to fit into an address.
const MAX_LEN: usize = 7 * 1024;
/// What the seal is for.
const REQUEST: &str = "hosted interaction";

/// Between the password and the session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum PendingFactor {
    /// A code of a second factor is to come, with this token.
    Code(String),
    /// A second factor is to be set up, with this token.
    Enrol(String),
}

/// A request on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Interaction {
    /// What was asked.
    pub request: Request,
    /// What has happened.
    pub progress: Progress,
    /// The session in which it happened: in another one it does not count.
    pub session: Option<SessionId>,
    /// The e-mail that was given, or hinted at.
    pub email: Option<String>,
    /// Whether somebody has said that it is theirs.
    pub named: bool,
    /// What lies between the password and the session.
    pub half: Option<PendingFactor>,
    /// Whether another account than the one that is signed in is wanted.
    pub other_account: bool,
    until: Timestamp,
}

impl Interaction {
    /// At its start.
    pub fn new(request: Request, now: Timestamp) -> Self {
        Self {
            email: request.login_hint.clone(),
            request,
            named: false,
            progress: Progress::default(),
            session: None,
            half: None,
            other_account: false,
            until: now.plus_secs(LIFE_SECS),
        }
    }

    /// Sealed for this browser. None: too long for an address.
    pub fn seal(&self, visitor: &Visitor) -> Option<String> {
        seal(visitor, REQUEST, self)
    }

    /// Opens what [`Interaction::seal`] made for the same browser, if its time has not passed. What happened in a session that
    /// is not this browser's any more does not count.
    pub fn open(visitor: &Visitor, text: &str) -> Option<Self> {
        let mut opened: Self = open(visitor, REQUEST, text)?;
        if visitor.stack.now() >= opened.until {
            return None;
        }
        let current = visitor.signed_in.as_ref().map(|signed_in| signed_in.session.id);
        if opened.session.is_some() && opened.session != current {
            opened.session = None;
            opened.progress = Progress::default();
        }
        Some(opened)
    }

    /// The address of the page that comes next.
    pub fn address(&self, visitor: &Visitor) -> Option<String> {
        Some(format!("/login?request={}", self.seal(visitor)?))
    }

    /// The application that asks, as it is now.
    ///
    /// # Errors
    /// When it is gone meanwhile, or the file cannot be read.
    pub fn application(&self, tx: &impl Read) -> Result<Application, Problem> {
        let application = apps::client(tx, &apps::client_id(self.request.application))?;
        let application = application.filter(|application| application.status == ApplicationStatus::Active);
        application.map(Arc::unwrap_or_clone).ok_or_else(|| {
            Problem::not_found("application_not_found", "The application was deleted or switched off meanwhile")
        })
    }
}

/// Seals a value for a purpose and this browser. None: too long for an address.
pub fn seal<T: Serialize>(visitor: &Visitor, purpose: &str, value: &T) -> Option<String> {
    let bytes = Zeroizing::new(postcard::to_allocvec(value).ok()?);
    let place = aad(&[purpose.as_bytes(), visitor.visit.as_bytes()]);
    let text = URL_SAFE_NO_PAD.encode(visitor.stack.keyring.seal_key(Purpose::Column).seal(&place, &bytes));
    (text.len() <= MAX_LEN).then_some(text)
}

/// Opens what [`seal`] made for the same purpose and browser.
pub fn open<T: DeserializeOwned>(visitor: &Visitor, purpose: &str, text: &str) -> Option<T> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let place = aad(&[purpose.as_bytes(), visitor.visit.as_bytes()]);
    let bytes = visitor.stack.keyring.seal_key(Purpose::Column).open(&place, &sealed).ok()?;
    postcard::from_bytes(&bytes).ok()
}
