"""An identity provider for tests: OpenID Connect on loopback, with a key of its own."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, AUDIENCE = "pages", "cession"
_KEY_NAME = "test"


@dataclass
class Provider:
    """What the provider says, and what it was asked.

    Attributes:
        claims: of the access token, beside issuer, audience and times.
        nonce: replaces the nonce of the identity token, for attacks.
        expires_in: replaces what it says of the access token's lifetime.
    """

    address: str
    claims: dict[str, Any] = field(default_factory=dict)
    nonce: str | None = None
    lifetime: int = 3_600
    expires_in: Any = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )

    def settings(self) -> dict[str, str]:
        """The gateway's environment."""
        return {
            "CESSION_OIDC_ISSUER": self.address,
            "CESSION_OIDC_AUDIENCE": AUDIENCE,
            "CESSION_OIDC_KEYS_URL": f"{self.address}/keys",
            "CESSION_OIDC_CLIENT_ID": CLIENT,
        }

    def token(self, audience: str, **more: Any) -> str:
        """A signed token."""
        now = int(time.time())
        claims = {"iss": self.address, "aud": audience, "sub": "clerk-7", "iat": now}
        claims |= {"exp": now + self.lifetime} | more
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": _KEY_NAME})

    def keys(self) -> dict[str, Any]:
        """The public key (JWKS)."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": _KEY_NAME, "use": "sig", "alg": "RS256"}]}

    def authorized(self, query: dict[str, str]) -> str:
        """Where the browser goes with a code: the person signs in at once."""
        code = hashlib.sha256(query["state"].encode()).hexdigest()
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchanged(self, fields: dict[str, str]) -> dict[str, Any] | None:
        """The tokens for a code, once, to whoever has the verifier."""
        query = self.codes.pop(fields["code"], None)
        if query is None:
            return None
        digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        same = query["redirect_uri"] == fields["redirect_uri"]
        if challenge != query["code_challenge"] or not same:
            return None
        return {
            "access_token": self.token(AUDIENCE, **self.claims),
            "id_token": self.token(CLIENT, nonce=self.nonce or query["nonce"]),
            "token_type": "Bearer",
            "expires_in": self.lifetime if self.expires_in is None else self.expires_in,
        }


@contextmanager
def identity_provider() -> Iterator[Provider]:
    """A provider that runs until the caller is done."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *_: Any) -> None:
            """Says nothing."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/keys":
                self._json(provider.keys())
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorized(query))
                self.end_headers()
            else:
                addresses = {"authorization_endpoint": "/authorize", "token_endpoint": "/token"}
                here = {name: provider.address + path for name, path in addresses.items()}
                self._json({"issuer": provider.address} | here)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {name: values[0] for name, values in parse_qs(body).items()}
            tokens = provider.exchanged(fields)
            self._json(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

        def _json(self, body: dict[str, Any], status: int = 200) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
