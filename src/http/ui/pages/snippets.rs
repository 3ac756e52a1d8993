//! Calls to copy, filled in with the reader's own values.

use crate::apps::{AppScope, Application};
use crate::catalogue::{Group, Scope};

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
    // Client credentials speak of no person.
    let of_people = |name: &str| Scope::named(name).is_some_and(|scope| scope.group == Group::Identity);
    let own: Vec<_> = all().filter(|scope| !of_people(scope)).collect();
    if own.is_empty() { all().next().unwrap_or_default().to_owned() } else { own.join(" ") }
}

/// The first token of an application (ScaiKey's quickstart, step 2), in three languages.
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

/// API credentials and where they hold, as calls name them.
#[derive(Clone, Copy)]
pub(super) struct Credentials<'a> {
    /// The environment URL.
    pub url: &'a str,
    /// The client ID.
    pub client_id: &'a str,
    /// The client secret.
    pub secret: &'a str,
}

/// The first calls to Scalekit's API (its quickstart): a token and a list with curl, the list with the SDKs.
pub(super) fn environment(with: &Credentials<'_>) -> [(&'static str, String); 3] {
    let Credentials { url, client_id, secret } = with;
    let curl = format!(
        "export SCALEKIT_ENVIRONMENT_URL=\"{url}\"\n\n\
         curl -X POST \"$SCALEKIT_ENVIRONMENT_URL/oauth/token\" \\\n  \
         -H \"Content-Type: application/x-www-form-urlencoded\" \\\n  -d \"grant_type=client_credentials\" \\\n  \
         -d \"client_id={client_id}\" \\\n  -d \"client_secret={secret}\"\n\n\
         # With the access_token of the answer:\n\
         curl -X GET \"$SCALEKIT_ENVIRONMENT_URL/api/v1/organizations?page_size=10\" \\\n  \
         -H \"Authorization: Bearer $ACCESS_TOKEN\"\n"
    );
    let python = format!(
        "# pip install scalekit-sdk-python\nfrom scalekit import ScalekitClient\n\n\
         scalekit = ScalekitClient(\n    env_url=\"{url}\",\n    client_id=\"{client_id}\",\n    \
         client_secret=\"{secret}\",\n)\n\n\
         reply, _ = scalekit.organization.list_organizations(page_size=10)\n\
         for organization in reply.organizations:\n    print(organization.id, organization.display_name)\n"
    );
    let node = format!(
        "// npm install @scalekit-sdk/node\nimport {{ ScalekitClient }} from \"@scalekit-sdk/node\";\n\n\
         const scalekit = new ScalekitClient(\n  \"{url}\",\n  \"{client_id}\",\n  \"{secret}\",\n);\n\n\
         const {{ organizations }} = await scalekit.organization.listOrganization({{ pageSize: 10 }});\n\
         for (const {{ id, displayName }} of organizations) console.log(id, displayName);\n"
    );
    [("curl", curl), ("Python", python), ("Node", node)]
}

/// Who a personal token is (ScaiVault's quickstart, steps 1 and 2), in three languages.
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

/// The models, by an API key (ScaiGrid's page "Authentication"), in three languages.
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

/// A secret read back (ScaiVault's quickstart, step 4).
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
