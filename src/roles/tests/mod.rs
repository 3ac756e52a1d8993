//! The rules of custom roles.
