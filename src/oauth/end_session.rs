//! A client asks to end the session of a browser (OpenID Connect RP-Initiated Logout): who may be signed out without a
//! question, and where the browser may go afterwards.
//!
//! The browser is redirected only to an address that is registered byte for byte for the client that a `client_id` or an
//! `id_token_hint` names. Only a good hint signs somebody out without a question.

use super::authorize::{SIGN_OUT, Sent, percent, with_query};
use super::id_token::of_a_former_key;
use super::keys::KeySet;
use super::{Flavour, Issuer, Issuers, verify_hint};
use crate::apps::{self, AppScope, Application, ApplicationStatus};
use crate::base::id::{SessionId, UserId};
use crate::store::{Read, StoreError};
use crate::tenancy;

/// The longest `state` in bytes.
const MAX_STATE: usize = super::authorize::MAX_STATE;

/// What is wrong with a request. It is answered with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A parameter is repeated or malformed.
    Unclear,
    /// The `id_token_hint` is not ours.
    Hint,
    /// The `client_id` is not the one of the hint, or nobody's.
    Client,
    /// The `post_logout_redirect_uri` is not registered.
    Redirect,
    /// There is a `post_logout_redirect_uri`, and neither a `client_id` nor a hint that would say whose it is.
    Nobody,
    /// The `state` is too long.
    State,
}

/// A request, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Whose session a good hint names.
    pub user: Option<UserId>,
    /// The session that a good hint names by `sid`.
    pub session: Option<SessionId>,
    /// Where to go afterwards, with the `state`.
    pub back: Option<String>,
    /// What is wrong.
    pub trouble: Option<Trouble>,
}

impl Checked {
    fn trouble(trouble: Trouble) -> Self {
        Self { trouble: Some(trouble), ..Self::default() }
    }
}

/// Checks a request of a flavour's endpoint.
///
/// # Errors
/// When the file cannot be read.
pub fn check(
    tx: &impl Read,
    keys: &KeySet,
    issuers: &Issuers,
    flavour: &Flavour,
    sent: &Sent,
) -> Result<Checked, StoreError> {
    let (Ok(hint), Ok(client_id), Ok(to), Ok(state), false) = (
        sent.text("id_token_hint"),
        sent.text("client_id"),
        sent.text("post_logout_redirect_uri"),
        sent.bytes("state"),
        sent.repeats(SIGN_OUT),
    ) else {
        return Ok(Checked::trouble(Trouble::Unclear));
    };
    let issuer = match flavour {
        Flavour::Platform => Issuer::Platform,
        Flavour::Environment => Issuer::Environment,
        Flavour::Tenant(slug) => match tenancy::tenant_by_slug(tx, slug)? {
            Some(tenant) => Issuer::Tenant(tenant.id),
            None => return Ok(Checked::trouble(Trouble::Unclear)),
        },
    };
    let iss = issuers.text(issuer);
    let shown = hint.and_then(|hint| verify_hint(keys, issuers, hint).ok()).filter(|shown| shown.iss == iss);
    // A hint from before a rotation of the keys signs nobody out, and still says which client asks.
    let named = match (&shown, hint) {
        (Some(shown), _) => Some(shown.aud.to_string()),
        (None, Some(hint)) => of_a_former_key(keys, &iss, hint),
        (None, None) => None,
    };
    if hint.is_some() && named.is_none() {
        return Ok(Checked::trouble(Trouble::Hint));
    }
    let both_fit = client_id.is_none_or(|given| named.as_deref().is_none_or(|named| named == given));
    let Some(named) = client_id.map(str::to_owned).or(named).filter(|_| both_fit) else {
        // Anybody can write an address; nothing says whose it would be.
        return Ok(match (both_fit, to) {
            (false, _) => Checked::trouble(Trouble::Client),
            (true, Some(_)) => Checked::trouble(Trouble::Nobody),
            (true, None) => Checked::default(),
        });
    };
    let Some(application) = apps::client(tx, &named)?.filter(|application| fits(application, issuer)) else {
        return Ok(Checked::trouble(Trouble::Client));
    };
    let back = match to {
        None => None,
        Some(_) if state.is_some_and(|state| state.len() > MAX_STATE) => return Ok(Checked::trouble(Trouble::State)),
        Some(to) if is_registered(&application, to) => {
            Some(state.map_or_else(|| to.to_owned(), |state| with_query(to, &format!("state={}", percent(state)))))
        }
        Some(_) => return Ok(Checked::trouble(Trouble::Redirect)),
    };
    // Whoever the hint does not show is asked, and then goes where the client wants them.
    let (user, session) = shown.map_or((None, None), |shown| (shown.user, shown.sid));
    Ok(Checked { user, session, back, trouble: None })
}

/// A disabled application may sign its users out; where the browser goes then is no longer its affair.
fn is_registered(application: &Application, to: &str) -> bool {
    application.status == ApplicationStatus::Active
        && application.post_logout_redirect_uris.iter().any(|uri| uri.accepts(to, application.application_type))
}

fn fits(application: &Application, issuer: Issuer) -> bool {
    match (application.scope, issuer) {
        (AppScope::Global, Issuer::Platform | Issuer::Environment) => true,
        (AppScope::Tenant(own), Issuer::Tenant(tenant)) => own == tenant,
        (AppScope::Partner(_), Issuer::Tenant(_)) => true,
        _ => false,
    }
}
