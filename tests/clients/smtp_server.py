"""A mail server for tests. Prints its port, then every mail that it takes as a line of JSON.

Usage: smtp_server.py none|starttls|tls [CERTIFICATE KEY USER PASSWORD]

Mail for refused@… is refused for good, mail for later@… for now; a sender stranger@… is refused. It ends with its standard input.
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Taker:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("stranger@"):
            return "550 5.1.8 no such sender"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 no such user"
        if address.startswith("later@"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        part = lambda kind: mail.get_body((kind,)).get_content()
        headers = {name.lower(): str(value) for name, value in mail.items()}
        seen = {
            "hello": session.host_name,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": headers,
            "text": part("plain"),
            "html": part("html"),
            "tls": session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
            "user": getattr(session.auth_data, "login", b"").decode(),
        }
        print(json.dumps(seen), flush=True)
        return "250 taken"


async def main():
    mode, *more = sys.argv[1:]
    options, context = {}, None
    if mode != "none":
        certificate, key, user, password = more
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        right = LoginPassword(user.encode(), password.encode())

        def check(server, session, envelope, mechanism, data):
            return AuthResult(success=data == right, handled=False, auth_data=data)

        options = {"authenticator": check, "auth_required": True}
        if mode == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        else:
            # Here the channel is under TLS already, which aiosmtpd does not know.
            options |= {"auth_require_tls": False}
    loop = asyncio.get_running_loop()
    wrapped = context if mode == "tls" else None
    server = await loop.create_server(lambda: SMTP(Taker(), **options), "127.0.0.1", 0, ssl=wrapped)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
