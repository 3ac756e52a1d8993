//! The steps of a flow.

use super::{CODE_SECS, FLOW_SECS, Flow, KEEP_SECS, Stage, invalid, table};
use crate::access::{Origin, Place};
use crate::audit::{ActorStamp, Event, Outcome};
use crate::base::id::{FamilyId, LoginFlowId, SessionId, TenantId};
use crate::base::{Id, Kind, Problem, Secret, Timestamp};
use crate::catalogue::Action;
use crate::config::Login;
use crate::crypto::random;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::oauth::Flavour;
use crate::oauth::code::{self, Redeemed};
use crate::oauth::first_party::{self, FIRST_PARTY};
use crate::oauth::pkce::Challenge;
use crate::people::{self, User};
use crate::signin::{self, Identified, Proven};
use crate::sso;
use crate::stack::Stack;
use crate::store::{Read, StoreError};
use crate::tenancy::{self, Tenant};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::{Host, Url};

/// What the tokens of a flow let others read of the person.
const SCOPE: &str = "openid profile email";
/// The longest address or state of a client, in bytes.
const MAX_TEXT: usize = 2048;

/// The tenants to choose from, as `auth.identify_shows_tenants` lets strangers see them: off, everybody is shown the default
/// tenant, whoever they ask for, so that the answer tells nothing and the flow works where there is one tenant. On, a user's
/// own, and for strangers the default one.
///
/// # Errors
/// When the file cannot be read.
pub fn identify(stack: &Stack, email: &str) -> Result<Vec<Tenant>, Problem> {
    let Identified { mut tenants, .. } = signin::identify(stack, email)?;
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

/// Whether a code may be sent there: to our own origin, to a program on the person's own machine (RFC 8252 §7.3), or to an
/// address of the settings.
fn may_redirect(settings: &Login, public_url: &str, uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    if uri.len() > MAX_TEXT || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let same_origin = Url::parse(public_url).is_ok_and(|own| own.origin() == url.origin());
    (url.scheme() == "http" && loopback) || same_origin || settings.redirect_uris.iter().any(|known| known == uri)
}

/// The provider of the settings, if it is not our own. Its secret is read anew each time, so that it can be exchanged.
async fn provider(stack: &Stack) -> Result<Option<sso::Settings>, Problem> {
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
        Some(Secret::new(text.expose().trim_end_matches(['\r', '\n']).to_owned()))
    };
    Ok(Some(sso::Settings {
        issuer: login.issuer.clone(),
        client_id: login.client_id.clone(),
        client_secret,
        allow_private: login.allow_private,
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
        state: TokenDigest::of(&state),
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
    };
    let endpoint = match provider(stack).await? {
        Some(settings) => stack.sso.discovered(&settings, now).await?.authorization_endpoint.clone(),
        None => {
            let flavour = tenant.map_or(Flavour::Platform, |tenant| Flavour::Tenant(tenant.slug));
            stack.issuers().authorization_endpoint(&flavour)
        }
    };
    let authorize_url = address(stack, &endpoint, &flow, &state, new.email.as_deref())?;
    stack.store.write(move |tx| Ok::<_, Problem>(tx.save(&flow)?)).await?;
    Ok(Begun { authorize_url, flow_id })
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

/// What the provider sends the browser back with.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// `state`
    pub state: Option<String>,
    /// `code`
    pub code: Option<String>,
    /// `error`
    pub error: Option<String>,
    /// `iss` (RFC 9207)
    pub iss: Option<String>,
}

/// The browser is back from the provider: gives the client's address with our code, or with an error.
///
/// # Errors
/// `auth_flow_invalid` when the answer belongs to no flow that waits for one: then there is nowhere to go.
pub async fn returned(stack: &Stack, answer: &Answer, origin: &Origin) -> Result<String, Problem> {
    let now = stack.now();
    let state = TokenDigest::of(answer.state.as_deref().ok_or_else(invalid)?);
    let flow = table::by_state(&stack.store.read(), &state)?.ok_or_else(invalid)?;
    if flow.stage != Stage::Away || now >= flow.created_at.plus_secs(FLOW_SECS) {
        return Err(invalid());
    }
    let settings = provider(stack).await?;
    let right_issuer = answer.iss.as_deref().is_none_or(|iss| match &settings {
        Some(settings) => settings.issuer == iss,
        None => stack.issuers().parse(iss).is_some(),
    });
    if !right_issuer {
        return Err(invalid());
    }
    let went = match (&answer.code, &answer.error) {
        (Some(code), None) => match &settings {
            None => redeem_own(stack, flow.id, code, now).await?,
            Some(settings) => redeem_elsewhere(stack, settings, &flow, code, origin).await?,
        },
        (_, Some(error)) => Err(known_error(error)),
        (None, None) => return Err(invalid()),
    };
    let (id, code) = (flow.id, token::make(TokenKind::GrantCode));
    let stage = match went {
        Ok((until, session)) => Stage::Back { code: TokenDigest::of(code.expose()), until, session },
        Err(_) => Stage::Dead,
    };
    stack
        .store
        .write(move |tx| {
            // Two answers with one state: the first one counts.
            let flow = table::by_id(tx, id)?.filter(|flow| flow.stage == Stage::Away).ok_or_else(invalid)?;
            Ok::<_, Problem>(tx.save(&Flow { stage, ..flow })?)
        })
        .await?;
    back_to(&flow, went.map(|_| code.expose().as_str()))
}

/// The errors that a client is told by name (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6); what else a provider says is
/// not passed on.
fn known_error(error: &str) -> &'static str {
    ["access_denied", "temporarily_unavailable", "login_required", "interaction_required", "consent_required"]
        .into_iter()
        .find(|known| *known == error)
        .unwrap_or("server_error")
}

/// The client's address with what it is to be told.
fn back_to(flow: &Flow, went: Result<&str, &'static str>) -> Result<String, Problem> {
    let mut url = Url::parse(&flow.redirect_uri).map_err(Problem::internal)?;
    match went {
        Ok(code) => url.query_pairs_mut().append_pair("code", code),
        Err(error) => url.query_pairs_mut().append_pair("error", error),
    };
    if let Some(state) = &flow.client_state {
        url.query_pairs_mut().append_pair("state", state);
    }
    Ok(url.into())
}

/// What coming back led to: when our code ends and the session, or an error for the client.
type Came = Result<(Timestamp, SessionId), &'static str>;

/// Redeems a code of our own provider, in process.
async fn redeem_own(stack: &Stack, id: LoginFlowId, code: &str, now: Timestamp) -> Result<Came, Problem> {
    let (digest, redirect_uri) = (TokenDigest::of(code), first_party::redirect_uri(stack.issuers()));
    let redeemed = stack
        .store
        .write(move |tx| {
            let Some(flow) = table::by_id(tx, id)?.filter(|flow| flow.stage == Stage::Away) else { return Ok(None) };
            let exchange = code::Exchange {
                digest,
                application: FIRST_PARTY,
                tenant: None,
                environment: false,
                redirect_uri: Some(redirect_uri.clone()),
                verifier: Some(flow.verifier.clone()),
                family: flow.family,
            };
            let redeemed = code::redeem(tx, &exchange, now.plus_secs(KEEP_SECS), now)?;
            Ok::<_, StoreError>(Some((flow, redeemed)))
        })
        .await?;
    Ok(match redeemed {
        Some((flow, Redeemed::Granted(grant))) => {
            let fits = grant.nonce.as_deref() == Some(flow.nonce.as_str())
                && flow.tenant.is_none_or(|tenant| tenant == grant.tenant);
            if fits { Ok((now.plus_secs(CODE_SECS), grant.session)) } else { Err("access_denied") }
        }
        _ => Err("access_denied"),
    })
}

/// Redeems a code of another provider, finds the user whose e-mail it vouches for, and starts a session.
async fn redeem_elsewhere(
    stack: &Stack,
    settings: &sso::Settings,
    flow: &Flow,
    code: &str,
    origin: &Origin,
) -> Result<Came, Problem> {
    let redirect_uri = first_party::redirect_uri(stack.issuers());
    let claims = match stack.sso.redeem(settings, (code, &flow.verifier, &redirect_uri), &flow.nonce, stack.now()).await
    {
        Ok(claims) => claims,
        Err(problem) if matches!(problem.kind, Kind::Busy { .. }) => return Ok(Err("temporarily_unavailable")),
        Err(problem) => {
            tracing::warn!(cause = problem.internal.as_deref(), "a sign-in at the other provider was refused");
            return Ok(Err("access_denied"));
        }
    };
    let proven = match claims.verified_email() {
        Some(email) => {
            let snapshot = stack.store.read();
            match people::by_email(&snapshot, &email)? {
                // Another spelling of the address is another mailbox, of which the provider said nothing.
                Some(user) if user.email.is_same_mailbox(&email) => {
                    vouched(&snapshot, user, flow.tenant, claims.second_factor(), stack.now())?
                }
                Some(_) | None => None,
            }
        }
        None => None,
    };
    let Some(proven) = proven else {
        stack.audit_stranger(refused_event(origin, stack.now(), &claims.sub));
        return Ok(Err("access_denied"));
    };
    let started = signin::start_session(stack, &proven, origin).await?;
    Ok(Ok((stack.now().plus_secs(CODE_SECS), started.session.id)))
}

/// Somebody whom the provider vouches for, if they may sign in to the tenant.
fn vouched(
    tx: &impl Read,
    user: User,
    tenant: Option<TenantId>,
    mfa: bool,
    now: Timestamp,
) -> Result<Option<Proven>, StoreError> {
    let open = people::tenants_open_to(tx, &user, now)?;
    let tenant = match tenant {
        Some(tenant) => open.contains(&tenant).then_some(tenant),
        None => people::tenant_to_enter(tx, &user, now)?,
    };
    let Some(tenant) = tenant.filter(|_| people::may_use(&user)) else { return Ok(None) };
    // Where a second factor is wanted, the provider must say that it asked for one.
    let enough = mfa || !signin::wants_second_factor(tx, &user, tenant, now)?;
    Ok(enough.then(|| Proven::by_provider(user, tenant, mfa)))
}

fn refused_event(origin: &Origin, now: Timestamp, subject: &str) -> Event {
    let subject: String = subject.chars().take(200).collect();
    Event::of(ActorStamp::anonymous("anonymous"), origin, now, Place::Platform, Action::Login)
        .on("session", "")
        .with("method", "oidc")
        .with("subject", subject)
        .outcome(Outcome::Denied)
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
