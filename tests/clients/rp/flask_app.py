"""A web application with flask-pyoidc, which knows discovery, nonce, refresh and sign-out, and no PKCE."""

import json
import logging
import os

import flask
from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration
from flask_pyoidc.user_session import UserSession

TOLD = json.loads(os.environ["TOLD"])
logging.basicConfig(level=logging.INFO)

app = flask.Flask(__name__)
app.config.update(SECRET_KEY=os.urandom(32), OIDC_REDIRECT_URI=TOLD["origin"] + "/callback")
provider = ProviderConfiguration(
    issuer=TOLD["issuer"],
    client_metadata=ClientMetadata(TOLD["client_id"], TOLD["client_secret"]),
    auth_request_params={"scope": ["openid", "profile", "email", "offline_access"]},
)
auth = OIDCAuthentication({"default": provider}, app)


def shown(session: UserSession) -> flask.Response:
    return flask.jsonify(userinfo=session.userinfo, access_token=session.access_token)


@app.get("/login")
@auth.oidc_auth("default")
def login():
    return flask.redirect("/whoami")


@app.get("/whoami")
def whoami():
    if "current_provider" not in flask.session:
        return "nobody", 401
    session = UserSession(flask.session)
    return shown(session) if session.is_authenticated() else ("nobody", 401)


@app.get("/refresh")
def refresh():
    assert auth.valid_access_token(force_refresh=True)
    return shown(UserSession(flask.session))


@app.get("/bye")
@auth.oidc_logout
def bye():
    return "signed out"


@auth.error_view
def refused(error=None, error_description=None):
    return f"{error}: {error_description}", 400


if __name__ == "__main__":
    app.run("127.0.0.1", TOLD["port"])
