//! Groups and their members.

use super::{at, given, nullable, one_of, partner_filter, tenant_filter, text};
use crate::base::id::{GroupId, UserId};
use crate::base::{DisplayName, Problem};
use crate::people::groups::{Group, GroupFilter, GroupPatch, GroupType, Member, MemberFilter, Members};
use crate::store::Read;
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `POST /groups`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// What people call it.
    pub name: DisplayName,
    /// What it is for.
    pub description: Option<DisplayName>,
    /// The tenant, by id or slug; the caller's own if not said.
    #[serde(alias = "tenant")]
    pub tenant_id: Option<String>,
    /// `SECURITY` if not said.
    pub group_type: Option<GroupType>,
}

/// The body of `PATCH /groups/{id}`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Update {
    #[serde(default, deserialize_with = "given")]
    name: Option<DisplayName>,
    #[serde(default, deserialize_with = "nullable")]
    description: Option<Option<DisplayName>>,
}

impl From<Update> for GroupPatch {
    fn from(Update { name, description }: Update) -> Self {
        Self { name, description }
    }
}

/// The body of `POST /groups/{id}/members`: one of the two.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    user_id: Option<UserId>,
    group_id: Option<GroupId>,
}

impl AddMember {
    /// Whom it names.
    ///
    /// # Errors
    /// A problem when it names nobody, or two.
    pub fn member(&self) -> Result<Member, Problem> {
        match (self.user_id, self.group_id) {
            (Some(user), None) => Ok(Member::User(user)),
            (None, Some(group)) => Ok(Member::Group(group)),
            (None, None) => Err(Problem::invalid("user_id", "is required, or group_id")),
            (Some(_), Some(_)) => Err(Problem::invalid("group_id", "is given beside user_id; one is enough")),
        }
    }
}

/// The filters of the list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Filter {
    search: Option<String>,
    tenant_id: Option<String>,
    partner_id: Option<String>,
    group_type: Option<String>,
}

impl Filter {
    /// As the service takes them. None: nothing can fit.
    ///
    /// # Errors
    /// A problem that names the parameter.
    pub fn read(&self, tx: &impl Read) -> Result<Option<GroupFilter>, Problem> {
        let group_type = one_of("group_type", &self.group_type, GroupType::parse, "SECURITY, DISTRIBUTION_LIST")?;
        let search = text(&self.search).map(str::to_owned);
        let tenant = tenant_filter(tx, &self.tenant_id)?.filter();
        let partner = partner_filter(tx, &self.partner_id)?.filter();
        Ok(tenant.zip(partner).map(|(tenant, partner)| GroupFilter { search, tenant, partner, group_type }))
    }
}

/// Which members to list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MembersQuery {
    membership_type: Option<String>,
}

impl MembersQuery {
    /// As the service takes it: `DIRECT` if nothing is said.
    ///
    /// # Errors
    /// A problem that names the parameter.
    pub fn read(&self) -> Result<MemberFilter, Problem> {
        let parse = |text: &str| {
            let known = [
                ("DIRECT", MemberFilter::Direct),
                ("NESTED", MemberFilter::Nested),
                ("EFFECTIVE", MemberFilter::Effective),
            ];
            known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, filter)| filter)
        };
        Ok(one_of("membership_type", &self.membership_type, parse, "DIRECT, NESTED, EFFECTIVE")?.unwrap_or_default())
    }
}

/// A group, as answers show it.
pub fn render(group: &Group) -> Value {
    json!({
        "id": group.id,
        "name": group.name,
        "description": group.description,
        "group_type": group.group_type.name(),
        "tenant_id": group.tenant,
        "member_count": group.members,
        "created_at": group.created_at.iso_secs(),
        "updated_at": group.updated_at.iso_secs(),
    })
}

/// One line of a list of members.
pub fn member(group: GroupId, line: &Members) -> Value {
    match line {
        Members::User(user, direct, since) => json!({
            "group_id": group,
            "member_type": "USER",
            "user_id": user.id,
            "member_group_id": null,
            "email": user.email,
            "name": user.called(),
            "membership_type": if *direct { "DIRECT" } else { "NESTED" },
            "added_at": at(*since),
        }),
        Members::Group(inner, since) => json!({
            "group_id": group,
            "member_type": "GROUP",
            "user_id": null,
            "member_group_id": inner.id,
            "email": null,
            "name": inner.name,
            "membership_type": "DIRECT",
            "added_at": since.iso_secs(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::parse_json;

    #[test]
    fn a_member_is_a_user_or_a_group() {
        let read = |body: &str| parse_json::<AddMember>(body.as_bytes()).and_then(|body| body.member());
        assert!(matches!(read(r#"{"user_id":"usr_4"}"#), Ok(Member::User(_))));
        assert!(matches!(read(r#"{"group_id":"grp_4"}"#), Ok(Member::Group(_))));
        for (bad, field) in [
            ("{}", "user_id"),
            (r#"{"user_id":"usr_4","group_id":"grp_4"}"#, "group_id"),
            (r#"{"user_id":"grp_4"}"#, "user_id"),
        ] {
            assert_eq!(read(bad).unwrap_err().fields[0].field, field);
        }
        let create: Create = parse_json(br#"{"name":"A","group_type":"DISTRIBUTION_LIST"}"#).unwrap();
        assert_eq!(create.group_type, Some(GroupType::DistributionList));
        assert!(parse_json::<Create>(br#"{"name":"A","group_type":"x"}"#).is_err());
    }
}
