#!/usr/bin/env python3
"""Acceptance check: drive the unmodified scalekit-sdk-python against a base URL.

usage: scalekit_check.py BASE_URL CLIENT_ID CLIENT_SECRET [--ca CA_PEM] [--issuer URL] [--extended] [--keep]

  --ca        PEM file with the root that signed the server certificate.  It is exported as
              GRPC_DEFAULT_SSL_ROOTS_FILE_PATH and REQUESTS_CA_BUNDLE *before* the SDK is
              imported (the SDK always uses TLS for gRPC, even for an http:// BASE_URL).
  --extended  also exercise the second-tier services (roles, m2m clients, tokens, ...).
  --keep      leave the created organisation and user behind.

Prints one line per step: PASS|FAIL|SKIP <step> [detail]; ends with a RESULT line.
Exit status: 0 all core steps pass, 1 some core step failed, 2 usage or import problem.
"""
import argparse, base64, hashlib, hmac, os, sys, time, traceback, uuid
from urllib.parse import parse_qs, urlsplit

ap = argparse.ArgumentParser()
ap.add_argument("url"); ap.add_argument("client_id"); ap.add_argument("client_secret")
ap.add_argument("--ca"); ap.add_argument("--issuer", help="expected iss claim and discovery issuer; default BASE_URL"); ap.add_argument("--extended", action="store_true"); ap.add_argument("--keep", action="store_true")
a = ap.parse_args()
if a.ca:
    os.environ["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"] = os.path.abspath(a.ca)
    os.environ["REQUESTS_CA_BUNDLE"] = os.path.abspath(a.ca)
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
for k in ("http_proxy", "https_proxy", "grpc_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
    os.environ.pop(k, None)
try:
    import scalekit
    from scalekit import ScalekitClient
    from scalekit.common.exceptions import (ScalekitException, ScalekitNotFoundException, ScalekitUnauthorizedException,
                                            ScalekitBadRequestException, ScalekitConflictException)
    from scalekit.common.scalekit import AuthorizationUrlOptions, LogoutUrlOptions, TokenValidationOptions
    from scalekit.v1.organizations.organizations_pb2 import CreateOrganization, UpdateOrganization
    from scalekit.v1.users.users_pb2 import CreateUser, CreateUserProfile, CreateMembership, UpdateUser, UpdateUserProfile
    from scalekit._version import __version__ as sdk_version
except Exception as e:  # noqa: BLE001
    print("FAIL import", type(e).__name__, e); sys.exit(2)

base = a.url.rstrip("/")
issuer = (a.issuer or base).rstrip("/")
core_fail, ext_fail, npass, nskip = [], [], 0, 0
uniq = uuid.uuid4().hex[:10]


def one_line(e):
    for attr in ("message", "err_details"):
        v = getattr(e, attr, None)
        if v:
            return f"{type(e).__name__} code={getattr(e, 'error_code', None)} {str(v)[:200]!r}"
    return f"{type(e).__name__} {' '.join(str(e).split())[:240]}"


class Skip(Exception):
    pass


def step(name, fn, core=True, optional=False):
    """optional: 'unimplemented' (gRPC 12) counts as SKIP instead of FAIL"""
    global npass, nskip
    try:
        r = fn()
        d = r if isinstance(r, str) else ""
        npass += 1; print("PASS", name, d, flush=True)
        return True
    except Skip as e:
        nskip += 1; print("SKIP", name, e, flush=True)
    except AssertionError as e:
        tb = traceback.extract_tb(e.__traceback__)[-1]
        (core_fail if core else ext_fail).append(name); print("FAIL", name, f"assert line {tb.lineno}: {tb.line}", e, flush=True)
    except Exception as e:  # noqa: BLE001
        if optional and getattr(getattr(e, "grpc_status", None), "name", "") == "UNIMPLEMENTED":
            nskip += 1; print("SKIP", name, "unimplemented", flush=True)
        else:
            (core_fail if core else ext_fail).append(name); print("FAIL", name, one_line(e), flush=True)
    return False


def msg(r):
    """most SDK methods return (message, call); a few return the message"""
    return r[0] if isinstance(r, tuple) else r


S = {}
print(f"INFO scalekit-sdk-python {sdk_version} python {sys.version.split()[0]} url={base} ca={a.ca}")


def construct():
    S["c"] = ScalekitClient(base, a.client_id, a.client_secret)
    assert S["c"].core_client.access_token
    return "token acquired"


if not step("construct_client(token)", construct):
    print("RESULT FAIL core_failed=construct_client(token)"); sys.exit(1)
c = S["c"]


def list_orgs():
    r = msg(c.organization.list_organizations(page_size=10))
    assert r.total_size >= len(r.organizations) or r.total_size == 0
    return f"total_size={r.total_size}"


if not step("organization.list_organizations", list_orgs):
    print("INFO gRPC did not work: the Python SDK needs TLS with ALPN h2 at the host:port of BASE_URL and a trusted root (--ca)")


def create_org():
    r = msg(c.organization.create_organization(CreateOrganization(display_name="SDK check " + uniq, external_id="ext-" + uniq, metadata={"origin": "sdk-check"})))
    o = r.organization
    assert o.id.startswith("org_"), o.id
    S["org"], S["org_obj"] = o.id, o
    assert o.display_name == "SDK check " + uniq
    return o.id


def create_org_fields():
    o = need("org_obj")
    assert o.external_id == "ext-" + uniq, f"external_id={o.external_id!r}"
    assert o.create_time.seconds > 0, "create_time missing"
    assert dict(o.metadata) == {"origin": "sdk-check"}, f"metadata={dict(o.metadata)}"


def need(k):
    if k not in S:
        raise Skip("needs " + k)
    return S[k]


step("organization.create_organization", create_org)
step("organization.create_organization.fields", create_org_fields)


def get_org():
    o = msg(c.organization.get_organization(need("org"))).organization
    assert o.id == S["org"]


step("organization.get_organization", get_org)


def get_org_ext():
    assert msg(c.organization.get_organization_by_external_id("ext-" + uniq)).organization.id == need("org")


step("organization.get_organization_by_external_id", get_org_ext)


def upd_org():
    o = msg(c.organization.update_organization(need("org"), UpdateOrganization(display_name="SDK check 2 " + uniq))).organization
    assert o.display_name == "SDK check 2 " + uniq
    assert o.external_id == "ext-" + uniq, "absent optional field must stay unchanged"


step("organization.update_organization(partial)", upd_org)


def not_found():
    try:
        c.organization.get_organization("org_1")
    except ScalekitNotFoundException as e:
        assert e.error_code, "no scalekit.v1.errdetails.ErrorInfo in grpc-status-details-bin"
        return f"error_code={e.error_code} message={e.message!r}"
    raise AssertionError("expected ScalekitNotFoundException")


step("error_mapping.not_found", not_found)


def invalid():
    try:
        r = msg(c.organization.create_organization(CreateOrganization(display_name="")))
        S.setdefault("extra", []).append(r.organization.id)
    except ScalekitBadRequestException as e:
        return f"error_code={e.error_code}"
    raise AssertionError("expected ScalekitBadRequestException for empty display_name")


step("error_mapping.invalid_argument", invalid)


def create_user():
    r = msg(c.users.create_user_and_membership(
        need("org"),
        CreateUser(email=f"sdk-{uniq}@example.com", external_id="u-" + uniq, metadata={"team": "checks"},
                   user_profile=CreateUserProfile(given_name="John", family_name="Doe"), membership=CreateMembership()),
        send_invitation_email=False))
    u = r.user
    assert u.id.startswith("usr_"), u.id
    S["user"], S["user_obj"] = u.id, u
    assert u.email == f"sdk-{uniq}@example.com"
    return u.id


def create_user_fields():
    u = need("user_obj")
    assert 19 <= len(u.id) <= 25, f"user id length {len(u.id)} outside 19..25"
    assert u.user_profile.given_name == "John" and u.user_profile.family_name == "Doe", "profile not kept"
    assert u.external_id == "u-" + uniq and dict(u.metadata) == {"team": "checks"}
    assert any(m.organization_id == S["org"] for m in u.memberships), "no membership for the organisation"
    assert u.create_time.seconds > 0


def legacy_names():
    """the Node SDK only fills the deprecated fields 21/22 (first_name, last_name)"""
    u = msg(c.users.create_user_and_membership(need("org"), CreateUser(email=f"sdk-b-{uniq}@example.com", user_profile=CreateUserProfile(first_name="Ann", last_name="Lee")), send_invitation_email=False)).user
    S.setdefault("extra_users", []).append(u.id)
    assert u.user_profile.given_name == "Ann" and u.user_profile.family_name == "Lee", f"given={u.user_profile.given_name!r} family={u.user_profile.family_name!r}"


step("users.create_user_and_membership", create_user)
step("users.create_user_and_membership.fields", create_user_fields)
step("users.create_user(first_name,last_name)", legacy_names)


def dup_user():
    need("user")
    try:
        r = msg(c.users.create_user_and_membership(S["org"], CreateUser(email=f"sdk-{uniq}@example.com"), send_invitation_email=False))
        if r.user.id != S["user"]:
            S.setdefault("extra_users", []).append(r.user.id)
    except (ScalekitConflictException, ScalekitBadRequestException) as e:
        return f"{type(e).__name__} {e.error_code}"
    raise AssertionError("same email twice in one organisation was accepted")


step("error_mapping.conflict", dup_user, core=False)  # expected by us, not documented by the vendor


def list_org_users():
    r = msg(c.users.list_organization_users(need("org"), page_size=10))
    assert any(u.id == S["user"] for u in r.users)
    return f"total_size={r.total_size}"


def list_users():
    r = msg(c.users.list_users(page_size=10))
    assert len(r.users) >= 1
    return f"total_size={r.total_size}"


def get_user():
    need("user"); assert msg(c.users.get_user(S["user"])).user.id == S["user"]
    assert msg(c.users.get_user_by_external_id("u-" + uniq)).user.id == S["user"]


def upd_user():
    u = msg(c.users.update_user(need("user"), UpdateUser(user_profile=UpdateUserProfile(given_name="Jane")))).user
    assert u.user_profile.given_name == "Jane" and u.user_profile.family_name == "Doe"


def paging():
    need("org")
    ids, tok, n = set(), None, 0
    extra = msg(c.organization.create_organization(CreateOrganization(display_name="SDK page " + uniq))).organization.id
    S.setdefault("extra", []).append(extra)
    while n < 200:
        r = msg(c.organization.list_organizations(page_size=1, page_token=tok)); n += 1
        assert len(r.organizations) <= 1, "page_size ignored"
        for o in r.organizations:
            assert o.id not in ids, "same organisation on two pages"
            ids.add(o.id)
        tok = r.next_page_token
        if not tok or {S["org"], extra} <= ids:
            break
    assert {S["org"], extra} <= ids, "organisations missing while paging"
    return f"{n} pages"


step("users.list_organization_users", list_org_users)
step("users.list_users", list_users)
step("users.get_user(+external_id)", get_user)
step("users.update_user(partial)", upd_user)
step("organization.paging(page_size=1,page_token)", paging)


def tok_valid():
    t = c.get_client_access_token()
    S["tok"] = t
    assert t.count(".") == 2
    claims = c.validate_access_token_and_get_claims(t, TokenValidationOptions(issuer=issuer))
    assert c.validate_access_token(t) is True
    for k in ("iss", "sub", "exp", "iat"):
        assert k in claims, f"claim {k} missing"
    return "claims=" + ",".join(sorted(claims))


def tok_tampered():
    t = S.get("tok") or c.get_client_access_token()
    h, p, s = t.split(".")
    i = len(s) // 2
    bad = s[:i] + ("A" if s[i] != "A" else "B") + s[i + 1:]
    assert c.validate_access_token(".".join((h, p, bad))) is False


def reauth():
    """The SDK sends two `authorization` values per RPC: first the metadata one (refreshed on re-login), then the
    channel-credential one (fixed at construction).  A bad first value must not break the call: either the server accepts
    the second, or it answers UNAUTHENTICATED and the SDK logs in again by itself."""
    c.core_client.access_token = "not-a-token"
    msg(c.organization.list_organizations(page_size=1))
    if c.core_client.access_token == "not-a-token":
        c.core_client.access_token = c.get_client_access_token()
        return "server accepted the second authorization value"
    return "re-authenticated once"


def stale_second():
    """What every long-lived client looks like after the first token expired: fresh value first, stale value second."""
    from scalekit.core import CoreClient
    from scalekit.organization import OrganizationClient as OC
    core = CoreClient(base, a.client_id, a.client_secret)
    good = core.access_token
    core.access_token = "stale.stale.stale"
    core._CoreClient__grpc_secure_channel()
    core.access_token = good
    oc = OC(core)
    msg(oc.list_organizations(page_size=1))
    assert core.access_token == good, "server looked at the stale second value: the SDK had to log in again"


def bad_secret():
    try:
        ScalekitClient(base, a.client_id, a.client_secret + "-wrong")
    except ScalekitUnauthorizedException as e:
        return "401 " + str(e.err_details)[:120]
    raise AssertionError("wrong client_secret was accepted or not answered with HTTP 401")


def authz_url():
    o = AuthorizationUrlOptions(); o.state = "st"; o.nonce = "no"; o.organization_id = "org_1"; o.login_hint = "x@y.z"
    u = urlsplit(c.get_authorization_url("https://app.example/cb", o)); q = parse_qs(u.query)
    assert u.path == "/oauth/authorize" and q["response_type"] == ["code"] and q["client_id"] == [a.client_id]
    assert q["redirect_uri"] == ["https://app.example/cb"] and q["scope"] == ["openid profile email"] and q["state"] == ["st"]
    import requests
    r = requests.get(u.geturl(), allow_redirects=False, timeout=20)
    S["authz_status"] = r.status_code
    assert r.status_code != 404 and r.status_code < 500, f"GET /oauth/authorize -> {r.status_code}"
    return f"GET -> {r.status_code}"


def logout_url():
    u = urlsplit(c.get_logout_url(LogoutUrlOptions("idt", "https://app.example/", "st")))
    assert u.path == "/oidc/logout" and set(parse_qs(u.query)) == {"id_token_hint", "post_logout_redirect_uri", "state"}


def webhook():
    raw = os.urandom(24); secret = "whsec_" + base64.b64encode(raw).decode()
    ts = str(int(time.time())); body = '{"id":"evt_1"}'
    sig = base64.b64encode(hmac.new(raw, f"msg_1.{ts}.{body}".encode(), hashlib.sha256).digest()).decode()
    assert c.verify_webhook_payload(secret, {"webhook-id": "msg_1", "webhook-timestamp": ts, "webhook-signature": "v1," + sig}, body) is True
    return "client-side algorithm only"


def discovery():
    import requests
    r = requests.get(base + "/.well-known/openid-configuration", timeout=20)
    assert r.status_code == 200, r.status_code
    d = r.json()
    assert d["issuer"].rstrip("/") == issuer, d["issuer"]
    assert d["jwks_uri"].endswith("/keys") and d["token_endpoint"].endswith("/oauth/token") and d["authorization_endpoint"].endswith("/oauth/authorize")


step("token.get_client_access_token+validate", tok_valid)
step("token.tampered_is_rejected", tok_tampered)
step("token.bad_first_authorization_value", reauth)
step("token.stale_second_authorization_value", stale_second)
step("token.wrong_secret_is_401", bad_secret)
step("url.get_authorization_url", authz_url)
step("url.get_logout_url", logout_url)
step("webhook.verify_payload", webhook)
step("oidc.discovery_document", discovery)

if a.extended:
    from scalekit.v1.roles.roles_pb2 import CreateRole, CreatePermission
    from scalekit.v1.clients.clients_pb2 import OrganizationClient, CustomClaim

    X = dict(core=False, optional=True)

    def roles():
        n = "chk_role_" + uniq
        r = msg(c.roles.create_role(CreateRole(name=n, display_name="Check role", description="d"))).role
        assert r.name == n
        assert any(x.name == n for x in msg(c.roles.list_roles()).roles)
        assert msg(c.roles.get_role(n)).role.id.startswith("role")
        c.roles.delete_role(n)

    def perms():
        n = "chk:" + uniq
        p = msg(c.permissions.create_permission(CreatePermission(name=n, description="d"))).permission
        assert p.name == n
        assert any(x.name == n for x in msg(c.permissions.list_permissions()).permissions)
        c.permissions.delete_permission(n)

    def m2m():
        org = need("org")
        r = msg(c.m2m_client.create_organization_client(org, OrganizationClient(name="svc " + uniq, description="d", scopes=["a:read"], custom_claims=[CustomClaim(key="k", value="v")], expiry=3600)))
        cid, sec = r.client.client_id, r.plain_secret
        assert cid.startswith("m2morg_") and sec
        t = c.generate_client_token(cid, sec)
        cl = c.validate_access_token_and_get_claims(t, TokenValidationOptions(required_scopes=["a:read"]))
        assert cl["sub"] == cid and cl.get("oid") == org
        s = msg(c.m2m_client.add_organization_client_secret(org, cid))
        assert s.plain_secret and c.generate_client_token(cid, s.plain_secret)
        assert any(x.client_id == cid for x in msg(c.m2m_client.list_organization_clients(org, page_size=10)).clients)
        c.m2m_client.delete_organization_client(org, cid)
        try:
            c.generate_client_token(cid, sec)
        except ScalekitException:
            return cid
        raise AssertionError("deleted client still gets tokens")

    def api_tokens():
        r = msg(c.tokens.create_token(need("org"), description="chk", custom_claims={"k": "v"}))
        assert r.token and r.token_id.startswith("apit_")
        assert msg(c.tokens.validate_token(r.token)).token_info.organization_id == S["org"]
        assert len(msg(c.tokens.list_tokens(S["org"])).tokens) >= 1
        c.tokens.invalidate_token(r.token)
        try:
            c.tokens.validate_token(r.token)
        except ScalekitException as e:
            return type(e).__name__
        raise AssertionError("invalidated token still validates")

    def domains():
        d = msg(c.domain.create_domain(need("org"), f"d{uniq}.example.com")).domain
        assert d.id.startswith("dom_") and d.domain == f"d{uniq}.example.com"
        assert any(x.id == d.id for x in msg(c.domain.list_domains(S["org"])).domains)
        c.domain.delete_domain(S["org"], d.id)

    def portal_link():
        r = msg(c.organization.generate_portal_link(need("org")))
        link = getattr(r, "link", r)  # this SDK method unwraps the response
        assert link.location.startswith("http"), link.location
        return link.location[:60]

    step("ext.roles", roles, **X)
    step("ext.permissions", perms, **X)
    step("ext.m2m_clients", m2m, **X)
    step("ext.api_tokens", api_tokens, **X)
    step("ext.domains", domains, **X)
    step("ext.connections.list", lambda: f"{len(msg(c.connection.list_connections(need('org'))).connections)} connections", **X)
    step("ext.directories.list", lambda: f"{len(msg(c.directory.list_directories(need('org'))).directories)} directories", **X)
    step("ext.sessions.get_user_sessions", lambda: f"{msg(c.sessions.get_user_sessions(need('user'))).total_size} sessions", **X)
    step("ext.webauthn.list_credentials", lambda: f"{len(msg(c.webauthn.list_credentials(need('user'))).credentials)} credentials", **X)
    step("ext.users.list_user_roles", lambda: f"{len(msg(c.users.list_user_roles(need('org'), need('user'))).roles)} roles", **X)
    step("ext.users.list_user_permissions", lambda: f"{len(msg(c.users.list_user_permissions(need('org'), need('user'))).permissions)} permissions", **X)
    step("ext.portal_link", portal_link, **X)
    step("ext.events.list_paginated", lambda: f"{len(msg(c.events.list_events_paginated(page_size=5)).events)} events", **X)
    step("ext.passwordless.send", lambda: msg(c.passwordless.send_passwordless_email(f"sdk-{uniq}@example.com")).auth_request_id[:20], **X)

if not a.keep:
    for u in S.get("extra_users", []) + ([S["user"]] if "user" in S else []):
        step("users.delete_user", lambda u=u: c.users.delete_user(u) and None)
    for o in S.get("extra", []) + ([S["org"]] if "org" in S else []):
        step("organization.delete_organization", lambda o=o: c.organization.delete_organization(o) and None)

print(f"RESULT {'PASS' if not core_fail else 'FAIL'} passed={npass} skipped={nskip} core_failed={','.join(core_fail) or '-'} extended_failed={','.join(ext_fail) or '-'}")
sys.exit(1 if core_fail else 0)
