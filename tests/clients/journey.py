"""The whole way of a web application with Authlib: sign-in, refresh, userinfo, introspection, revocation, logout.

Reads what it needs from stdin as JSON; prints what it saw. Whatever the library refuses ends it with an error.
"""

import json
import os
import secrets
import sys
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx

TOLD = json.load(sys.stdin)
if TOLD["issuer"].startswith("http://"):
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.httpx_client import OAuth2Client  # noqa: E402
from authlib.oidc.core import CodeIDToken  # noqa: E402
from joserfc import jwt  # noqa: E402
from joserfc.jwk import KeySet  # noqa: E402

VERIFY = TOLD.get("ca") or True
REFUSES = {"cancel", "deny", "not", "no", "reject", "stay", "another", "different", "back"}


def agrees(button: dict) -> bool:
    """Whether somebody who wants to go on presses it."""
    words = f"{button['says']} {button.get('value', '')}".lower()
    return not REFUSES & set(words.replace(",", " ").split())


class Forms(HTMLParser):
    """The POST forms of a page: where each goes, its id and its fields, buttons that stand elsewhere included."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict] = []
        self.open: dict | None = None
        self.button: dict | None = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        get = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = {"fields": [], **get}
            self.forms.append(self.open)
        elif tag in ("input", "button"):
            owner = next((form for form in self.forms if get.get("form") and form.get("id") == get["form"]), self.open)
            field = {"type": "submit" if tag == "button" else "text", "says": "", **get}
            self.button = field if tag == "button" else None
            if owner is not None:
                owner["fields"].append(field)

    def handle_data(self, data):
        if self.button is not None:
            self.button["says"] += data

    def handle_endtag(self, tag):
        self.open = None if tag == "form" else self.open
        self.button = None if tag == "button" else self.button


class Person:
    """Somebody at a browser without a script."""

    def __init__(self) -> None:
        self.http = httpx.Client(verify=VERIFY, timeout=20, headers={"Accept": "text/html"})
        self.stops = (TOLD["redirect_uri"], TOLD["post_logout_redirect_uri"])

    def go(self, url: str) -> str:
        """Until an address is the client's."""
        form = None
        for _ in range(30):
            if form is None and url.startswith(self.stops):
                return url
            if form is None:
                answer = self.http.get(url)
            else:
                parts = urlsplit(url)
                same = {"Origin": f"{parts.scheme}://{parts.netloc}", "Sec-Fetch-Site": "same-origin"}
                answer = self.http.post(url, data=form, headers=same)
            if answer.has_redirect_location:
                url, form = urljoin(url, answer.headers["location"]), None
                continue
            # A page that goes on by itself: it ends what the policy of a form's page says about redirects.
            onward = answer.headers.get("refresh", "").partition("0; url=")[2]
            if onward:
                url, form = urljoin(url, onward), None
                continue
            assert answer.status_code == 200, f"{url}: {answer.status_code} {answer.text}"
            url, form = self.fill(answer.text, url)
        raise AssertionError("the journey does not end")

    def fill(self, page: str, base: str):
        """Where the form of a page goes, and what is in it."""
        forms = [form for form in Forms(page).forms if form.get("method", "").lower() == "post"]
        assert forms, f"a page that leads nowhere: {page}"
        asking = [[form for form in forms if any(field["type"] == kind for field in form["fields"])] for kind in ("password", "email")]
        agreeing = [form for form in forms if any(field["type"] == "submit" and agrees(field) for field in form["fields"])]
        form = [*asking[0], *asking[1], *agreeing][0]
        values, pressed = {}, False
        for field in form["fields"]:
            name, value = field.get("name"), field.get("value", "")
            if field["type"] == "submit":
                if pressed or not agrees(field):
                    continue
                pressed = True
            if not name or (field["type"] in ("checkbox", "radio") and "checked" not in field):
                continue
            if field["type"] == "password":
                value = TOLD["password"]
            elif field["type"] == "email" or name == "login" or "username" in field.get("autocomplete", ""):
                value = TOLD["email"] if field["type"] != "hidden" else value
            values[name] = value
        return urljoin(base, form.get("action", "")), values


metadata = httpx.get(TOLD["issuer"] + "/.well-known/openid-configuration", verify=VERIFY).raise_for_status().json()
assert metadata["issuer"] == TOLD["issuer"]
keys = KeySet.import_key_set(httpx.get(metadata["jwks_uri"], verify=VERIFY).raise_for_status().json())
person = Person()
client = OAuth2Client(
    TOLD["client_id"],
    TOLD["client_secret"],
    scope="openid profile email offline_access",
    redirect_uri=TOLD["redirect_uri"],
    code_challenge_method="S256",
    verify=VERIFY,
    timeout=20,
)


def request(**more) -> dict:
    """One request and its answer at the client: the token response with the claims of its ID token."""
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    url, state = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **more
    )
    back = person.go(url)
    token = client.fetch_token(metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
    return dict(token) | {"claims": claims(token, nonce)}


def claims(token: dict, nonce: str | None = None) -> dict:
    """The claims of an ID token, verified with the published keys."""
    decoded = jwt.decode(token["id_token"], keys, algorithms=metadata["id_token_signing_alg_values_supported"])
    registry = {"iss": {"value": metadata["issuer"]}, "aud": {"value": TOLD["client_id"]}}
    params = {"access_token": token["access_token"], "client_id": TOLD["client_id"]} | ({"nonce": nonce} if nonce else {})
    CodeIDToken(decoded.claims, decoded.header, registry, params).validate()
    return decoded.claims


def userinfo(token: dict) -> httpx.Response:
    """What the provider says about whoever the token is for."""
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    return httpx.get(metadata["userinfo_endpoint"], headers=bearer, verify=VERIFY, timeout=20)


def introspect(token: dict) -> dict:
    """What the provider says about the token."""
    answer = client.introspect_token(metadata["introspection_endpoint"], token=token["access_token"])
    return answer.raise_for_status().json()


first = request(prompt="consent")
sub = first["claims"]["sub"]
told = userinfo(first).raise_for_status().json()
assert told["sub"] == sub
assert introspect(first)["active"] is True

second = client.refresh_token(metadata["token_endpoint"], refresh_token=first["refresh_token"])
assert second["access_token"] != first["access_token"]
assert claims(second)["sub"] == sub
introspected = introspect(second)

client.scope = "openid"
silent = request(prompt="none")
assert silent["claims"]["sub"] == sub

refresh_token = second.get("refresh_token", first["refresh_token"])
answer = client.revoke_token(metadata["revocation_endpoint"], token=refresh_token, token_type_hint="refresh_token")
answer.raise_for_status()
after = {"active": introspect(second)["active"], "userinfo": userinfo(second).status_code}

state = secrets.token_urlsafe(16)
query = {"id_token_hint": silent["id_token"], "post_logout_redirect_uri": TOLD["post_logout_redirect_uri"], "state": state}
left = person.go(f"{metadata['end_session_endpoint']}?{urlencode(query)}")
assert parse_qs(urlsplit(left).query)["state"] == [state], left
url, _ = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier="v" * 43, prompt="none")
signed_out = parse_qs(urlsplit(person.go(url)).query).get("error", ["still signed in"])[0]
ended = introspect(silent)["active"]

seen = {"sub": sub, "email": told.get("email"), "name": told.get("name"), "scopes": first["scope"]}
print(json.dumps(seen | {"introspected": introspected, "after": after, "signed_out": signed_out, "ended": ended}))
