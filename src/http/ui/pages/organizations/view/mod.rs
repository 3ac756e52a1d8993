//! The pages of organisations, as markup.

mod address;
mod deleted;
mod forms;
mod listing;
mod members;
mod one;

pub(super) use address::ROOT;
pub(in crate::http::ui::pages) use address::address;
pub(super) use deleted::{DELETED_SORTING, Deleted, deleted, held_by, restore};
pub(super) use forms::{
    ABSOLUTE, ABSOLUTE_UNIT, CONTACT, ENDS_IDLE, EXTERNAL_ID, IDLE, IDLE_UNIT, INPUTS, LOGO_URL, MAX_USERS, METADATA,
    NAME, POLICY, REGION, SLUG, SOURCE, create, edit, policy,
};
pub(super) use listing::{SORTING, filters, list};
pub(super) use members::{
    EMAIL, INVITATION, MEMBER_SORTING, Members, ROLE, chosen, key_of, member_filters, members, remove, role,
};
pub(super) use one::{One, OrganizationRights, delete, link, one, suspend};
