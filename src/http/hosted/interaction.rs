//! What the pages know of an authorization request between its start and its answer: a value sealed for this browser, which
//! travels in the address of the pages. The server keeps nothing, so nobody fills its disk with requests.

use super::visitor::Visitor;
use crate::apps::{self, Application, ApplicationStatus};
use crate::base::id::SessionId;
use crate::base::{Problem, Timestamp};
use crate::crypto::digest::sha256;
use crate::crypto::keyring::Purpose;
use crate::crypto::seal::aad;
use crate::oauth::authorize::{Progress, Request, still_holds};
use crate::store::Read;
use actix_web::HttpMessage as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use zeroize::Zeroizing;

/// For how long somebody may take over it, in seconds.
const LIFE_SECS: i64 = 1800;
/// The longest sealed text that travels in an address: servers in front of this one refuse longer ones. A longer text travels in
/// a form.
const MAX_IN_ADDRESS: usize = 7 * 1024;
/// The longest sealed text at all.
const MAX_LEN: usize = 32 * 1024;
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
    /// The browser that it belongs to: the hash of its visit. None: it has not been sealed yet.
    visit: Option<[u8; 32]>,
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
            visit: None,
        }
    }

    /// Of somebody who is not signed in any more: what happened before does not count.
    #[must_use]
    pub fn signed_out(self) -> Self {
        Self { session: None, progress: Progress::default(), ..self }
    }

    /// Sealed, to go on in this browser only. None: too long.
    pub fn seal(&self, visitor: &Visitor) -> Option<String> {
        let visit = Some(sha256(visitor.visit.as_bytes()));
        let bytes = Zeroizing::new(postcard::to_allocvec(&Self { visit, ..self.clone() }).ok()?);
        sealed(visitor, &aad(&[REQUEST.as_bytes()]), &bytes)
    }

    /// Opens what [`Interaction::seal`] made. In another browser, or when its time has passed, only what was asked still counts,
    /// and it begins anew: the client's request is the same whoever brings it, as the address was that it came in by. What
    /// happened in a session that is not this browser's any more does not count either. None: it cannot be read, or its application
    /// has lost meanwhile what it asked for, such as the address that the answer would go to.
    ///
    /// # Errors
    /// As [`Interaction::application`].
    pub fn open(visitor: &Visitor, text: &str) -> Result<Option<Self>, Problem> {
        let Some(opened) = Self::unsealed(visitor, text) else { return Ok(None) };
        // The page that says that it is gone leads back to where it was.
        visitor.http.extensions_mut().insert(Asked(opened.request.back.redirect_uri.clone()));
        let application = opened.application(&visitor.stack.store.read())?;
        Ok(Some(opened).filter(|opened| still_holds(visitor.stack.issuers(), &application, &opened.request)))
    }

    fn unsealed(visitor: &Visitor, text: &str) -> Option<Self> {
        let bytes = opened(visitor, &aad(&[REQUEST.as_bytes()]), text)?;
        let mut opened: Self = postcard::from_bytes(&bytes).ok()?;
        let now = visitor.stack.now();
        if now >= opened.until || opened.visit != Some(sha256(visitor.visit.as_bytes())) {
            return Some(Self::new(opened.request, now));
        }
        let current = visitor.signed_in.as_ref().map(|signed_in| signed_in.session.id);
        if opened.session.is_some() && opened.session != current {
            opened = opened.signed_out();
        }
        Some(opened)
    }

    /// The way to the page that comes next. None: the request is too long.
    pub fn way_on(&self, visitor: &Visitor) -> Option<WayOn> {
        let sealed = self.seal(visitor)?;
        Some(if sealed.len() <= MAX_IN_ADDRESS {
            WayOn::Address(format!("/login?request={sealed}"))
        } else {
            WayOn::Form(sealed)
        })
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

/// The address that the answer to a request would have gone to, kept with the HTTP request.
pub struct Asked(pub String);

/// How a browser gets to the page that comes next.
pub enum WayOn {
    /// By this address.
    Address(String),
    /// By a form with this sealed request, which is too long for an address.
    Form(String),
}

fn sealed(visitor: &Visitor, place: &[u8], bytes: &[u8]) -> Option<String> {
    let text = URL_SAFE_NO_PAD.encode(visitor.stack.keyring.seal_key(Purpose::Column).seal(place, bytes));
    (text.len() <= MAX_LEN).then_some(text)
}

fn opened(visitor: &Visitor, place: &[u8], text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    visitor.stack.keyring.seal_key(Purpose::Column).open(place, &sealed).ok()
}

/// Seals a value for a purpose and this browser. None: too long.
pub fn seal<T: Serialize>(visitor: &Visitor, purpose: &str, value: &T) -> Option<String> {
    let bytes = Zeroizing::new(postcard::to_allocvec(value).ok()?);
    sealed(visitor, &aad(&[purpose.as_bytes(), visitor.visit.as_bytes()]), &bytes)
}

/// Opens what [`seal`] made for the same purpose and browser.
pub fn open<T: DeserializeOwned>(visitor: &Visitor, purpose: &str, text: &str) -> Option<T> {
    let bytes = opened(visitor, &aad(&[purpose.as_bytes(), visitor.visit.as_bytes()]), text)?;
    postcard::from_bytes(&bytes).ok()
}
