//! Groups and their members.

use super::{at, given, nullable, one_of, partner_filter, tenant_filter, text};
use crate::base::id::{GroupId, TenantId, UserId};
use crate::base::{DisplayName, Email, Problem};
use crate::http::reply::Moment;
use crate::people::groups::{self, GroupFilter, GroupPatch, GroupType, Member, MemberFilter, Members};
use crate::store::Read;
use serde::{Deserialize, Serialize};

/// The body of `POST /groups`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "CreateGroup"))]
#[serde(deny_unknown_fields)]
pub struct CreateGroup {
    /// What people call it.
    pub name: DisplayName,
    /// What it is for.
    pub description: Option<DisplayName>,
    /// The tenant, by id or slug; the caller's own if not said. `tenant` is the same.
    #[serde(alias = "tenant")]
    pub tenant_id: Option<String>,
    /// `SECURITY` if not said.
    pub group_type: Option<GroupType>,
}

/// The body of `PATCH /groups/{id}`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "UpdateGroup"))]
#[serde(deny_unknown_fields)]
pub struct GroupChange {
    /// What people call it, unique in the tenant.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "DisplayName"))]
    name: Option<DisplayName>,
    /// What it is for.
    #[serde(default, deserialize_with = "nullable")]
    description: Option<Option<DisplayName>>,
}

impl From<GroupChange> for GroupPatch {
    fn from(GroupChange { name, description }: GroupChange) -> Self {
        Self { name, description }
    }
}

/// The body of `POST /groups/{id}/members`: one of the two.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    /// A user of the tenant.
    user_id: Option<UserId>,
    /// Another group of the tenant.
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
pub struct GroupQuery {
    /// A part of the name.
    search: Option<String>,
    /// Those of this tenant: an id or a slug.
    tenant_id: Option<String>,
    /// Those of this partner's tenants: an id or a slug.
    partner_id: Option<String>,
    /// What they are for, in either case.
    #[cfg_attr(test, schemars(with = "Option<GroupType>"))]
    group_type: Option<String>,
}

impl GroupQuery {
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
    /// `DIRECT`, if not said: users and groups that are in it themselves. `NESTED`: users who are in it only through groups in
    /// it. `EFFECTIVE`: users who are in it either way.
    #[cfg_attr(test, schemars(extend("enum" = ["DIRECT", "NESTED", "EFFECTIVE"])))]
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

/// A group of a tenant.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Group {
    id: GroupId,
    /// What people call it, unique in the tenant.
    name: DisplayName,
    /// What it is for, in words.
    description: Option<DisplayName>,
    /// What it is for. It does not change.
    group_type: GroupType,
    tenant_id: TenantId,
    /// How many users and groups are in it directly.
    member_count: u64,
    created_at: Moment,
    updated_at: Moment,
}

impl Group {
    /// All of it.
    pub fn of(row: &groups::Group) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            description: row.description.clone(),
            group_type: row.group_type,
            tenant_id: row.tenant,
            member_count: row.members,
            created_at: Moment(row.created_at),
            updated_at: Moment(row.updated_at),
        }
    }
}

/// A member of a group: a user, or another group.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GroupMember {
    /// The group that was asked for.
    group_id: GroupId,
    member_type: MemberType,
    /// The user; null: it is a group.
    user_id: Option<UserId>,
    /// The group that is a member; null: it is a user.
    member_group_id: Option<GroupId>,
    /// The user's e-mail; null: it is a group.
    email: Option<Email>,
    /// What to call it.
    name: String,
    membership_type: MembershipType,
    /// Since when; null: not directly.
    added_at: Option<Moment>,
}

/// What a member is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum MemberType {
    User,
    Group,
}

/// How a member belongs to a group.
#[derive(Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum MembershipType {
    /// It is in the group itself.
    Direct,
    /// It is in a group that is in the group.
    Nested,
}

impl GroupMember {
    /// One line of a list of members.
    pub fn of(group: GroupId, line: &Members) -> Self {
        match line {
            Members::User(user, direct, since) => Self {
                group_id: group,
                member_type: MemberType::User,
                user_id: Some(user.id),
                member_group_id: None,
                email: Some(user.email.clone()),
                name: user.called(),
                membership_type: if *direct { MembershipType::Direct } else { MembershipType::Nested },
                added_at: at(*since),
            },
            Members::Group(inner, since) => Self {
                group_id: group,
                member_type: MemberType::Group,
                user_id: None,
                member_group_id: Some(inner.id),
                email: None,
                name: inner.name.to_string(),
                membership_type: MembershipType::Direct,
                added_at: Some(Moment(*since)),
            },
        }
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
        let create: CreateGroup = parse_json(br#"{"name":"A","group_type":"DISTRIBUTION_LIST"}"#).unwrap();
        assert_eq!(create.group_type, Some(GroupType::DistributionList));
        assert!(parse_json::<CreateGroup>(br#"{"name":"A","group_type":"x"}"#).is_err());
    }
}
