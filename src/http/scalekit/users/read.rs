//! Requests of UserService as the commands of `people`. A field is named as it stands in the request.

use super::super::operation::Call;
use super::super::proto::commons::Role;
use super::super::proto::users::{CreateMembership, CreateUser, CreateUserProfile, UpdateUser, UpdateUserProfile};
use super::super::rules;
use crate::access::Place;
use crate::base::id::TenantId;
use crate::base::text::Rule;
use crate::base::{DisplayName, Email, ExternalId, JsonObject, Metadata, Problem};
use crate::mailed_links::Entry;
use crate::people::{
    GroupName, Locale, MAX_GROUPS, NewMembership, NewUser, PhoneNumber, Profile, ProfileChange, UserPatch, Username,
    WebUrl,
};
use crate::roles::RoleNames;
use crate::tenancy;
use std::collections::BTreeMap;

/// Whether a mail asks first: it does unless the request says no.
pub(super) fn entry(send_invitation_email: Option<bool>) -> Entry {
    if send_invitation_email == Some(false) { Entry::AtOnce } else { Entry::Invited }
}

/// Names where in a request a value stands, and reads it.
#[derive(Clone, Copy)]
struct FieldPath<'a>(&'a str);

impl FieldPath<'_> {
    fn name(self, field: &str) -> String {
        format!("{}.{field}", self.0)
    }

    /// A text; none: it is empty.
    fn text<T, E: Into<Rule>>(
        self,
        field: &str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        if text.is_empty() {
            return Ok(None);
        }
        parse(text).map(Some).map_err(|rule| Problem::invalid(self.name(field), rule.into()))
    }

    /// A text of a patch: absent stays, `""` empties.
    fn change<T, E: Into<Rule>>(
        self,
        field: &str,
        text: Option<String>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<Option<T>>, Problem> {
        text.map(|text| self.text(field, &text, parse)).transpose()
    }

    fn pairs(self, field: &str, pairs: BTreeMap<String, String>) -> Result<Metadata, Problem> {
        rules::metadata(&self.name(field), &pairs, Metadata::MAX_PAIRS)?;
        Metadata::new(pairs, Metadata::MAX_PAIRS).map_err(|rule| Problem::invalid(self.name(field), rule))
    }

    /// Pairs of a patch: a map has no presence, so an empty one stays as it was.
    fn new_pairs(self, field: &str, pairs: BTreeMap<String, String>) -> Result<Option<Metadata>, Problem> {
        Ok(Some(self.pairs(field, pairs)?).filter(|pairs| !pairs.is_empty()))
    }

    fn groups(self, field: &str, groups: &[String]) -> Result<Vec<GroupName>, Problem> {
        let wrong = |rule: Rule| Problem::invalid(self.name(field), rule);
        if groups.len() > MAX_GROUPS {
            return Err(wrong("must be at most 50 groups".into()));
        }
        let mut read: Vec<GroupName> = Vec::with_capacity(groups.len());
        for group in groups {
            let group = GroupName::parse(group).map_err(wrong)?;
            if read.contains(&group) {
                return Err(wrong("must name each group once".into()));
            }
            read.push(group);
        }
        Ok(read)
    }

    /// One of two names of the same field: the present one, the older one only without it.
    fn name_of_two(
        self,
        (field, text): (&str, Option<String>),
        (old_field, old): (&str, Option<String>),
    ) -> Result<Option<Option<DisplayName>>, Problem> {
        if let Some(old) = &old {
            rules::length(&self.name(old_field), old, 0..=200)?;
        }
        match text {
            Some(text) => self.change(field, Some(text), DisplayName::parse),
            None => self.change(old_field, old, DisplayName::parse),
        }
    }
}

/// Names of roles.
pub(super) fn role_names(field: &str, roles: &[Role]) -> Result<RoleNames, Problem> {
    if roles.iter().any(|role| role.name.is_empty()) {
        return Err(Problem::invalid(field, "must name each role"));
    }
    RoleNames::parse(roles.iter().map(|role| role.name.as_str())).map_err(|rule| Problem::invalid(field, rule))
}

/// A membership to make, and its roles; `at` is where it stands in the request.
pub(super) fn membership(at: &str, given: CreateMembership) -> Result<(NewMembership, RoleNames), Problem> {
    let here = FieldPath(at);
    let CreateMembership { roles, metadata, inviter_email } = given;
    let names = role_names(&here.name("roles"), &roles)?;
    let new = NewMembership {
        metadata: here.pairs("metadata", metadata)?,
        inviter: here.text("inviter_email", &inviter_email.unwrap_or_default(), Email::parse)?,
        // The role follows from the names, in the transaction.
        ..NewMembership::at_once(crate::access::Role::TenantViewer)
    };
    Ok((new, names))
}

/// A user to make, with their roles in the tenant.
pub(super) fn create(tenant: TenantId, given: CreateUser) -> Result<(NewUser, RoleNames), Problem> {
    let here = FieldPath("user");
    let CreateUser { email, external_id, membership: member, user_profile, metadata } = given;
    let email =
        here.text("email", &email, Email::parse)?.ok_or_else(|| Problem::invalid("user.email", "is required"))?;
    let (membership, names) = membership("user.membership", member.unwrap_or_default())?;
    let blank = NewUser::local(email, tenant, membership.role);
    let new = NewUser {
        membership,
        external_id: here.text("external_id", &external_id.unwrap_or_default(), ExternalId::parse)?,
        metadata: here.pairs("metadata", metadata)?,
        ..blank
    };
    Ok((profile(user_profile.unwrap_or_default(), new)?, names))
}

#[allow(deprecated, reason = "older clients send first_name and last_name only")]
fn profile(given: CreateUserProfile, new: NewUser) -> Result<NewUser, Problem> {
    let here = FieldPath("user.user_profile");
    let CreateUserProfile {
        given_name,
        family_name,
        name,
        locale,
        phone_number,
        metadata,
        custom_attributes,
        preferred_username,
        picture,
        gender,
        groups,
        first_name,
        last_name,
    } = given;
    let said = |text: String| Some(text).filter(|text| !text.is_empty());
    let first = here.name_of_two(("given_name", said(given_name)), ("first_name", said(first_name)))?;
    let last = here.name_of_two(("family_name", said(family_name)), ("last_name", said(last_name)))?;
    let change = ProfileChange {
        locale: Some(here.text("locale", &locale, Locale::parse)?),
        phone_number: Some(here.text("phone_number", &phone_number, PhoneNumber::parse)?),
        preferred_username: Some(here.text("preferred_username", &preferred_username, Username::parse)?),
        picture: Some(here.text("picture", &picture.unwrap_or_default(), WebUrl::parse)?),
        gender: Some(here.text("gender", &gender.unwrap_or_default(), DisplayName::parse)?),
        groups: Some(here.groups("groups", &groups)?),
        metadata: Some(here.pairs("metadata", metadata)?),
        ..ProfileChange::default()
    };
    let attributes = here.pairs("custom_attributes", custom_attributes)?;
    let wrong = |rule| Problem::invalid(here.name("custom_attributes"), rule);
    Ok(NewUser {
        first_name: first.flatten(),
        last_name: last.flatten(),
        display_name: here.text("name", &name, DisplayName::parse)?,
        profile: change.applied_to(&Profile::default())?,
        custom_attributes: JsonObject::default().with_texts(attributes.pairs()).map_err(wrong)?,
        ..new
    })
}

/// Changes to a user: what is absent stays, an empty text empties, an empty map or list stays.
#[allow(deprecated, reason = "older clients send first_name and last_name only")]
pub(super) fn update(given: UpdateUser) -> Result<UserPatch, Problem> {
    let here = FieldPath("user");
    let UpdateUser { external_id, user_profile, metadata } = given;
    let patch = UserPatch {
        external_id: here.change("external_id", external_id, ExternalId::parse)?,
        metadata: here.new_pairs("metadata", metadata)?,
        ..UserPatch::default()
    };
    let here = FieldPath("user.user_profile");
    let UpdateUserProfile {
        given_name,
        family_name,
        name,
        locale,
        phone_number,
        metadata,
        custom_attributes,
        first_name,
        last_name,
        preferred_username,
        picture,
        gender,
        groups,
    } = user_profile.unwrap_or_default();
    let groups = here.groups("groups", &groups)?;
    Ok(UserPatch {
        first_name: here.name_of_two(("given_name", given_name), ("first_name", first_name))?,
        last_name: here.name_of_two(("family_name", family_name), ("last_name", last_name))?,
        display_name: here.change("name", name, DisplayName::parse)?,
        custom_texts: here.new_pairs("custom_attributes", custom_attributes)?,
        profile: ProfileChange {
            locale: here.change("locale", locale, Locale::parse)?,
            phone_number: here.change("phone_number", phone_number, PhoneNumber::parse)?,
            preferred_username: here.change("preferred_username", preferred_username, Username::parse)?,
            picture: here.change("picture", picture, WebUrl::parse)?,
            gender: here.change("gender", gender, DisplayName::parse)?,
            groups: Some(groups).filter(|groups| !groups.is_empty()),
            metadata: here.new_pairs("metadata", metadata)?,
            ..ProfileChange::default()
        },
        ..patch
    })
}

/// Metadata of a membership to change: an empty map stays as it was.
pub(super) fn membership_metadata(pairs: BTreeMap<String, String>) -> Result<Option<Metadata>, Problem> {
    FieldPath("membership").new_pairs("metadata", pairs)
}

/// The organisation that a request names, and where it is; none: there is no such one. Whether the caller may know of it is
/// for the service to say.
pub(super) fn organization(call: &Call, text: &str) -> Result<(TenantId, Option<Place>), Problem> {
    let id = rules::organization_id("organization_id", text)?;
    Ok((id, tenancy::place_of(&call.stack.store.read(), id)?))
}
