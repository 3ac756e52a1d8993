//! `docs/openapi/` is what the route tables and types say. `UPDATE_DOCS=1` writes it anew.

use super::document::{Api, document};
use super::schemas::Schemas;
use super::{oauth, scalekit};
use crate::http::tests::wires::POOL;
use crate::http::{health, operator, scaigrid, scaikey, scaivault};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn apis() -> Vec<Api> {
    vec![
        Api {
            surface: &scaikey::SURFACE,
            title: "ScaiKey",
            about: "Sign-in, oneself, and the administration of tenants, users, groups, applications and roles.",
            refusal: |schemas| schemas.of_answer::<scaikey::Refusal>(),
            unreadable: 422,
            bad_parameter: 422,
        },
        Api {
            surface: &scaigrid::SURFACE,
            title: "ScaiGrid",
            about: "API keys, roles, limits, and the sign-in of people through a program.",
            refusal: |schemas| schemas.of_answer::<scaigrid::Refusal>(),
            unreadable: 422,
            bad_parameter: 422,
        },
        Api {
            surface: &scaivault::SURFACE,
            title: "ScaiVault",
            about: "Versioned secrets.",
            refusal: |schemas| schemas.of_answer::<scaivault::Refusal>(),
            unreadable: 400,
            bad_parameter: 400,
        },
        Api {
            surface: &operator::SURFACE,
            title: "Operator",
            about: "What the command line asks of the running server, over its local socket only.",
            refusal: |schemas| schemas.of_answer::<scaikey::Refusal>(),
            unreadable: 422,
            bad_parameter: 422,
        },
        Api {
            surface: &health::SURFACE,
            title: "Health",
            about: "Whether the server is alive and ready, and which version it is. `/metrics` has figures for Prometheus, as text.",
            refusal: |schemas| schemas.of_answer::<crate::http::answer::Refusal>(),
            unreadable: 400,
            bad_parameter: 400,
        },
    ]
}

/// All documents, by the name of their file, and the routes that each lacks.
fn documents() -> Vec<(&'static str, Value, Vec<String>)> {
    let own = apis().into_iter().map(|api| {
        let (document, lacking) = document(&api);
        (api.surface.name, document, lacking)
    });
    let tables = [("oauth", oauth::document()), ("scalekit", scalekit::document(&POOL))];
    own.chain(tables.map(|(name, document)| (name, document, Vec::new()))).collect()
}

/// Routes whose handlers answer with something that no type describes yet.
const UNTYPED: &[(&str, usize)] = &[];

#[test]
fn the_documents_are_those_of_the_route_tables() {
    let mut untyped = Vec::new();
    for (name, document, lacking) in documents() {
        let text = format!("{document:#}\n");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/openapi/{name}.json"));
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let written = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(written, text, "{} is old: run this test with UPDATE_DOCS=1", file.display());
        if !lacking.is_empty() {
            untyped.push((name, lacking.len()));
        }
    }
    assert_eq!(untyped, UNTYPED);
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    for (name, document, _) in documents() {
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{name}: {reference}");
        }
    }
}

/// A second name of a field stands in no schema, so the words about the field say it.
#[test]
fn every_other_name_of_a_field_is_said() {
    let mut seen = 0;
    for (file, text) in crate::catalogue::code_source::sources() {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate().filter(|_| file.starts_with("http/")) {
            let Some((_, rest)) = line.split_once("alias = \"") else { continue };
            let said = format!("`{}` is the same.", rest.split('"').next().unwrap());
            let about = lines[..at].iter().rev().take_while(|line| line.starts_with("///") || line.starts_with("#["));
            let about: Vec<_> = about.collect();
            assert!(about.iter().any(|line| line.contains(&said)), "{file}: {line}: say that {said}");
            seen += 1;
        }
    }
    assert!(seen > 5, "the sources are read");
}

#[test]
fn a_request_and_an_answer_of_one_name_are_one_schema() {
    let mut schemas = Schemas::default();
    let reference = schemas.of_request::<scaikey::Refusal>();
    assert_eq!(reference, schemas.of_answer::<scaikey::Refusal>());
    assert_eq!(reference, json!({ "$ref": "#/components/schemas/Refusal" }));
}
