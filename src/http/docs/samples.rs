//! Calls to copy, in three languages, to the reader's own server.

use super::model::{Api, Credential, Operation};
use serde_json::Value;

/// The address of a call, with the names of its parameters in capitals where the reader puts values.
fn address(operation: &Operation<'_>, public_url: &str) -> String {
    let mut path = String::new();
    for (at, part) in operation.path.split(['{', '}']).enumerate() {
        if at % 2 == 0 { path.push_str(part) } else { path.push_str(&part.to_ascii_uppercase()) }
    }
    format!("{}{path}", public_url.trim_end_matches('/'))
}

fn indented(value: &Value, by: &str) -> String {
    format!("{value:#}").replace('\n', &format!("\n{by}"))
}

/// A JSON value as Python writes it.
fn python_value(value: &Value, by: &str) -> String {
    indented(value, by).replace(": true", ": True").replace(": false", ": False").replace(": null", ": None")
}

/// The same call with curl, in Python and for Node.
pub(super) fn samples(api: &Api, operation: &Operation<'_>, public_url: &str) -> [(&'static str, String); 3] {
    let (url, method) = (address(operation, public_url), operation.method.as_str());
    let body = operation.body().map(|body| (body.is_form, body.example(api)));
    let mut curl = format!("curl -X {method} \"{url}\"");
    let mut python = format!("import os, httpx\n\nresp = httpx.request(\n    \"{method}\", \"{url}\",\n");
    let mut node = format!("const resp = await fetch(\"{url}\", {{\n  method: \"{method}\",\n");
    let mut headers = String::new();
    match operation.credential() {
        None => {}
        Some(Credential::Bearer) => {
            curl.push_str(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
            python.push_str("    headers={\"Authorization\": f\"Bearer {os.environ['TOKEN']}\"},\n");
            headers.push_str(" Authorization: `Bearer ${process.env.TOKEN}`,");
        }
        Some(Credential::Client) => {
            curl.push_str(" \\\n  -u \"$CLIENT_ID:$CLIENT_SECRET\"");
            python.push_str("    auth=(os.environ[\"CLIENT_ID\"], os.environ[\"CLIENT_SECRET\"]),\n");
            headers
                .push_str(" Authorization: `Basic ${btoa(`${process.env.CLIENT_ID}:${process.env.CLIENT_SECRET}`)}`,");
        }
    }
    match &body {
        None => {}
        Some((true, form)) => {
            for (name, value) in form.as_object().into_iter().flatten() {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                curl.push_str(&format!(" \\\n  --data-urlencode \"{name}={value}\""));
            }
            python.push_str(&format!("    data={},\n", python_value(form, "    ")));
        }
        Some((false, json)) => {
            curl.push_str(" \\\n  -H \"Content-Type: application/json\"");
            curl.push_str(&format!(" \\\n  -d '{}'", indented(json, "  ")));
            python.push_str(&format!("    json={},\n", python_value(json, "    ")));
            headers.push_str(" \"Content-Type\": \"application/json\",");
        }
    }
    python.push_str(")\nresp.raise_for_status()\nprint(resp.text)\n");
    if !headers.is_empty() {
        node.push_str(&format!("  headers: {{{} }},\n", headers.trim_end_matches(',')));
    }
    if let Some((is_form, body)) = &body {
        let maker = if *is_form { "new URLSearchParams" } else { "JSON.stringify" };
        node.push_str(&format!("  body: {maker}({}),\n", indented(body, "  ")));
    }
    node.push_str("});\nif (!resp.ok) throw new Error(await resp.text());\nconsole.log(await resp.text());\n");
    curl.push('\n');
    [("curl", curl), ("Python", python), ("Node", node)]
}
