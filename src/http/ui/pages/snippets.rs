//! Calls to copy, filled in with the reader's own values.

use crate::apps::{AppScope, Application};

/// Scopes that speak of a person: client credentials have none.
const OF_PEOPLE: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Where an application asks for its tokens.
pub(super) fn token_url(public_url: &str, application: &Application, tenant_slug: Option<&str>) -> String {
    let base = public_url.trim_end_matches('/');
    match (application.scope, tenant_slug) {
        (AppScope::Tenant(_), Some(slug)) => format!("{base}/api/v1/auth/tenants/{slug}/oauth/token"),
        _ => format!("{base}/api/v1/platform/oauth/token"),
    }
}

/// The scopes that a first request asks for.
fn scope_of(application: &Application) -> String {
    let all = || application.allowed_scopes.iter();
    let own: Vec<_> = all().filter(|scope| !OF_PEOPLE.contains(scope)).collect();
    if own.is_empty() { all().next().unwrap_or_default().to_owned() } else { own.join(" ") }
}

/// The first token of an application (seed "Quickstart", step 2), in three languages.
pub(super) fn client_credentials(url: &str, application: &Application, secret: &str) -> [(&'static str, String); 3] {
    let (id, scope) = (application.client_id(), scope_of(application));
    let curl_scope = if scope.is_empty() { String::new() } else { format!(" \\\n  -d \"scope={scope}\"") };
    let curl = format!(
        "export CLIENT_ID=\"{id}\"\nexport CLIENT_SECRET=\"{secret}\"\n\n\
         curl -X POST \"{url}\" \\\n  -u \"$CLIENT_ID:$CLIENT_SECRET\" \\\n  -d \"grant_type=client_credentials\"{curl_scope}\n"
    );
    let python_scope = if scope.is_empty() { String::new() } else { format!(", \"scope\": \"{scope}\"") };
    let python = format!(
        "import httpx\n\nresp = httpx.post(\n    \"{url}\",\n    auth=(\n        \"{id}\",\n        \"{secret}\",\n    ),\n    \
         data={{\"grant_type\": \"client_credentials\"{python_scope}}},\n)\nresp.raise_for_status()\n\
         access_token = resp.json()[\"access_token\"]\n"
    );
    let node_scope = if scope.is_empty() { String::new() } else { format!("\n    scope: \"{scope}\",") };
    let node = format!(
        "const id = \"{id}\";\nconst secret = \"{secret}\";\n\nconst resp = await fetch(\"{url}\", {{\n  method: \"POST\",\n  \
         headers: {{ Authorization: \"Basic \" + btoa(`${{id}}:${{secret}}`) }},\n  body: new URLSearchParams({{\n    \
         grant_type: \"client_credentials\",{node_scope}\n  }}),\n}});\nconst {{ access_token }} = await resp.json();\n"
    );
    [("curl", curl), ("Python", python), ("Node", node)]
}

/// Who a personal token is (seed "Quickstart" of the vault, steps 1 and 2), in three languages.
pub(super) fn whoami(public_url: &str, token: &str) -> [(&'static str, String); 3] {
    let url = format!("{}/v1/auth/whoami", public_url.trim_end_matches('/'));
    let curl = format!(
        "export SCAIVAULT_TOKEN=\"{token}\"\n\ncurl -H \"Authorization: Bearer $SCAIVAULT_TOKEN\" \\\n     {url}\n"
    );
    let python = format!(
        "import os\nimport httpx\n\nresp = httpx.get(\n    \"{url}\",\n    \
         headers={{\"Authorization\": f\"Bearer {{os.environ['SCAIVAULT_TOKEN']}}\"}},\n)\nprint(resp.json())\n"
    );
    let node = format!(
        "const resp = await fetch(\"{url}\", {{\n  \
         headers: {{ Authorization: `Bearer ${{process.env.SCAIVAULT_TOKEN}}` }},\n}});\nconsole.log(await resp.json());\n"
    );
    [("curl", curl), ("Python", python), ("Node", node)]
}

/// The models, by an API key (seed "Authentication" of ScaiGrid), in three languages.
pub(super) fn models(public_url: &str, key: &str) -> [(&'static str, String); 3] {
    let url = format!("{}/v1/models", public_url.trim_end_matches('/'));
    let curl = format!("curl -H \"Authorization: Bearer {key}\" \\\n     {url}\n");
    let python = format!(
        "import httpx\n\nAPI_KEY = \"{key}\"\n\n\
         client = httpx.Client(headers={{\"Authorization\": f\"Bearer {{API_KEY}}\"}})\n\
         resp = client.get(\"{url}\")\nprint(resp.json())\n"
    );
    let script = format!(
        "const API_KEY = \"{key}\";\n\nconst headers = new Headers({{ Authorization: `Bearer ${{API_KEY}}` }});\n\
         const resp = await fetch(\"{url}\", {{ headers }});\nconsole.log(await resp.json());\n"
    );
    [("curl", curl), ("Python", python), ("JavaScript", script)]
}

/// A secret read back (seed "Quickstart" of the vault, step 4).
pub(super) fn read_secret(public_url: &str, path: &str) -> [(&'static str, String); 3] {
    let url = format!("{}/v1/secrets/{path}", public_url.trim_end_matches('/'));
    let curl = format!("curl -H \"Authorization: Bearer $SCAIVAULT_TOKEN\" \\\n     {url}\n");
    let python = format!(
        "import os\nimport httpx\n\nresp = httpx.get(\n    \"{url}\",\n    \
         headers={{\"Authorization\": f\"Bearer {{os.environ['SCAIVAULT_TOKEN']}}\"}},\n)\nsecret = resp.json()[\"data\"]\n"
    );
    let node = format!(
        "const resp = await fetch(\"{url}\", {{\n  \
         headers: {{ Authorization: `Bearer ${{process.env.SCAIVAULT_TOKEN}}` }},\n}});\nconst {{ data }} = await resp.json();\n"
    );
    [("curl", curl), ("Python", python), ("Node", node)]
}
