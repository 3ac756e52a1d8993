//! From a case and names for its things to a request on each wire that has it, and from the answer to what it comes to.

use super::row::{Called, Case};
use crate::http::scalekit::operation::{Binding, Operation};
use bytes::Bytes;
use prost_reflect::prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What stands in the place of `{name}`.
pub(super) type Names = BTreeMap<String, String>;

/// The messages of Scalekit, read without the server's own code.
pub(in crate::http) static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/proto/scalekit/v1")).unwrap();
    let names = files.map(|folder| folder.unwrap().file_name().into_string().unwrap());
    let paths: Vec<String> = names.map(|name| format!("scalekit/v1/{name}/{name}.proto")).collect();
    let set = protox::compile(paths, [concat!(env!("CARGO_MANIFEST_DIR"), "/proto")]).unwrap();
    DescriptorPool::from_file_descriptor_set(set).unwrap()
});

/// A request over HTTP.
#[derive(Debug)]
pub(super) struct Ask {
    pub method: &'static str,
    pub target: String,
    pub json: Option<String>,
    /// A form's fields, without the token against other sites' forms.
    pub form: Option<Vec<(String, String)>>,
}

/// The names of `{things}` in a text.
pub(super) fn named(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).filter(is_name)
}

/// A text with things in the place of their names.
pub(super) fn filled(text: &str, names: &Names) -> String {
    names.iter().fold(text.to_owned(), |text, (name, own)| text.replace(&format!("{{{name}}}"), own))
}

/// A value with things in the place of their names.
pub(super) fn filled_in(value: &Value, names: &Names) -> Value {
    match value {
        Value::String(text) => Value::String(filled(text, names)),
        Value::Array(items) => items.iter().map(|item| filled_in(item, names)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), filled_in(member, names))).collect()
        }
        other => other.clone(),
    }
}

/// What a case's request names.
pub(super) fn wanted(case: &Case) -> Vec<String> {
    let row = &case.row;
    let mut text = format!("{} {:?}", row.query, row.form);
    for value in [&row.body, &row.request].into_iter().flatten() {
        text.push_str(&value.to_string());
    }
    row.with.iter().map(String::as_str).chain(named(&text)).map(str::to_owned).collect()
}

/// The address with things in the place of its parameters.
fn address(path: &str, with: &[String], names: &Names) -> String {
    let (mut out, mut rest, mut things) = (String::new(), path, with.iter());
    while let Some((front, tail)) = rest.split_once('{') {
        let (_, tail) = tail.split_once('}').unwrap();
        let thing = things.next().unwrap_or_else(|| panic!("{path}: its row says too few things"));
        let own = names.get(thing).unwrap_or_else(|| panic!("{path}: nothing is called {thing}"));
        out.push_str(front);
        out.push_str(own);
        rest = tail;
    }
    assert!(things.next().is_none(), "{path}: its row says too many things");
    out + rest
}

fn with_query(target: String, query: &str) -> String {
    if query.is_empty() { target } else { format!("{target}?{query}") }
}

/// The request of a case over HTTP.
pub(super) fn over_http(case: &Case, names: &Names) -> Ask {
    let row = &case.row;
    match case.called {
        Called::Route(route) => {
            let target = with_query(address(route.path, &row.with, names), &filled(&row.query, names));
            let json = row.body.as_ref().map(|body| filled_in(body, names).to_string());
            let form = (case.is_page() && route.method != "GET").then(|| fields(&row.form, names));
            Ask { method: route.method, target, json, form }
        }
        Called::Operation(operation) => over_rest(case, operation, names),
    }
}

fn fields(form: &BTreeMap<String, Value>, names: &Names) -> Vec<(String, String)> {
    let text = |value: &Value| filled(value.as_str().unwrap_or_default(), names);
    let each = |(name, value): (&String, &Value)| match value {
        Value::Array(items) => items.iter().map(|item| (name.clone(), text(item))).collect::<Vec<_>>(),
        one => vec![(name.clone(), text(one))],
    };
    form.iter().flat_map(each).collect()
}

/// The parameters of an address.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The address that takes a request as it is. `known` is how many of the operation's addresses have one already: where
/// several take the same, each row is for the next.
pub(super) fn binding<'a>(operation: &'a Operation, request: &Value, known: usize) -> Option<&'a Binding> {
    let takes = |binding: &&Binding| parameters(binding.path).all(|name| request.get(name).is_some());
    let able: Vec<&Binding> = operation.bindings.iter().filter(takes).collect();
    let best = able.iter().map(|binding| parameters(binding.path).count()).max()?;
    let able: Vec<_> = able.into_iter().filter(|binding| parameters(binding.path).count() == best).collect();
    able.get(known).or(able.first()).copied()
}

fn over_rest(case: &Case, operation: &'static Operation, names: &Names) -> Ask {
    let request = case.row.request.as_ref().unwrap();
    let which = usize::from(case.name.ends_with(" again"));
    let binding = binding(operation, request, which).unwrap();
    let Value::Object(mut left) = filled_in(request, names) else { panic!("{}: no object", case.name) };
    let mut path = binding.path.to_owned();
    for name in parameters(binding.path).collect::<Vec<_>>() {
        let value = left.shift_remove(name).unwrap();
        path = path.replace(&format!("{{{name}}}"), value.as_str().unwrap());
    }
    let body = match binding.body {
        "" => None,
        "*" => Some(Value::Object(std::mem::take(&mut left))),
        field => left.shift_remove(field),
    };
    let query = serde_urlencoded::to_string(pairs(&left)).unwrap();
    let json = body.map(|body| body.to_string());
    Ask { method: binding.method, target: with_query(path, &query), json, form: None }
}

fn pairs(left: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    left.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// The framed request of a case over gRPC, and its path.
pub(super) fn over_grpc(case: &Case, names: &Names) -> Option<(String, Bytes)> {
    let Called::Operation(operation) = case.called else { return None };
    let service = POOL.get_service_by_name(operation.service).unwrap();
    let method = service.methods().find(|method| method.name() == operation.rpc).unwrap();
    let request = filled_in(case.row.request.as_ref().unwrap(), names);
    let message = DynamicMessage::deserialize(method.input(), request).unwrap().encode_to_vec();
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    Some((format!("/{}/{}", operation.service, operation.rpc), frame.into()))
}
