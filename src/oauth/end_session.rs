//! A client asks to end the session of a browser (OpenID Connect RP-Initiated Logout): who may be signed out without a
//! question, and where the browser may go afterwards.
//!
//! The browser is redirected only for a good `id_token_hint` and an address that is registered byte for byte. Whatever else
//! comes in shows a page.

use super::authorize::{Sent, percent, with_query};
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
    /// The `post_logout_redirect_uri` is not registered, or there is no hint that would say whose it is.
    Redirect,
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
    let names = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales"];
    let (Ok(hint), Ok(client_id), Ok(to), Ok(state), false) = (
        sent.text("id_token_hint"),
        sent.text("client_id"),
        sent.text("post_logout_redirect_uri"),
        sent.bytes("state"),
        sent.repeats(&names),
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
    let Some(hint) = hint else {
        // Anybody can write an address; without a hint nothing says that this browser's user came from there.
        return Ok(if to.is_some() { Checked::trouble(Trouble::Redirect) } else { Checked::default() });
    };
    let iss = issuers.text(issuer);
    let Some(hint) = verify_hint(keys, issuers, hint).ok().filter(|hint| hint.iss == iss) else {
        return Ok(Checked::trouble(Trouble::Hint));
    };
    let application = apps::client(tx, &hint.aud)?.filter(|application| fits(application, issuer));
    let Some(application) = application.filter(|_| client_id.is_none_or(|named| *named == *hint.aud)) else {
        return Ok(Checked::trouble(Trouble::Client));
    };
    let back = match to {
        None => None,
        Some(to) if is_registered(&application, to) && state.is_none_or(|state| state.len() <= MAX_STATE) => {
            Some(state.map_or_else(|| to.to_owned(), |state| with_query(to, &format!("state={}", percent(state)))))
        }
        Some(_) => return Ok(Checked::trouble(Trouble::Redirect)),
    };
    Ok(Checked { user: hint.user, session: hint.sid, back, trouble: None })
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
