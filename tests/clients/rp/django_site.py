"""A Django site that signs in with django-allauth or with social-auth: the first argument says with which."""

import json
import os
import sys
import tempfile
from socketserver import ThreadingMixIn
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIServer, make_server

import django
from django.conf import settings

TOLD = json.loads(os.environ["TOLD"])
SCOPES = ["openid", "profile", "email", "offline_access"]
FOLDER = tempfile.TemporaryDirectory()
ALLAUTH = {
    "apps": ["allauth", "allauth.account", "allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"],
    "middleware": ["allauth.account.middleware.AccountMiddleware"],
    "backend": "allauth.account.auth_backends.AuthenticationBackend",
}
SOCIAL = {
    "apps": ["social_django"],
    "middleware": ["social_django.middleware.SocialAuthExceptionMiddleware"],
    "backend": "social_core.backends.open_id_connect.OpenIdConnectAuth",
}
LIBRARY = {"allauth": ALLAUTH, "social": SOCIAL}[sys.argv[1]]

settings.configure(
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER.name + "/site.db"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", *LIBRARY["apps"]],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        *LIBRARY["middleware"],
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    AUTHENTICATION_BACKENDS=[LIBRARY["backend"]],
    # What goes wrong is printed.
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"stderr": {"class": "logging.StreamHandler"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
    },
    LOGIN_REDIRECT_URL="/whoami",
    LOGIN_ERROR_URL="/refused",
    # django-allauth, without the mail that it sends when the provider does not vouch for the address
    ACCOUNT_EMAIL_VERIFICATION="none",
    SOCIALACCOUNT_STORE_TOKENS=True,
    SOCIALACCOUNT_LOGIN_ON_GET=True,
    SOCIALACCOUNT_AUTO_SIGNUP=True,
    SOCIALACCOUNT_PROVIDERS={
        "openid_connect": {
            "SCOPE": SCOPES,
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "ours",
                    "name": "Ours",
                    "client_id": TOLD["client_id"],
                    "secret": TOLD["client_secret"],
                    "settings": {"server_url": TOLD["issuer"]},
                }
            ],
        }
    },
    # social-auth
    SOCIAL_AUTH_OIDC_OIDC_ENDPOINT=TOLD["issuer"],
    SOCIAL_AUTH_OIDC_KEY=TOLD["client_id"],
    SOCIAL_AUTH_OIDC_SECRET=TOLD["client_secret"],
    SOCIAL_AUTH_OIDC_SCOPE=SCOPES,
    SOCIAL_AUTH_OIDC_USE_PKCE=True,
    SOCIAL_AUTH_OIDC_EXTRA_DATA=["sub", "email", "name"],
)
django.setup()

from django.contrib.auth import logout  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402


def allauth_account(user):
    from allauth.socialaccount.models import SocialToken

    token = SocialToken.objects.get(account__user=user)
    return {"userinfo": token.account.extra_data["userinfo"], "access_token": token.token}


def social_account(user, refresh=False):
    from social_django.utils import load_strategy

    account = user.social_auth.get()
    if refresh:
        account.refresh_token(load_strategy())
    kept = account.extra_data
    return {"userinfo": {name: kept[name] for name in ("sub", "email", "name")}, "access_token": kept["access_token"]}


ACCOUNT = {"allauth": allauth_account, "social": social_account}[sys.argv[1]]


def whoami(request):
    return JsonResponse(ACCOUNT(request.user)) if request.user.is_authenticated else HttpResponse("nobody", status=401)


def refresh(request):
    return JsonResponse(social_account(request.user, refresh=True))


def bye(request):
    """Neither library knows how to sign out at the provider: the site does it without a hint, as their users do."""
    logout(request)
    query = urlencode({"client_id": TOLD["client_id"], "post_logout_redirect_uri": TOLD["origin"] + "/left"})
    return HttpResponseRedirect(TOLD["end_session_endpoint"] + "?" + query)


def library_urls():
    if LIBRARY is ALLAUTH:
        return [path("accounts/", include("allauth.urls"))]
    from social_core.actions import do_auth
    from social_django.utils import psa

    # Its own view takes a form only; this begins the same by a link.
    begin = psa("social:complete")(lambda request, backend: do_auth(request.backend))
    return [path("login", begin, {"backend": "oidc"}), path("", include("social_django.urls", namespace="social"))]


urlpatterns = [
    path("whoami", whoami),
    path("refresh", refresh),
    path("bye", bye),
    path("left", lambda request: HttpResponse("signed out")),
    path("refused", lambda request: HttpResponse("refused", status=403)),
    *library_urls(),
]


class Threads(ThreadingMixIn, WSGIServer):
    """A browser may hold a connection while it opens another."""

    daemon_threads = True


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    make_server("127.0.0.1", TOLD["port"], get_wsgi_application(), server_class=Threads).serve_forever()
