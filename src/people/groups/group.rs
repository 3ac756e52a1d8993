//! A group and its members: the rows, one to make, changes.

use crate::base::id::{GroupId, PartnerId, TenantId, UserId};
use crate::base::{DisplayName, Timestamp};
use serde::{Deserialize, Serialize};

/// How many groups stand between a user and the outermost group at most.
pub const MAX_DEPTH: usize = 8;
/// In how many groups a user or a group is directly at most.
pub const MAX_GROUPS_OF_ONE: usize = 200;
/// How many members a group has directly at most.
pub const MAX_MEMBERS: u64 = 100_000;

/// What a group is for. It does not change: what relies on a security group must not find an address book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GroupType {
    /// It stands in tokens, and roles can be given to it.
    #[default]
    Security,
    /// It says who gets what mail.
    DistributionList,
}

impl GroupType {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Security, Self::DistributionList];

    /// The name in answers: `SECURITY`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Security => "SECURITY",
            Self::DistributionList => "DISTRIBUTION_LIST",
        }
    }

    /// Reads a name in either case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name().eq_ignore_ascii_case(text))
    }

    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Security => 1,
            Self::DistributionList => 2,
        }
    }
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The group's id.
    pub id: GroupId,
    /// The tenant that the group belongs to.
    pub tenant: TenantId,
    /// What people call it; unique in the tenant, whatever its case.
    pub name: DisplayName,
    /// What it is for.
    pub description: Option<DisplayName>,
    /// Security group or distribution list.
    pub group_type: GroupType,
    /// How many members it has directly.
    pub members: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// Who is in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Member {
    /// A user of the tenant.
    User(UserId),
    /// A group of the tenant.
    Group(GroupId),
}

/// That somebody is in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMember {
    /// The tenant that the group belongs to.
    pub tenant: TenantId,
    /// In which group.
    pub group: GroupId,
    /// The user or the group that is in it.
    pub member: Member,
    /// Since when it is a member.
    pub added_at: Timestamp,
}

/// A group to make.
#[derive(Clone, Debug)]
pub struct NewGroup {
    /// The tenant that the group is to belong to.
    pub tenant: TenantId,
    /// What people call it.
    pub name: DisplayName,
    /// What it is for.
    pub description: Option<DisplayName>,
    /// Security group or distribution list.
    pub group_type: GroupType,
}

/// Changes to a group: what is None stays, an inner None empties.
#[derive(Clone, Debug, Default)]
pub struct GroupPatch {
    /// What people call it.
    pub name: Option<DisplayName>,
    /// What it is for.
    pub description: Option<Option<DisplayName>>,
}

/// Which groups to list.
#[derive(Clone, Debug, Default)]
pub struct GroupFilter {
    /// The front of the name or of a word in it.
    pub search: Option<String>,
    /// Only of this tenant.
    pub tenant: Option<TenantId>,
    /// Only of tenants of this partner.
    pub partner: Option<PartnerId>,
    /// Only of this type.
    pub group_type: Option<GroupType>,
}

impl crate::store::Versioned for Group {
    fn version(&self) -> crate::store::Version {
        // Who is in it is changed one by one.
        let updated_at = Timestamp::from_millis(0);
        crate::store::Version::of(&Self { members: 0, updated_at, ..self.clone() })
    }
}
