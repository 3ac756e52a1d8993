//! What can be set is set everywhere.

use super::view::{CHANGEABLE, INPUTS};
use clap::CommandFactory;
use std::collections::BTreeSet;

/// How the field of the API is called on the pages and at the command line, where it is called otherwise or set otherwise.
const NAMED: &[(&str, &str, &str)] = &[
    ("require_pkce", "switches", "require-pkce"),
    ("introspect_any_token", "switches", "introspect-any-token"),
    ("first_party", "switches", "first-party"),
    ("groups_by_name", "switches", "groups-by-name"),
    ("grant_types", "grant_types", "grant-type"),
    ("redirect_uris", "redirect_uris", "redirect-uri"),
    ("post_logout_redirect_uris", "post_logout_redirect_uris", "post-logout-redirect-uri"),
    ("allowed_origins", "allowed_origins", "allowed-origin"),
];

/// The fields of the body that changes an application. Its type and its scope are in it to say that they do not change; whether
/// it is active is a button of its own.
fn fields() -> BTreeSet<String> {
    let document = std::fs::read_to_string("docs/openapi/scaikey.json").unwrap();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let all = document["components"]["schemas"]["UpdateApplication"]["properties"].as_object().unwrap().keys().cloned();
    all.filter(|name| !["application_type", "scope", "status"].contains(&name.as_str())).collect()
}

#[test]
fn whatever_an_application_can_be_set_to_is_a_field_of_its_pages_and_an_option() {
    let command = crate::cli::Cli::command();
    let app = command.find_subcommand("app").unwrap();
    let options = |verb: &str| -> BTreeSet<String> {
        app.find_subcommand(verb).unwrap().get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect()
    };
    let (to_make, to_change) = (options("create"), options("update"));
    let has = |inputs: &[crate::http::kit::parts::Input], name: &str| inputs.iter().any(|input| input.name == name);
    let fields = fields();
    assert!(fields.len() > 10, "{fields:?}");
    for field in fields {
        let named = NAMED.iter().find(|(name, ..)| *name == field);
        let (input, option) = named
            .map_or((field.as_str(), field.replace('_', "-")), |(_, input, option)| (*input, (*option).to_owned()));
        assert!(has(INPUTS, input) && has(CHANGEABLE, input), "the forms have no {field}");
        assert!(to_make.contains(&option) && to_change.contains(&option), "the commands have no --{option}");
    }
}
