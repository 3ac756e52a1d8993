//! The object `profile` of a user: its members are named as the claims of OpenID Connect Core §5.1, in writes and answers.

use super::{given, nullable};
use crate::base::{DisplayName, Metadata};
use crate::people::{
    Address, Birthdate, GroupName, Locale, PhoneNumber, Profile, ProfileChange, Username, WebUrl, ZoneInfo,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The members of a write: what is left out stays, `null` empties.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProfileFields {
    #[serde(default, deserialize_with = "nullable")]
    middle_name: Option<Option<DisplayName>>,
    #[serde(default, deserialize_with = "nullable")]
    nickname: Option<Option<DisplayName>>,
    #[serde(default, deserialize_with = "nullable")]
    preferred_username: Option<Option<Username>>,
    #[serde(default, deserialize_with = "nullable")]
    profile: Option<Option<WebUrl>>,
    #[serde(default, deserialize_with = "nullable")]
    picture: Option<Option<WebUrl>>,
    #[serde(default, deserialize_with = "nullable")]
    website: Option<Option<WebUrl>>,
    #[serde(default, deserialize_with = "nullable")]
    gender: Option<Option<DisplayName>>,
    #[serde(default, deserialize_with = "nullable")]
    birthdate: Option<Option<Birthdate>>,
    #[serde(default, deserialize_with = "nullable")]
    zoneinfo: Option<Option<ZoneInfo>>,
    #[serde(default, deserialize_with = "nullable")]
    locale: Option<Option<Locale>>,
    #[serde(default, deserialize_with = "nullable")]
    phone_number: Option<Option<PhoneNumber>>,
    #[serde(default, deserialize_with = "given")]
    phone_number_verified: Option<bool>,
    #[serde(default, deserialize_with = "nullable")]
    address: Option<Option<Address>>,
    #[serde(default, deserialize_with = "given")]
    groups: Option<Vec<GroupName>>,
    #[serde(default, deserialize_with = "given")]
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

/// The object in an answer.
pub fn render(profile: &Profile) -> Value {
    json!({
        "middle_name": profile.middle_name,
        "nickname": profile.nickname,
        "preferred_username": profile.preferred_username,
        "profile": profile.page,
        "picture": profile.picture,
        "website": profile.website,
        "gender": profile.gender,
        "birthdate": profile.birthdate,
        "zoneinfo": profile.zoneinfo,
        "locale": profile.locale,
        "phone_number": profile.phone_number,
        "phone_number_verified": profile.phone_number_verified,
        "address": profile.address.as_ref().map(|address| json!({
            "formatted": address.label(),
            "street_address": address.street_address,
            "locality": address.locality,
            "region": address.region,
            "postal_code": address.postal_code,
            "country": address.country,
        })),
        "groups": profile.groups,
        "metadata": profile.metadata,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::parse_json;

    #[test]
    fn the_members_are_the_claims() {
        let body = r#"{"phone_number":"+31 20 123 4567","locale":null,"address":{"country":"NL"}}"#;
        let fields: ProfileFields = parse_json(body.as_bytes()).unwrap();
        let profile = ProfileChange::from(fields).applied_to(&Profile::default()).unwrap();
        let shown = render(&profile);
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
