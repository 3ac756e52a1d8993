//! The document of Scalekit's REST API, from the table of operations and the messages of its protocol: the same rows and
//! messages that gRPC has.

use super::errors;
use super::source::Docstrings;
use crate::http::scalekit::operation::{Binding, Effect, Operation};
use crate::http::scalekit::{OPERATIONS, SURFACE};
use prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How deep a query reaches into a request: `filter.status`.
const QUERY_DEPTH: usize = 2;

/// The messages of a document, by name.
#[derive(Default)]
struct Messages {
    done: BTreeMap<String, Value>,
}

fn component(full_name: &str) -> String {
    full_name.trim_start_matches("scalekit.v1.").to_owned()
}

impl Messages {
    /// A reference to a message, or what stands for one of Google's own.
    fn reference(&mut self, message: &MessageDescriptor) -> Value {
        match message.full_name() {
            "google.protobuf.Timestamp" => return json!({ "type": "string", "format": "date-time" }),
            "google.protobuf.Duration" => return json!({ "type": "string" }),
            "google.protobuf.BoolValue" => return json!({ "type": ["boolean", "null"] }),
            "google.protobuf.StringValue" => return json!({ "type": ["string", "null"] }),
            "google.protobuf.Int32Value" => return json!({ "type": ["integer", "null"] }),
            "google.protobuf.Struct" | "google.protobuf.Empty" => return json!({ "type": "object" }),
            _ => {}
        }
        let name = component(message.full_name());
        if !self.done.contains_key(&name) {
            // It may hold itself.
            self.done.insert(name.clone(), Value::Null);
            let schema = self.properties(message, &BTreeSet::new());
            self.done.insert(name.clone(), schema);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// As protojson has a field.
    fn field(&mut self, field: &FieldDescriptor) -> Value {
        if field.is_map() {
            let Kind::Message(entry) = field.kind() else { return json!({ "type": "object" }) };
            let values = self.one(&entry.map_entry_value_field());
            return json!({ "type": "object", "additionalProperties": values });
        }
        let one = self.one(field);
        if field.is_list() { json!({ "type": "array", "items": one }) } else { one }
    }

    /// The properties of a message in a body. Null is a field that was left out. What stands in the path counts from there,
    /// whatever a body says.
    fn properties(&mut self, message: &MessageDescriptor, placed: &BTreeSet<&str>) -> Value {
        let fields = message.fields().filter(|field| !placed.contains(field.name()));
        let properties: Map<String, Value> = fields
            .map(|field| {
                let schema = json!({ "anyOf": [self.field(&field), { "type": "null" }] });
                (field.name().to_owned(), schema)
            })
            .collect();
        json!({ "type": "object", "properties": properties })
    }

    fn one(&mut self, field: &FieldDescriptor) -> Value {
        match field.kind() {
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::String => json!({ "type": "string" }),
            Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
            Kind::Double | Kind::Float => json!({ "type": "number" }),
            // 64 bits go as text, since not every reader's numbers have so many.
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 | Kind::Uint64 | Kind::Fixed64 => {
                json!({ "type": ["string", "integer"], "format": "int64" })
            }
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Uint32 | Kind::Fixed32 => json!({ "type": "integer" }),
            Kind::Enum(kind) => names(&kind),
            Kind::Message(message) => self.reference(&message),
        }
    }

    /// The parameters of a query: the fields of the request that stand neither in the path nor in the body.
    fn query(
        &mut self,
        request: &MessageDescriptor,
        front: &str,
        without: &BTreeSet<&str>,
        depth: usize,
    ) -> Vec<Value> {
        let mut parameters = Vec::new();
        for field in request.fields().filter(|field| !without.contains(field.name()) && !field.is_map()) {
            let name = format!("{front}{}", field.name());
            match field.kind() {
                Kind::Message(inner) if !inner.full_name().starts_with("google.") => {
                    if depth > 1 && !field.is_list() {
                        parameters.extend(self.query(&inner, &format!("{name}."), &BTreeSet::new(), depth - 1));
                    }
                }
                _ => parameters.push(json!({ "name": name, "in": "query", "schema": self.field(&field) })),
            }
        }
        parameters
    }
}

fn names(kind: &EnumDescriptor) -> Value {
    let names: Vec<String> = kind.values().map(|value| value.name().to_owned()).collect();
    // By name or by number.
    json!({ "anyOf": [{ "type": "string", "enum": names }, { "type": "integer", "format": "int32" }] })
}

fn operation(messages: &mut Messages, pool: &DescriptorPool, operation: &Operation, binding: &Binding) -> Value {
    let service = pool.get_service_by_name(operation.service).unwrap();
    let method = service.methods().find(|method| method.name() == operation.rpc).unwrap();
    let (request, mut parameters) = (method.input(), Vec::new());
    let mut placed: BTreeSet<&str> = BTreeSet::from([binding.body]);
    for name in binding.path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)) {
        placed.insert(name);
        let schema = json!({ "type": "string", "minLength": 1 });
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    if binding.body != "*" {
        parameters.extend(messages.query(&request, "", &placed, QUERY_DEPTH));
    }
    let wide = if operation.effect == Effect::Reads { "`admin:read` or `admin:write`" } else { "`admin:write`" };
    let scopes: Vec<String> =
        operation.scopes.iter().map(|scope| format!("`{scope}`")).chain([wide.to_owned()]).collect();
    let answer = messages.reference(&method.output());
    let mut told = json!({
        "tags": [operation.service.rsplit('.').next().unwrap_or_default().trim_end_matches("Service")],
        "description": format!(
            "`{}.{}` of gRPC. A narrowed credential needs {}.", operation.service, operation.rpc, scopes.join(" or ")
        ),
        "parameters": parameters,
        "responses": { "200": { "description": "Done.", "content": { "application/json": { "schema": answer } } } },
        "security": [{ "bearer": [] }],
    });
    if !binding.body.is_empty() {
        let schema = match request.get_field_by_name(binding.body) {
            Some(field) => messages.field(&field),
            None => messages.properties(&request, &placed),
        };
        told["requestBody"] = json!({ "content": { "application/json": { "schema": schema } } });
    }
    let changes = operation.effect != Effect::Reads;
    for status in [400, 401, 403, 404, 429].into_iter().chain([409, 412, 413, 503].into_iter().filter(|_| changes)) {
        told["responses"][status.to_string()] = json!({ "$ref": format!("#/components/responses/{status}") });
    }
    told
}

/// The document.
pub(super) fn document(pool: &DescriptorPool) -> Value {
    let (docs, mut messages, mut paths) = (Docstrings::of("scalekit"), Messages::default(), Map::new());
    for row in OPERATIONS {
        for (at, binding) in row.bindings.iter().enumerate() {
            let mut told = operation(&mut messages, pool, row, binding);
            let id = if at == 0 { row.rpc.to_owned() } else { format!("{}_{}", row.rpc, at + 1) };
            told["operationId"] = json!(id);
            if let Some(summary) = docs.of_rpc(row.rpc) {
                told["summary"] = json!(summary);
            }
            let item = paths.entry(binding.path.to_owned()).or_insert_with(|| json!({}));
            item[binding.method.to_ascii_lowercase()] = told;
        }
    }
    let refusal = json!({
        "type": "object",
        "properties": {
            "code": { "type": "integer", "description": "The code of gRPC." },
            "message": { "type": "string" },
            "details": { "type": "array", "items": { "type": "object" } },
        },
    });
    let responses = errors::responses(&SURFACE, &json!({ "$ref": "#/components/schemas/Refusal" }), &paths);
    let mut schemas: Map<String, Value> = messages.done.into_iter().collect();
    schemas.insert("Refusal".to_owned(), refusal);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Scalekit",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Organisations, their users, roles and sessions. The same operations answer over gRPC.",
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
        },
    })
}
