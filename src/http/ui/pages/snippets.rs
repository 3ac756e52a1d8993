//! Calls to copy, filled in with the reader's own values.

use crate::apps::{AppScope, Application, ApplicationType};
use crate::catalogue::{Group, Scope};
use crate::oauth::{Flavour, Issuer, Issuers};
use crate::tenancy::Tenant;

/// The addresses that an application is set up with.
pub(super) struct Endpoints {
    /// Whose tokens it gets: a client finds everything else by it.
    pub issuer: String,
    /// Where it asks for them.
    pub token: String,
}

impl Endpoints {
    /// Those of an application; `tenant` is the one that it belongs to, or, of a partner's, one in which it works.
    pub fn of(issuers: &Issuers, application: &Application, tenant: Option<&Tenant>) -> Self {
        let (issuer, flavour) = match (application.scope, tenant) {
            (AppScope::Tenant(_) | AppScope::Partner(_), Some(tenant)) => {
                (Issuer::Tenant(tenant.id), Flavour::Tenant(tenant.slug.clone()))
            }
            _ => (Issuer::Platform, Flavour::Platform),
        };
        Self { issuer: issuers.text(issuer), token: issuers.token_endpoint(&flavour) }
    }

    /// Where the issuer describes itself (OpenID Connect Discovery §4).
    pub fn discovery(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer)
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

/// A sign-in of people for an application that they sign in to, for libraries that its type is usually written with, and the
/// bare settings for all others. None: people do not sign in to it.
pub(super) fn sign_in(with: &Endpoints, application: &Application, secret: &str) -> Vec<(&'static str, String)> {
    let (issuer, id) = (&with.issuer, application.client_id());
    let uri = application.redirect_uris.first().map_or("https://app.example.com/callback", |uri| uri.as_str());
    let of_people = |name: &&str| Scope::named(name).is_some_and(|scope| scope.group == Group::Identity);
    let scopes: Vec<_> = application.allowed_scopes.iter().filter(of_people).collect();
    let scope = if scopes.is_empty() { "openid".to_owned() } else { scopes.join(" ") };
    let confidential = application.application_type.is_confidential();
    let of_secret = if confidential { format!("OIDC_CLIENT_SECRET={secret}\n") } else { String::new() };
    let settings = format!(
        "OIDC_ISSUER={issuer}\nOIDC_DISCOVERY={}\nOIDC_CLIENT_ID={id}\n{of_secret}OIDC_REDIRECT_URI={uri}\n\
         OIDC_SCOPES=\"{scope}\"\n# Authorization code with PKCE, S256.\n",
        with.discovery()
    );
    let settings = ("Settings", settings);
    match application.application_type {
        ApplicationType::Service => Vec::new(),
        ApplicationType::Native => vec![settings],
        ApplicationType::Spa => vec![
            settings,
            (
                "oidc-client-ts",
                format!(
                    "import {{ UserManager }} from \"oidc-client-ts\";\n\n\
                     const manager = new UserManager({{\n  authority: \"{issuer}\",\n  client_id: \"{id}\",\n  \
                     redirect_uri: \"{uri}\",\n  scope: \"{scope}\",\n}});\n\n\
                     // At a button: await manager.signinRedirect();\n\
                     // At the redirect URI:\nconst user = await manager.signinCallback();\n\
                     console.log(user?.profile);\n"
                ),
            ),
        ],
        ApplicationType::Web => vec![
            settings,
            (
                "Node",
                format!(
                    "// npm install openid-client\nimport * as client from \"openid-client\";\n\n\
                     const config = await client.discovery(new URL(\"{issuer}\"), \"{id}\", \"{secret}\");\n\
                     const verifier = client.randomPKCECodeVerifier();\n\
                     const to = client.buildAuthorizationUrl(config, {{\n  redirect_uri: \"{uri}\",\n  scope: \"{scope}\",\n  \
                     code_challenge: await client.calculatePKCECodeChallenge(verifier),\n  \
                     code_challenge_method: \"S256\",\n}});\n\
                     // Send the browser there. It comes back to the redirect URI, at currentUrl:\n\
                     const tokens = await client.authorizationCodeGrant(config, currentUrl, {{\n  \
                     pkceCodeVerifier: verifier,\n}});\nconsole.log(tokens.claims());\n"
                ),
            ),
            (
                "Python",
                format!(
                    "# pip install authlib httpx\nimport httpx\nfrom authlib.common.security import generate_token\n\
                     from authlib.integrations.httpx_client import OAuth2Client\n\n\
                     server = httpx.get(\n    \"{}\"\n).json()\n\
                     client = OAuth2Client(\n    \"{id}\",\n    \"{secret}\",\n    redirect_uri=\"{uri}\",\n    \
                     scope=\"{scope}\",\n    code_challenge_method=\"S256\",\n)\n\
                     verifier = generate_token(48)\n\
                     to, state = client.create_authorization_url(\n    server[\"authorization_endpoint\"], code_verifier=verifier\n)\n\
                     # Send the browser there. It comes back to the redirect URI, at current_url:\n\
                     tokens = client.fetch_token(\n    server[\"token_endpoint\"],\n    \
                     authorization_response=current_url,\n    code_verifier=verifier,\n)\n",
                    with.discovery()
                ),
            ),
        ],
    }
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
