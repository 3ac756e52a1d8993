//! What somebody is in the organisation that the environment's tokens are for.

use super::claims::OrganizationClaims;
use super::subject::Subject;
use crate::base::Timestamp;
use crate::people;
use crate::roles;
use crate::store::{Read, StoreError};
use crate::tenancy;
use crate::token_families::Family;

/// What a person is in the organisation of a token of this issuer; nothing for the other issuers' tokens.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn standing(
    tx: &impl Read,
    family: &Family,
    subject: &Subject,
    now: Timestamp,
) -> Result<OrganizationClaims, StoreError> {
    if !family.environment {
        return Ok(OrganizationClaims::default());
    }
    // A tenant that asks for a second factor has none of its roles used without one: then the subject has none there.
    let counts = people::works_in(&subject.roles, family.tenant);
    let held = if counts { roles::roles_of(tx, &subject.user, subject.place, now)? } else { Vec::new() };
    let permissions = roles::app_permissions(tx, &held)?;
    let organization = tenancy::tenant(tx, family.tenant)?;
    Ok(OrganizationClaims {
        roles: held.into_iter().map(|role| role.key.to_string()).collect(),
        permissions: permissions.into_iter().map(|permission| permission.name.to_string()).collect(),
        external_organization: organization.and_then(|tenant| tenant.details.external_id).map(|id| id.to_string()),
        external_user: subject.user.external_id.as_ref().map(ToString::to_string),
    })
}
