//! JSON schemas of the types of this module, for the documents of the APIs. Only built for tests, which write these.

use super::{JsonObject, Metadata, ScopeSet, Secret, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use zeroize::Zeroize;

/// Gives types a schema that stands where it is used, without a name of its own.
macro_rules! schemas {
    ($($type:ty = $schema:tt;)*) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

schemas! {
    ScopeSet = { "type": "array", "items": { "type": "string", "minLength": 1, "maxLength": 128 } };
    Timestamp = { "type": "string", "format": "date-time" };
    Metadata = { "type": "object", "additionalProperties": { "type": "string" } };
    JsonObject = { "type": "object" };
}

/// A parameter that counts as left out when nothing stands behind its name.
pub(crate) struct OrNothing<T>(std::marker::PhantomData<T>);

impl<T: JsonSchema> JsonSchema for OrNothing<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let full = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [full, { "type": "string", "maxLength": 0 }] })
    }
}

/// The schema of a type that [`names`](super::names) makes.
///
/// # Panics
/// When nothing is said here of the type: its documents would not know its bound.
pub(crate) fn of_name(name: &str) -> Schema {
    match name {
        "Slug" => json_schema!({
            "type": "string", "minLength": 1, "maxLength": 253, "pattern": "^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$"
        }),
        "SecretPath" => json_schema!({
            "type": "string", "minLength": 1, "maxLength": 512, "pattern": "^[a-z0-9_-]+(?:/[a-z0-9_-]+){0,9}$"
        }),
        "DisplayName" => json_schema!({ "type": "string", "minLength": 1, "maxLength": 255 }),
        "ExternalId" => json_schema!({ "type": "string", "minLength": 1, "maxLength": 510 }),
        "Username" => json_schema!({ "type": "string", "minLength": 1, "maxLength": 512 }),
        "GroupName" => json_schema!({ "type": "string", "minLength": 1, "maxLength": 250 }),
        "AddressText" => json_schema!({ "type": "string", "minLength": 1, "maxLength": 500 }),
        "WebUrl" => json_schema!({ "type": "string", "format": "uri", "maxLength": 2048 }),
        "Scope" => json_schema!({ "type": "string", "minLength": 1, "maxLength": 128 }),
        "RoleName" | "PermissionName" => json_schema!({ "type": "string", "minLength": 1, "maxLength": 64 }),
        "RedirectUri" | "LogoUri" => json_schema!({ "type": "string", "minLength": 1, "maxLength": 2048 }),
        // Their forms bound them.
        "Birthdate" | "Locale" | "LogoUrl" | "PhoneNumber" | "WebOrigin" | "ZoneInfo" => {
            json_schema!({ "type": "string", "minLength": 1 })
        }
        "Email" => json_schema!({ "type": "string", "format": "email" }),
        _ => panic!("{name}: say here how long it may be"),
    }
}

impl<T: Zeroize + JsonSchema> JsonSchema for Secret<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
