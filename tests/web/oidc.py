"""A provider of OpenID Connect on loopback, and the real server that asks it who somebody is."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from tests.browser.serving import ROOT, serving

SECRET = "a-cookie-secret-of-some-length-0123"
CLIENT_SECRET = "client-s3cret"


class Provider:
    """A provider of OpenID Connect that lets everybody in."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.nonce = ""

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self.metadata),
            Route("/authorize", self.authorize),
            Route("/token", self.token, methods=["POST"]),
            Route("/keys", self.keys),
        ]

    async def metadata(self, request: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": self.root,
                "authorization_endpoint": f"{self.root}/authorize",
                "token_endpoint": f"{self.root}/token",
                "jwks_uri": f"{self.root}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def authorize(self, request: Request) -> RedirectResponse:
        parameters = request.query_params
        self.nonce = parameters["nonce"]
        return RedirectResponse(f"{parameters['redirect_uri']}?code=abc&state={parameters['state']}")

    async def token(self, request: Request) -> JSONResponse:
        now = int(time.time())
        claims = {"iss": self.root, "sub": "jane", "aud": "chexview", "iat": now, "exp": now + 60, "nonce": self.nonce}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return JSONResponse({"access_token": "x", "id_token": signed, "token_type": "Bearer", "expires_in": 60})

    async def keys(self, request: Request) -> JSONResponse:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})


@contextmanager
def providing() -> Iterator[Provider]:
    """A provider on a free port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        found = Provider(listening.getsockname()[1])
        server = uvicorn.Server(uvicorn.Config(Starlette(routes=found.routes()), log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield found
        server.should_exit = server.force_exit = True
        thread.join(10)


@contextmanager
def guarded_server(folder: Path, home: Path, provider: Provider) -> Iterator[str]:
    """The address of the application with a login by ``provider``; its log, ``server.log``, must hold no secret and no name."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text((ROOT / ".streamlit" / "config.toml").read_text())
    (folder / ".streamlit" / "secrets.toml").write_text(
        f"""[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "chexview"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{provider.root}/.well-known/openid-configuration"
"""
    )
    settings = {"CHEXVIEW_HOME": str(home), "PYTHONPATH": str(ROOT)}
    log = folder / "server.log"
    with serving(log, settings, str(ROOT / "app.py"), folder=folder) as address:
        yield address
    said = log.read_text()
    assert "Traceback" not in said
    assert not any(secret in said for secret in (SECRET, CLIENT_SECRET, "jane"))
