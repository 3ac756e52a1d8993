//! The messages of RolesService as what the services take.

use super::super::proto::roles::{CreateRole, UpdateRole};
use super::super::rules;
use crate::base::{DisplayName, Problem};
use crate::roles::named::{NewRole, RolePatch};
use crate::roles::{PermissionName, RoleName};

/// The longest of what people call a role, in characters.
const MAX_DISPLAY: usize = 100;
/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 2000;
/// The most permissions of a request.
const MAX_PERMISSIONS: usize = 100;

/// A role's name.
pub(super) fn role_name(field: &str, text: &str) -> Result<RoleName, Problem> {
    if text.is_empty() {
        return Err(Problem::invalid(field, "is required"));
    }
    RoleName::parse(text).map_err(|rule| Problem::invalid(field, rule))
}

/// A permission's name.
pub(super) fn permission_name(field: &str, text: &str) -> Result<PermissionName, Problem> {
    if text.is_empty() {
        return Err(Problem::invalid(field, "is required"));
    }
    PermissionName::parse(text).map_err(|rule| Problem::invalid(field, rule))
}

/// The names of permissions: at most 100.
pub(super) fn permission_names(field: &str, texts: &[String]) -> Result<Vec<PermissionName>, Problem> {
    if texts.len() > MAX_PERMISSIONS {
        return Err(Problem::invalid(field, "must be at most 100 names"));
    }
    let named = texts.iter().enumerate();
    named.map(|(at, text)| permission_name(&format!("{field}[{at}]"), text)).collect()
}

fn display_name(text: &str) -> Result<DisplayName, Problem> {
    rules::length("role.display_name", text, 1..=MAX_DISPLAY)?;
    DisplayName::parse(text).map_err(|rule| Problem::invalid("role.display_name", rule))
}

/// What another role is called that is built on; `""` is none.
fn base(text: Option<String>) -> Result<Option<RoleName>, Problem> {
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| role_name("role.extends", &text)).transpose()
}

fn description(text: Option<String>) -> Result<Option<String>, Problem> {
    let text = text.filter(|text| !text.is_empty());
    if let Some(text) = &text {
        rules::length("role.description", text, 1..=MAX_DESCRIPTION)?;
    }
    Ok(text)
}

/// A role to make.
pub(super) fn create(given: CreateRole) -> Result<NewRole, Problem> {
    Ok(NewRole {
        name: role_name("role.name", &given.name)?,
        display_name: display_name(&given.display_name)?,
        description: description(given.description)?,
        extends: base(given.extends)?,
        permissions: permission_names("role.permissions", &given.permissions)?,
    })
}

/// Changes to a role: what is absent or empty stays.
pub(super) fn update(given: UpdateRole) -> Result<RolePatch, Problem> {
    let permissions = Some(given.permissions).filter(|names| !names.is_empty());
    Ok(RolePatch {
        display_name: given.display_name.map(|text| display_name(&text)).transpose()?,
        description: description(given.description)?,
        extends: base(given.extends)?,
        permissions: permissions.map(|names| permission_names("role.permissions", &names)).transpose()?,
    })
}

/// Which permissions a role is shown with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Include {
    /// The role alone, without permissions.
    Nothing,
    /// The permissions that the role itself has.
    Own,
    /// Those of the roles that it extends too.
    All,
}

impl Include {
    /// The field `include`.
    pub(super) fn read(text: Option<&str>) -> Result<Self, Problem> {
        match text.unwrap_or_default() {
            "" => Ok(Self::Nothing),
            "permissions" => Ok(Self::Own),
            "permissions:all" => Ok(Self::All),
            _ => Err(Problem::invalid("include", "must be permissions, permissions:all, or left out")),
        }
    }
}
