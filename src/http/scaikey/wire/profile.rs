//! The object `profile` of a user: its members are named as the claims of OpenID Connect Core §5.1, in writes and answers.

use super::{given, nullable};
use crate::access::OwnData;
use crate::base::{DisplayName, Metadata};
use crate::people::{
    self, Address, AddressText, Birthdate, GroupName, Locale, PhoneNumber, ProfileChange, Username, WebUrl, ZoneInfo,
};
use serde::{Deserialize, Serialize};

/// The members of a write: what is left out stays, `null` empties.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProfileFields {
    /// Between first and last name.
    #[serde(default, deserialize_with = "nullable")]
    middle_name: Option<Option<DisplayName>>,
    /// A short name.
    #[serde(default, deserialize_with = "nullable")]
    nickname: Option<Option<DisplayName>>,
    /// What they wish to be called by programs. Not unique, and no name to sign in with.
    #[serde(default, deserialize_with = "nullable")]
    preferred_username: Option<Option<Username>>,
    /// A page about them: an http or https address.
    #[serde(default, deserialize_with = "nullable")]
    profile: Option<Option<WebUrl>>,
    /// A picture of them: an http or https address.
    #[serde(default, deserialize_with = "nullable")]
    picture: Option<Option<WebUrl>>,
    /// Their web site: an http or https address.
    #[serde(default, deserialize_with = "nullable")]
    website: Option<Option<WebUrl>>,
    /// In their own word.
    #[serde(default, deserialize_with = "nullable")]
    gender: Option<Option<DisplayName>>,
    /// `1985-07-21`, `0000-07-21` without the year, or the year alone.
    #[serde(default, deserialize_with = "nullable")]
    birthdate: Option<Option<Birthdate>>,
    /// A time zone of the IANA database, such as `Europe/Amsterdam`.
    #[serde(default, deserialize_with = "nullable")]
    zoneinfo: Option<Option<ZoneInfo>>,
    /// A language tag (BCP 47), such as `nl-NL`.
    #[serde(default, deserialize_with = "nullable")]
    locale: Option<Option<Locale>>,
    /// A telephone number with its country, such as `+31201234567`.
    #[serde(default, deserialize_with = "nullable")]
    phone_number: Option<Option<PhoneNumber>>,
    /// Whether somebody has checked that the number is theirs: for administrators to say.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "bool"))]
    phone_number_verified: Option<bool>,
    /// Where post goes, as a whole.
    #[serde(default, deserialize_with = "nullable")]
    address: Option<Option<Address>>,
    /// The groups that they are in elsewhere, all of them: at most 50, each once.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Vec<GroupName>"))]
    groups: Option<Vec<GroupName>>,
    /// What a program keeps beside the profile, all of it: texts by name.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Metadata"))]
    metadata: Option<Metadata>,
}

impl From<ProfileFields> for ProfileChange {
    fn from(fields: ProfileFields) -> Self {
        Self {
            middle_name: fields.middle_name,
            nickname: fields.nickname,
            preferred_username: fields.preferred_username,
            page: fields.profile,
            picture: fields.picture,
            website: fields.website,
            gender: fields.gender,
            birthdate: fields.birthdate,
            zoneinfo: fields.zoneinfo,
            locale: fields.locale,
            phone_number: fields.phone_number,
            phone_number_verified: fields.phone_number_verified,
            address: fields.address,
            groups: fields.groups,
            metadata: fields.metadata,
        }
    }
}

/// What a user tells about themselves.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Profile {
    #[serde(flatten)]
    claims: ProfileClaims,
    #[serde(flatten)]
    phone: ProfilePhone,
    /// Where post goes.
    address: Option<PostalAddress>,
    /// The groups that they are in elsewhere, each once.
    groups: Vec<GroupName>,
    /// What a program keeps beside the profile: texts by name.
    metadata: Metadata,
}

/// What a user tells about themselves, as far as the credential may be told: a member for which it has no scope is absent.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OwnProfile {
    #[serde(flatten)]
    claims: Option<ProfileClaims>,
    #[serde(flatten)]
    phone: Option<ProfilePhone>,
    /// Where post goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<PostalAddress>"))]
    address: Option<Option<PostalAddress>>,
    /// The groups that they are in elsewhere, each once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Vec<GroupName>"))]
    groups: Option<Vec<GroupName>>,
    /// What a program keeps beside the profile: texts by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Metadata"))]
    metadata: Option<Metadata>,
}

/// What the scope `profile` tells.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ProfileClaims {
    /// Between first and last name.
    middle_name: Option<DisplayName>,
    /// A short name.
    nickname: Option<DisplayName>,
    /// What they wish to be called by programs. Not unique.
    preferred_username: Option<Username>,
    /// A page about them.
    profile: Option<WebUrl>,
    /// A picture of them.
    picture: Option<WebUrl>,
    /// Their web site.
    website: Option<WebUrl>,
    /// In their own word.
    gender: Option<DisplayName>,
    /// `1985-07-21`, `0000-07-21` without the year, or the year alone.
    birthdate: Option<Birthdate>,
    /// A time zone of the IANA database, such as `Europe/Amsterdam`.
    zoneinfo: Option<ZoneInfo>,
    /// A language tag (BCP 47), such as `nl-NL`.
    locale: Option<Locale>,
}

/// What the scope `phone` tells.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ProfilePhone {
    /// A telephone number in E.164, such as `+31201234567`.
    phone_number: Option<PhoneNumber>,
    /// Whether somebody has checked that the number is theirs.
    phone_number_verified: bool,
}

/// A postal address (OpenID Connect Core §5.1.1).
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PostalAddress {
    /// The whole as on a label: as it was given, or made of the parts.
    formatted: Option<String>,
    /// Street and number, in lines.
    street_address: Option<AddressText>,
    /// City.
    locality: Option<AddressText>,
    /// State, province, prefecture.
    region: Option<AddressText>,
    postal_code: Option<AddressText>,
    country: Option<AddressText>,
}

impl Profile {
    /// All of it.
    pub fn of(row: &people::Profile) -> Self {
        Self {
            claims: ProfileClaims::of(row),
            phone: ProfilePhone::of(row),
            address: row.address.as_ref().map(PostalAddress::of),
            groups: row.groups.clone(),
            metadata: row.metadata.clone(),
        }
    }
}

impl OwnProfile {
    /// What of it may be told. None: nothing.
    pub fn of(row: &people::Profile, seen: OwnData) -> Option<Self> {
        let any = seen.profile || seen.phone || seen.address || seen.groups || seen.account;
        any.then(|| Self {
            claims: seen.profile.then(|| ProfileClaims::of(row)),
            phone: seen.phone.then(|| ProfilePhone::of(row)),
            address: seen.address.then(|| row.address.as_ref().map(PostalAddress::of)),
            groups: seen.groups.then(|| row.groups.clone()),
            metadata: seen.account.then(|| row.metadata.clone()),
        })
    }
}

impl ProfileClaims {
    fn of(row: &people::Profile) -> Self {
        Self {
            middle_name: row.middle_name.clone(),
            nickname: row.nickname.clone(),
            preferred_username: row.preferred_username.clone(),
            profile: row.page.clone(),
            picture: row.picture.clone(),
            website: row.website.clone(),
            gender: row.gender.clone(),
            birthdate: row.birthdate.clone(),
            zoneinfo: row.zoneinfo.clone(),
            locale: row.locale.clone(),
        }
    }
}

impl ProfilePhone {
    fn of(row: &people::Profile) -> Self {
        Self { phone_number: row.phone_number.clone(), phone_number_verified: row.phone_number_verified }
    }
}

impl PostalAddress {
    fn of(row: &Address) -> Self {
        Self {
            formatted: row.label(),
            street_address: row.street_address.clone(),
            locality: row.locality.clone(),
            region: row.region.clone(),
            postal_code: row.postal_code.clone(),
            country: row.country.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::parse_json;

    #[test]
    fn the_members_are_the_claims() {
        let body = r#"{"phone_number":"+31 20 123 4567","locale":null,"address":{"country":"NL"}}"#;
        let fields: ProfileFields = parse_json(body.as_bytes()).unwrap();
        let profile = ProfileChange::from(fields).applied_to(&people::Profile::default()).unwrap();
        let shown = serde_json::json!(Profile::of(&profile));
        assert_eq!(shown["phone_number"], "+31201234567");
        assert_eq!(shown["address"]["formatted"], "NL");
        assert!(shown["locale"].is_null() && shown["profile"].is_null());
        for (bad, field) in [
            (r#"{"phone_number":"020"}"#, "phone_number"),
            (r#"{"phone":"+31201234567"}"#, "phone"),
            (r#"{"address":{"street":"a"}}"#, "address.street"),
            (r#"{"birthdate":"yesterday"}"#, "birthdate"),
        ] {
            assert_eq!(parse_json::<ProfileFields>(bad.as_bytes()).err().unwrap().fields[0].field, field);
        }
    }
}
