//! Users as the messages of UserService.

use super::super::moment::Moment;
use super::super::proto::commons::{MembershipStatus, OrganizationMembership, Role, UserProfile};
use super::super::proto::users::{Invite, User as Message};
use super::super::rules::{self, ORGANIZATION};
use crate::access::Place;
use crate::base::{Id, Problem, Timestamp};
use crate::people::{self, MemberState, Membership, User};
use crate::roles::{self, CustomRole};
use crate::store::Read;
use crate::tenancy;

/// The prefix of a profile's id, which is its user's.
const PROFILE: &str = "usp";

/// A user with the memberships in tenants within `place`.
pub(super) fn user(tx: &impl Read, place: Place, user: &User, now: Timestamp) -> Result<Message, Problem> {
    let mut memberships = Vec::new();
    for tenant in people::all_tenants_of(tx, user.id)? {
        let Some(there) = tenancy::place_of(tx, tenant)?.filter(|there| place.covers(*there)) else { continue };
        if let Some(member) = people::belonging(tx, tenant, user.id)? {
            memberships.push(membership(tx, there, user, &member, now)?);
        }
    }
    Ok(Message {
        id: user.id.to_string(),
        environment_id: rules::environment(tx)?,
        create_time: Some(Moment::from(user.created_at)),
        update_time: Some(Moment::from(user.updated_at)),
        email: user.email.to_string(),
        external_id: user.external_id.as_ref().map(ToString::to_string),
        memberships,
        user_profile: Some(profile(user)),
        metadata: user.metadata.pairs().clone(),
        last_login_time: user.last_login_at.map(Into::into),
    })
}

fn membership(
    tx: &impl Read,
    there: Place,
    user: &User,
    membership: &Membership,
    now: Timestamp,
) -> Result<OrganizationMembership, Problem> {
    let held = roles::roles_given(tx, user, there, now)?;
    let name = tenancy::shared_tenant(tx, membership.tenant)?.map(|tenant| tenant.name.to_string());
    let invitation = membership.invitation.as_ref();
    let standing = membership.standing(user, now);
    Ok(OrganizationMembership {
        organization_id: membership.tenant.display_as(ORGANIZATION),
        join_time: Some(Moment::from(membership.joined_at)),
        membership_status: i32::from(status(standing)),
        roles: held.iter().map(role).collect(),
        name: name.clone(),
        metadata: membership.metadata.pairs().clone(),
        display_name: name,
        inviter_email: membership.inviter.as_ref().map(ToString::to_string),
        created_at: Some(Moment::from(invitation.map_or(membership.joined_at, |invitation| invitation.created_at))),
        accepted_at: match invitation {
            Some(invitation) => invitation.accepted_at.map(Into::into),
            None => (standing != MemberState::Pending).then(|| Moment::from(membership.joined_at)),
        },
        expires_at: invitation
            .filter(|invitation| invitation.accepted_at.is_none())
            .map(|invitation| Moment::from(invitation.expires_at)),
        provisioning_method: Some(membership.provisioning().to_owned()),
        permissions: roles::app_permissions(tx, &held)?.iter().map(|one| one.name.to_string()).collect(),
    })
}

fn status(standing: MemberState) -> MembershipStatus {
    match standing {
        MemberState::Active => MembershipStatus::Active,
        MemberState::Inactive => MembershipStatus::Inactive,
        MemberState::Pending => MembershipStatus::PendingInvite,
        MemberState::Expired => MembershipStatus::InviteExpired,
    }
}

/// A custom role as Scalekit's message `Role`.
pub(super) fn role(role: &CustomRole) -> Role {
    Role { id: role.id.to_string(), name: role.key.to_string(), display_name: role.name.to_string() }
}

fn profile(user: &User) -> UserProfile {
    let text = |value: Option<&dyn std::fmt::Display>| value.map(ToString::to_string).unwrap_or_default();
    let profile = &user.profile;
    let (first, last) = (user.first_name.as_ref(), user.last_name.as_ref());
    let name = match (&user.display_name, first, last) {
        (Some(name), ..) => name.to_string(),
        (None, Some(first), Some(last)) => format!("{first} {last}"),
        (None, Some(one), None) | (None, None, Some(one)) => one.to_string(),
        (None, None, None) => String::new(),
    };
    UserProfile {
        id: user.id.display_as(PROFILE),
        given_name: text(first.map(|name| name as _)),
        family_name: text(last.map(|name| name as _)),
        name,
        locale: text(profile.locale.as_ref().map(|locale| locale as _)),
        email_verified: user.email_verified,
        phone_number: text(profile.phone_number.as_ref().map(|number| number as _)),
        metadata: profile.metadata.pairs().clone(),
        custom_attributes: user.custom_attributes.texts(),
        preferred_username: text(profile.preferred_username.as_ref().map(|name| name as _)),
        phone_number_verified: profile.phone_number_verified,
        picture: text(profile.picture.as_ref().map(|picture| picture as _)),
        groups: profile.groups.iter().map(ToString::to_string).collect(),
        gender: text(profile.gender.as_ref().map(|gender| gender as _)),
        ..UserProfile::default()
    }
}

/// A membership that waits, as Scalekit's message `Invite`.
pub(super) fn invite(user: &User, membership: &Membership, now: Timestamp) -> Invite {
    let invitation = membership.invitation.as_ref();
    Invite {
        organization_id: membership.tenant.display_as(ORGANIZATION),
        user_id: user.id.to_string(),
        inviter_email: membership.inviter.as_ref().map(ToString::to_string),
        status: membership.standing(user, now).name().to_owned(),
        created_at: invitation.map(|invitation| Moment::from(invitation.created_at)),
        expires_at: invitation.map(|invitation| Moment::from(invitation.expires_at)),
        resent_at: invitation.and_then(|invitation| invitation.resent_at).map(Into::into),
        resent_count: invitation.map_or(0, |invitation| i32::try_from(invitation.resent_count).unwrap_or(i32::MAX)),
    }
}
