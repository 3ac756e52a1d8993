//! What has to happen before a request is answered: who signs in, in which tenant, and who agrees.

use super::{ErrorCode, Fault, Request};
use crate::access::Evidence;
use crate::base::Timestamp;
use crate::base::id::{TenantId, UserId};
use crate::people::{self, User};
use crate::store::{Read, StoreError};
use serde::{Deserialize, Serialize};

/// What has happened on the pages since the request came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Somebody has signed in.
    pub signed_in: bool,
    /// Somebody has said that the account is the right one.
    pub account_chosen: bool,
    /// The tenant that was chosen.
    pub tenant: Option<TenantId>,
}

/// Who the browser is signed in as.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The user of the browser's session.
    pub user: UserId,
    /// The session's own tenant.
    pub tenant: TenantId,
    /// How they signed in.
    pub evidence: Evidence,
    /// The tenants that the request could be answered for, as [`tenants_for`] gives them.
    pub tenants: Vec<TenantId>,
}

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask who it is.
    SignIn,
    /// Ask which account and which tenant.
    ChooseAccount,
    /// Sign in to this tenant again: it, or the application, wants a second factor, and the session has seen none.
    StepUp(TenantId),
    /// The account is in no tenant that the application works in: say so, and offer another account.
    NoAccess,
    /// Ask whether the application may.
    Consent(TenantId),
    /// Give a code.
    Issue(TenantId),
    /// Tell the client that it does not work.
    Fail(Fault),
}

/// The tenants in which a user could use the application of a request: at a tenant's endpoint that tenant, if they belong to
/// it; at the platform's all that are open to them.
///
/// # Errors
/// When the file cannot be read.
pub fn tenants_for(
    tx: &impl Read,
    request: &Request,
    user: &User,
    now: Timestamp,
) -> Result<Vec<TenantId>, StoreError> {
    let mut tenants = people::tenants_open_to(tx, user, now)?;
    tenants.retain(|tenant| request.tenant.is_none_or(|only| only == *tenant));
    Ok(tenants)
}

/// What only the store knows, asked when it matters.
pub trait Facts {
    /// Whether a tenant wants a second factor of everybody.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn wants_second_factor(&self, tenant: TenantId) -> Result<bool, StoreError>;

    /// Whether a user has set a second factor up.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn has_second_factor(&self, user: UserId) -> Result<bool, StoreError>;

    /// Whether the application may have what it asks for in a tenant without asking: the user agreed before, or it is our own.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn agreed(&self, tenant: TenantId) -> Result<bool, StoreError>;
}

/// Decides what comes next.
///
/// # Errors
/// When the file cannot be read.
pub fn next_step(
    request: &Request,
    progress: Progress,
    who: Option<&SignedIn>,
    now: Timestamp,
    facts: &impl Facts,
) -> Result<Step, StoreError> {
    let prompt = request.prompt;
    let ask = |step, code, words| if prompt.none { fail(code, words) } else { step };
    let sign_in = || ask(Step::SignIn, ErrorCode::LoginRequired, "Nobody is signed in, or not recently enough");
    let Some(who) = who else { return Ok(sign_in()) };
    let too_old = request.max_age.is_some_and(|max_age| who.evidence.is_older_than(max_age, now));
    if (prompt.login || too_old) && !progress.signed_in {
        return Ok(sign_in());
    }
    if request.hinted.is_some_and(|hinted| hinted != who.user) {
        let another = "Another user is signed in than the one in the id_token_hint";
        let again = !prompt.none && !progress.signed_in;
        return Ok(if again { Step::SignIn } else { fail(ErrorCode::LoginRequired, another) });
    }
    if prompt.select_account && !progress.account_chosen {
        return Ok(Step::ChooseAccount);
    }
    let asked = progress.signed_in || progress.account_chosen;
    let tenant = match (who.tenants.as_slice(), progress.tenant) {
        ([], _) => {
            let words = "The user is not a member of a tenant that the application works in";
            return Ok(ask(Step::NoAccess, ErrorCode::InteractionRequired, words));
        }
        ([only], _) => *only,
        (several, Some(chosen)) if several.contains(&chosen) => chosen,
        // Who has just come in is asked; who was in already goes on where they are.
        (several, _) if !asked && several.contains(&who.tenant) => who.tenant,
        _ => {
            let words = "The user is in several tenants and has to choose one";
            return Ok(ask(Step::ChooseAccount, ErrorCode::AccountSelectionRequired, words));
        }
    };
    if !who.evidence.has_second_factor() && facts.wants_second_factor(tenant)? {
        return Ok(ask(Step::StepUp(tenant), ErrorCode::LoginRequired, "The tenant wants a second factor"));
    }
    if !who.evidence.has_second_factor() && request.wants_mfa && !prompt.none && facts.has_second_factor(who.user)? {
        return Ok(Step::StepUp(tenant));
    }
    if prompt.consent || !facts.agreed(tenant)? {
        return Ok(ask(Step::Consent(tenant), ErrorCode::ConsentRequired, "The user has not agreed to this yet"));
    }
    Ok(Step::Issue(tenant))
}

fn fail(code: ErrorCode, words: &'static str) -> Step {
    Step::Fail(Fault::new(code, words))
}
