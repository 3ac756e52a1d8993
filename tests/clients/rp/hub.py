"""The settings of a JupyterHub that signs in with oauthenticator: `jupyterhub -f hub.py`.

It has no proxy before it and starts no notebooks: the hub's own port is asked.
"""

import json
import os
from urllib.parse import urlencode
from urllib.request import urlopen

from jupyterhub.handlers import BaseHandler
from jupyterhub.proxy import Proxy
from oauthenticator.generic import GenericOAuthenticator

TOLD = json.loads(os.environ["TOLD"])
METADATA = json.load(urlopen(TOLD["issuer"] + "/.well-known/openid-configuration"))


class NoProxy(Proxy):
    """Keeps routes and passes nothing on."""

    should_start = False
    routes: dict = {}

    async def add_route(self, routespec, target, data):
        self.routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec):
        self.routes.pop(routespec, None)

    async def get_all_routes(self):
        return self.routes


class Whoami(BaseHandler):
    """What the authenticator keeps of whoever is signed in."""

    async def get(self):
        user = self.current_user
        if user is None:
            self.set_status(401)
            return self.finish("nobody")
        return self.show(await user.get_auth_state())

    def show(self, state):
        self.finish({"userinfo": state["oauth_user"], "access_token": state["access_token"]})


class Refresh(Whoami):
    """As when the access token has ended: the authenticator sees a refusal at userinfo and uses the refresh token."""

    async def get(self):
        user = self.current_user
        state = await user.get_auth_state()
        await user.save_auth_state(state | {"token_response": state["token_response"] | {"access_token": "over"}})
        model = await self.authenticator.refresh_user(user, self)
        await user.save_auth_state(model["auth_state"])
        self.show(model["auth_state"])


class Left(BaseHandler):
    def get(self):
        self.finish("signed out")


c = get_config()  # noqa: F821
c.JupyterHub.authenticator_class = GenericOAuthenticator
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{TOLD['port']}"
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret = os.urandom(32)
c.JupyterHub.redirect_to_server = False
c.JupyterHub.cleanup_servers = False
c.JupyterHub.extra_handlers = [("/whoami", Whoami), ("/refresh", Refresh), ("/left", Left)]
c.CryptKeeper.keys = [os.urandom(32)]
c.GenericOAuthenticator.enable_auth_state = True
c.GenericOAuthenticator.client_id = TOLD["client_id"]
c.GenericOAuthenticator.client_secret = TOLD["client_secret"]
c.GenericOAuthenticator.oauth_callback_url = TOLD["origin"] + "/hub/oauth_callback"
c.GenericOAuthenticator.authorize_url = METADATA["authorization_endpoint"]
c.GenericOAuthenticator.token_url = METADATA["token_endpoint"]
c.GenericOAuthenticator.userdata_url = METADATA["userinfo_endpoint"]
c.GenericOAuthenticator.scope = ["openid", "profile", "email", "offline_access"]
c.GenericOAuthenticator.username_claim = "email"
c.GenericOAuthenticator.allow_all = True
# The hub does not know the ID token any more: a sign-out by the name of the client.
query = urlencode({"client_id": TOLD["client_id"], "post_logout_redirect_uri": TOLD["origin"] + "/hub/left"})
c.GenericOAuthenticator.logout_redirect_url = METADATA["end_session_endpoint"] + "?" + query
