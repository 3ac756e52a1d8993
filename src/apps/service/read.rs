//! Looking at applications.

use super::{is_visible, no_such_application, place_of};
use crate::access::{Granted, Place, permit};
use crate::apps::{AppScope, Application, ApplicationType, ScopeLevel, table};
use crate::base::id::{ApplicationId, PartnerId, TenantId};
use crate::base::{Id, Problem, text};
use crate::store::listing::readable;
use crate::store::{Listed, Paging, Read, Slice, Window};
use crate::tenancy;

/// Which applications to show. Every part that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct ListApplications {
    /// Only those of this tenant.
    pub tenant_id: Option<TenantId>,
    /// Only those of this partner and of its tenants.
    pub partner_id: Option<PartnerId>,
    /// Only of this level.
    pub scope: Option<ScopeLevel>,
    /// Only of this type.
    pub application_type: Option<ApplicationType>,
    /// Only with each word of this text somewhere in the name, the description or the client_id, in any case and without accents.
    pub search: Option<String>,
}

/// One application: those below `granted`'s place, and the shared ones above it.
///
/// # Errors
/// [`Problem`]: there is none that `granted` may know of.
pub fn get(
    tx: &impl Read,
    granted: &Granted<permit::ReadApplications>,
    id: ApplicationId,
) -> Result<Application, Problem> {
    within(tx, granted.place(), id)
}

/// One application that those who administer `place` may know of, for a caller whose permission was asked for before.
///
/// # Errors
/// `application_not_found`.
pub fn within(tx: &impl Read, place: Place, id: ApplicationId) -> Result<Application, Problem> {
    let application = table::one(tx, id)?.ok_or_else(no_such_application)?;
    match place_of(tx, application.scope)? {
        Some(at) if is_visible(place, at) => Ok(application),
        _ => Err(no_such_application()),
    }
}

/// A page of the applications that `granted` may know of, the oldest first. Without a type or a text to search for, only
/// the rows of the page are read; the rest is counted in the index.
///
/// # Errors
/// When the file cannot be read.
pub fn list(
    tx: &impl Read,
    granted: &Granted<permit::ReadApplications>,
    which: &ListApplications,
    paging: Paging,
) -> Result<Listed<Application>, Problem> {
    let mut ids = fitting(tx, granted.place(), which)?;
    // Ids rise with time.
    ids.sort_unstable();
    let listed = Listed::cut(ids, paging, |id| id.raw());
    Ok(listed.rows("application", |id| table::one(tx, id))?)
}

/// As [`list`], a stretch of it.
///
/// # Errors
/// When the file cannot be read.
pub fn slice(
    tx: &impl Read,
    granted: &Granted<permit::ReadApplications>,
    which: &ListApplications,
    window: Window,
) -> Result<Slice<Application>, Problem> {
    let ids = fitting(tx, granted.place(), which)?.into_iter().collect();
    Ok(window.within(&ids).rows("application", |id| table::one(tx, id))?)
}

/// The ids of those that pass the filters. Their rows are read for a type or a text to search for only.
fn fitting(tx: &impl Read, place: Place, which: &ListApplications) -> Result<Vec<ApplicationId>, Problem> {
    let ids = candidates(tx, place, which)?;
    let search = text::searched(which.search.as_deref().unwrap_or_default());
    if which.application_type.is_none() && search.trim().is_empty() {
        return Ok(ids);
    }
    let mut found = Vec::new();
    for id in ids {
        let Some(application) = readable("application", &id, table::one(tx, id))? else { continue };
        let right_type = which.application_type.is_none_or(|want| want == application.application_type);
        if right_type && mentions(&application, &search) {
            found.push(id);
        }
    }
    Ok(found)
}

/// Whether every word of a search, which is folded as [`text::searched`] does, stands somewhere in name, description or id.
fn mentions(application: &Application, search: &str) -> bool {
    let fields = [application.name.as_str(), application.description.as_deref().unwrap_or_default()];
    let fields: Vec<String> = fields.into_iter().map(text::searched).chain([application.client_id()]).collect();
    search.split_whitespace().all(|word| fields.iter().any(|field| field.contains(word)))
}

/// The ids of what is visible from `mine` and fits the filters that the index knows.
fn candidates(tx: &impl Read, mine: Place, which: &ListApplications) -> Result<Vec<ApplicationId>, Problem> {
    let wanted = |scope: AppScope, at: Place| {
        is_visible(mine, at)
            && which.scope.is_none_or(|level| level == scope.level())
            && which.tenant_id.is_none_or(|tenant| at.tenant() == Some(tenant))
            && which.partner_id.is_none_or(|partner| at.partner() == Some(partner))
    };
    let mut ids = Vec::new();
    let mut take = |scope: AppScope| -> Result<(), Problem> {
        if place_of(tx, scope)?.is_some_and(|at| wanted(scope, at)) {
            ids.append(&mut table::ids_of(tx, scope)?);
        }
        Ok(())
    };
    match (mine, which.tenant_id) {
        (_, Some(tenant)) => take(AppScope::Tenant(tenant))?,
        (Place::Tenant { partner, tenant }, None) => {
            take(AppScope::Global)?;
            take(AppScope::Partner(partner))?;
            take(AppScope::Tenant(tenant))?;
        }
        (Place::Partner(partner), None) => {
            take(AppScope::Global)?;
            take(AppScope::Partner(partner))?;
            for tenant in tenancy::tenants_of(tx, partner)? {
                take(AppScope::Tenant(tenant))?;
            }
        }
        (Place::Platform, None) => {
            // The index holds the ids of one scope side by side, so each partner and tenant is asked for once.
            let mut last = None;
            for (scope, id) in table::all_ids(tx)? {
                let fits = match last {
                    Some((seen, fits)) if seen == scope => fits,
                    _ => place_of(tx, scope)?.is_some_and(|at| wanted(scope, at)),
                };
                last = Some((scope, fits));
                if fits {
                    ids.push(id);
                }
            }
        }
    }
    Ok(ids)
}
