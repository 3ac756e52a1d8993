//! The steps of a flow.

use super::{FLOW_SECS, Flow, Stage, invalid, table};
use crate::access::Origin;
use crate::authentication::{self, Identified};
use crate::base::id::{FamilyId, LoginFlowId};
use crate::base::text::only_line;
use crate::base::{DisplayName, Id, Problem, Secret};
use crate::config::Login;
use crate::crypto::random;
use crate::crypto::token::TokenDigest;
use crate::oauth::Flavour;
use crate::oauth::first_party::{self, FIRST_PARTY};
use crate::oauth::pkce::Challenge;
use crate::outbound;
use crate::sso;
use crate::stack::Stack;
use crate::store::{Read, WriteTx};
use crate::tenancy::{self, Tenant};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::{Host, Url};

/// What the tokens of a flow let others read of the person.
const SCOPE: &str = "openid profile email";
/// The longest address or state of a client, in bytes.
const MAX_TEXT: usize = 2048;

/// The tenants to choose from: somebody's own as [`authentication::identify`] names them, and for everybody else the default tenant.
///
/// # Errors
/// As [`authentication::identify`].
pub async fn identify(stack: &Stack, email: &str, origin: &Origin) -> Result<Vec<Tenant>, Problem> {
    let Identified { mut tenants, .. } = authentication::identify(stack, email, origin).await?;
    if tenants.is_empty() {
        tenants.extend(tenancy::default_tenant(&stack.store.read())?);
    }
    Ok(tenants)
}

/// A flow to begin.
#[derive(Clone, Debug)]
pub struct NewFlow {
    /// Who is to sign in: a hint for the page.
    pub email: Option<String>,
    /// Where, by id or slug. None: wherever they belong.
    pub tenant: Option<String>,
    /// The client's PKCE challenge.
    pub challenge: String,
    /// `S256`.
    pub method: Option<String>,
    /// Where our code is to be sent.
    pub redirect_uri: String,
    /// To come back with it.
    pub state: Option<String>,
    /// What the program calls itself, for the page that asks whether it may have the code.
    pub program: Option<DisplayName>,
}

/// A flow that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Where the browser is to go.
    pub authorize_url: String,
    /// What the client names the flow by.
    pub flow_id: LoginFlowId,
}

/// 256 random bits as text.
fn draw() -> String {
    URL_SAFE_NO_PAD.encode(random::bytes::<32>())
}

/// Whether it is an address of a program on the person's own machine (RFC 8252 §7.3).
fn is_loopback(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && loopback
}

/// Whether an address is our own, or one of the settings.
fn is_vouched_for(settings: &Login, public_url: &str, url: &Url, uri: &str) -> bool {
    let same_origin = Url::parse(public_url).is_ok_and(|own| own.origin() == url.origin());
    same_origin || settings.redirect_uris.iter().any(|known| known == uri)
}

/// Whether a code may be sent there: to our own origin, to a program on the person's own machine, or to an address of the
/// settings.
fn may_redirect(settings: &Login, public_url: &str, uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    if uri.len() > MAX_TEXT || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    is_loopback(&url) || is_vouched_for(settings, public_url, &url, uri)
}

/// The host and the port of a program that the person has to be asked about: one at a loopback address for which nobody
/// vouches.
pub(super) fn asks(stack: &Stack, uri: &str) -> Option<(String, u16)> {
    let url = Url::parse(uri).ok()?;
    if !is_loopback(&url) || is_vouched_for(&stack.config.login, stack.public_url(), &url, uri) {
        return None;
    }
    Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
}

/// The provider of the settings, if it is not our own. Its secret is read anew each time, so that it can be exchanged.
pub(super) async fn provider(stack: &Stack) -> Result<Option<sso::Settings>, Problem> {
    let login = &stack.config.login;
    if login.issuer.is_empty() {
        return Ok(None);
    }
    let path = login.client_secret_file.clone();
    let client_secret = if path.as_os_str().is_empty() {
        None
    } else {
        let read = tokio::task::spawn_blocking(move || std::fs::read_to_string(path).map(Secret::new)).await;
        let text = read.map_err(Problem::internal)?.map_err(|error| {
            Problem::internal(format!("the file of login.client_secret_file cannot be read: {error}"))
        })?;
        Some(Secret::new(only_line(text.expose()).to_owned()))
    };
    Ok(Some(sso::Settings {
        issuer: login.issuer.clone(),
        client_id: login.client_id.clone(),
        client_secret,
        client: outbound::Client::new(stack.config.outbound.allowed_networks.clone()),
    }))
}

/// Begins a flow.
///
/// # Errors
/// `validation_error`, `tenant_not_found`; `provider_unavailable` when another provider does not answer.
pub async fn begin(stack: &Stack, new: &NewFlow) -> Result<Begun, Problem> {
    let now = stack.now();
    let challenge = Challenge::parse(&new.challenge, new.method.as_deref()).map_err(|error| {
        let field = if new.method.as_deref() == Some("S256") { "code_challenge" } else { "code_challenge_method" };
        Problem::invalid(field, error.description.into_owned())
    })?;
    if !may_redirect(&stack.config.login, stack.public_url(), &new.redirect_uri) {
        let rule = "must be on this server, on a loopback address, or among login.redirect_uris of the settings";
        return Err(Problem::invalid("redirect_uri", rule));
    }
    if new.state.as_ref().is_some_and(|state| state.len() > MAX_TEXT) {
        return Err(Problem::invalid("state", "must be at most 2048 bytes long"));
    }
    let tenant = match &new.tenant {
        Some(name) => Some(named(&stack.store.read(), name)?),
        None => None,
    };
    let (state, flow_id) = (draw(), stack.new_id());
    let flow = Flow {
        id: flow_id,
        state: stack.store.read().keep(&TokenDigest::of(&state)),
        challenge,
        redirect_uri: new.redirect_uri.clone(),
        client_state: new.state.clone(),
        tenant: tenant.as_ref().map(|tenant| tenant.id),
        verifier: draw(),
        nonce: draw(),
        family: stack.new_id::<FamilyId>(),
        stage: Stage::Away,
        created_at: now,
        keep_until: now.plus_secs(FLOW_SECS),
        program: new.program.clone(),
        browser: None,
    };
    let hint = new.email.as_deref();
    let authorize_url = match provider(stack).await? {
        Some(settings) => {
            stack.sso.discovered(&settings, now).await?;
            // By way of us, so that it is known with which browser they go there.
            let mut url = Url::parse(&format!("{}/v1/auth/start", stack.public_url())).map_err(Problem::internal)?;
            url.query_pairs_mut().append_pair("state", &state);
            if let Some(hint) = hint.filter(|hint| !hint.is_empty()) {
                url.query_pairs_mut().append_pair("login_hint", hint);
            }
            url.into()
        }
        None => {
            let flavour = tenant.map_or(Flavour::Platform, |tenant| Flavour::Tenant(tenant.slug));
            let endpoint = stack.issuers().authorization_endpoint(&flavour);
            address(stack, &endpoint, &flow, &state, hint)?
        }
    };
    stack.store.write(move |tx| Ok::<_, Problem>(tx.save(&flow)?)).await?;
    Ok(Begun { authorize_url, flow_id })
}

/// Where a browser is sent that begins to sign in at another provider: from now on the flow belongs to it.
///
/// # Errors
/// `auth_flow_invalid` for an unknown flow, and for one that belongs to another browser already; `provider_unavailable`.
pub async fn sent_away(stack: &Stack, state: &str, hint: Option<&str>, browser: [u8; 32]) -> Result<String, Problem> {
    let now = stack.now();
    let settings = provider(stack).await?.ok_or_else(invalid)?;
    let endpoint = stack.sso.discovered(&settings, now).await?.authorization_endpoint.clone();
    let digest = TokenDigest::of(state);
    let write = move |tx: &mut WriteTx<'_>| -> Result<Flow, Problem> {
        let mut flow = table::by_state(tx, &digest)?.ok_or_else(invalid)?;
        let fits = flow.browser.is_none_or(|known| known == browser);
        if flow.stage != Stage::Away || now >= flow.created_at.plus_secs(FLOW_SECS) || !fits {
            return Err(invalid());
        }
        flow.browser = Some(browser);
        tx.save(&flow)?;
        Ok(flow)
    };
    let flow = stack.store.write(write).await?;
    address(stack, &endpoint, &flow, state, hint)
}

/// A live tenant by id or slug.
fn named(tx: &impl Read, name: &str) -> Result<Tenant, Problem> {
    let tenant = tenancy::tenant_by_text(tx, name)?.ok_or_else(tenancy::no_tenant)?;
    if tenancy::live_place(tx, tenant.id)?.is_some() { Ok(tenant) } else { Err(tenancy::no_tenant()) }
}

/// Where the browser goes: the authorization request to the provider (OpenID Connect Core §3.1.2.1).
fn address(stack: &Stack, endpoint: &str, flow: &Flow, state: &str, email: Option<&str>) -> Result<String, Problem> {
    let mut url = Url::parse(endpoint).map_err(Problem::internal)?;
    let login = &stack.config.login;
    let own = login.issuer.is_empty();
    let client_id = if own { FIRST_PARTY.display_as("skc") } else { login.client_id.clone() };
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &client_id)
        .append_pair("redirect_uri", &first_party::redirect_uri(stack.issuers()))
        .append_pair("scope", SCOPE)
        .append_pair("state", state)
        .append_pair("nonce", &flow.nonce)
        .append_pair("code_challenge", &Challenge::of(&flow.verifier).text())
        .append_pair("code_challenge_method", "S256");
    if let Some(email) = email.filter(|email| !email.is_empty()) {
        url.query_pairs_mut().append_pair("login_hint", email);
    }
    Ok(url.into())
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn codes_go_to_our_origin_to_loopback_and_to_listed_addresses() {
        let settings = Login { redirect_uris: vec!["https://app.example/back?x=1".to_owned()], ..Login::default() };
        let may = |uri: &str| may_redirect(&settings, "https://id.example", uri);
        for good in [
            "http://127.0.0.1:5173/cb",
            "http://[::1]/cb",
            "http://localhost:3000/",
            "https://id.example/anything",
            "https://app.example/back?x=1",
        ] {
            assert!(may(good), "{good}");
        }
        for bad in [
            "",
            "/cb",
            "https://127.0.0.1/cb",
            "http://id.example/anything",
            "https://id.example:8443/anything",
            "https://id.example@evil.example/",
            "https://user@id.example/",
            "https://id.example/#x",
            "https://app.example/back",
            "https://app.example/back?x=12",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "javascript:alert(1)",
        ] {
            assert!(!may(bad), "{bad}");
        }
    }
}
