//! What a scope tells about a person (OpenID Connect Core §5.4): the claims of userinfo and of ID tokens.

use crate::apps::Application;
use crate::base::ScopeSet;
use crate::base::id::{TenantId, UserId};
use crate::people::{self, Address, User};
use crate::store::{Read, StoreError};
use serde_json::{Map, Value, json};

/// Every claim about a person, as discovery lists them.
pub const CLAIMS: [&str; 21] = [
    "sub",
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "email",
    "email_verified",
    "address",
    "phone_number",
    "phone_number_verified",
    "groups",
];
/// The most groups that a token carries; who is in more asks userinfo, which tells all.
pub const MAX_GROUPS_IN_TOKEN: usize = 100;

/// The security groups that a user is in, directly or through others, when the scope asks for them: by their ids, or by the
/// names that they have now, as the application wants it.
///
/// # Errors
/// When the file cannot be read.
pub fn groups(
    tx: &impl Read,
    (user, tenant): (UserId, TenantId),
    application: &Application,
    scope: &ScopeSet,
) -> Result<Vec<String>, StoreError> {
    if !scope.has("groups") {
        return Ok(Vec::new());
    }
    let ids = people::groups::groups_of(tx, user, Some(tenant))?;
    if !application.groups_by_name {
        return Ok(ids.iter().map(ToString::to_string).collect());
    }
    let mut names = Vec::with_capacity(ids.len());
    for id in ids {
        names.extend(people::groups::group(tx, id)?.map(|group| group.name.to_string()));
    }
    Ok(names)
}

/// The claims that a scope gives about a user, without `sub`. What is not known is left out, never empty or null
/// (OpenID Connect Core §5.3.2).
///
/// `groups` are those of [`groups`].
pub fn about(user: &User, groups: &[String], scope: &ScopeSet) -> Map<String, Value> {
    let mut claims = Map::new();
    if scope.has("profile") {
        profile(user, &mut claims);
    }
    if scope.has("email") {
        claims.insert("email".to_owned(), json!(user.email.as_str()));
        claims.insert("email_verified".to_owned(), json!(user.email_verified));
    }
    if scope.has("address")
        && let Some(address) = user.profile.address.as_ref().filter(|address| !address.is_empty())
    {
        claims.insert("address".to_owned(), address_claim(address));
    }
    if scope.has("phone")
        && let Some(number) = &user.profile.phone_number
    {
        claims.insert("phone_number".to_owned(), json!(number.as_str()));
        claims.insert("phone_number_verified".to_owned(), json!(user.profile.phone_number_verified));
    }
    if scope.has("groups") {
        claims.insert("groups".to_owned(), json!(groups));
    }
    claims
}

fn profile(user: &User, claims: &mut Map<String, Value>) {
    let profile = &user.profile;
    let text = |name: &Option<crate::base::DisplayName>| name.as_ref().map(ToString::to_string);
    // Both are always there, for clients that make accounts take them for granted: from the address when nobody has set one.
    let username = profile.preferred_username.as_ref().map_or_else(|| user.email.to_string(), ToString::to_string);
    let all = [
        ("name", Some(user.called())),
        ("family_name", text(&user.last_name)),
        ("given_name", text(&user.first_name)),
        ("middle_name", text(&profile.middle_name)),
        ("nickname", text(&profile.nickname)),
        ("preferred_username", Some(username)),
        ("profile", profile.page.as_ref().map(ToString::to_string)),
        ("picture", profile.picture.as_ref().map(ToString::to_string)),
        ("website", profile.website.as_ref().map(ToString::to_string)),
        ("gender", text(&profile.gender)),
        ("birthdate", profile.birthdate.as_ref().map(ToString::to_string)),
        ("zoneinfo", profile.zoneinfo.as_ref().map(ToString::to_string)),
        ("locale", profile.locale.as_ref().map(ToString::to_string)),
    ];
    for (claim, value) in all {
        if let Some(value) = value {
            claims.insert(claim.to_owned(), Value::String(value));
        }
    }
    claims.insert("updated_at".to_owned(), json!(user.updated_at.secs()));
}

/// OpenID Connect Core §5.1.1.
fn address_claim(address: &Address) -> Value {
    let parts = [
        ("street_address", &address.street_address),
        ("locality", &address.locality),
        ("region", &address.region),
        ("postal_code", &address.postal_code),
        ("country", &address.country),
    ];
    let mut claim = Map::new();
    if let Some(label) = address.label() {
        claim.insert("formatted".to_owned(), Value::String(label));
    }
    for (name, part) in parts {
        if let Some(part) = part {
            claim.insert(name.to_owned(), Value::String(part.to_string()));
        }
    }
    Value::Object(claim)
}
