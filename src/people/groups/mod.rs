//! Groups of a tenant: users and other groups, nested without cycles.
//!
//! A group lives in one tenant and so do its members: users who belong to the tenant, and groups of it. A *security group*
//! counts for tokens and roles; a *distribution list* is an address book and gives nothing, so it is no member of a
//! security group.

mod group;
mod members;
mod service;
mod table;
#[cfg(test)]
mod tests;
mod walk;

pub use group::{
    Group, GroupFilter, GroupMember, GroupPatch, GroupType, MAX_DEPTH, MAX_GROUPS_OF_ONE, MAX_MEMBERS, Member, NewGroup,
};
pub use members::{
    MemberFilter, Members, add_member, direct_member, forget, line, list_members, remove_member, slice_members,
};
pub use service::{create, delete, get, list, slice, update, within};
pub use table::check_rows;
pub(super) use table::relist_all;
pub use table::{count_blocks, group, relocated};
pub use walk::{effective_users, groups_of};
