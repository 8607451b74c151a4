"""Which names this server answers to, checked before anything else sees a request.

A page elsewhere on the web can reach a server on the reader's own machine in two ways. A foreign name whose address was
changed to 127.0.0.1 (DNS rebinding) makes the browser believe that the page and this server are one origin: such a
request has the foreign name as its Host. And a websocket may be opened from any page at all: such a handshake names the
page in Origin (RFC 6455, section 10.2). Streamlit checks Host nowhere by default, and compares an Origin only with a
network's outer address, for which it asks a server outside. So both are checked here.
"""

import ipaddress
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""The names of this machine by which no other machine can be meant."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_POLICY_VIOLATION = 1008
_REFUSED = (
    "This server does not answer to that name, or to pages of another address. "
    "Open it at localhost, or have its administrator add the name to CHEXVIEW_HOSTS."
)


@dataclass(frozen=True, slots=True)
class Address:
    """A host's name in lower case, or its IP address in its one short form, and its port; None if none is given."""

    name: str
    port: int | None


def parse_host(text: str) -> Address | None:
    """What a Host header names (RFC 9110, section 7.2: ``host[:port]``), or None if it is anything else."""
    return _parsed(f"//{text}", text)


def parse_origin(text: str) -> tuple[str, Address] | None:
    """The scheme and address of an Origin header (RFC 6454, section 7), or None for ``null`` and anything else."""
    scheme, separator, rest = text.partition("://")
    address = _parsed(text, rest)
    if not separator or scheme not in _DEFAULT_PORTS or address is None:
        return None
    return scheme, address


def _parsed(url: str, authority: str) -> Address | None:
    if not authority or not authority.isascii() or any(c in authority for c in "/\\?#@, \t\r\n"):
        return None
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.netloc != authority or authority.endswith(":"):
        return None
    name = name.removesuffix(".")
    with suppress(ValueError):
        name = ipaddress.ip_address(name).compressed
    return Address(name, port)


class AllowedHosts:
    """ASGI middleware that lets in requests to a known name, from pages of that same name and port or from no page.

    ``names`` are those an administrator lists beside the loopback names, without ports. A request without Origin comes
    from no page, or is one that a browser lets any page make and no page read (RFC 6454, section 7.3); of the latter,
    only links are followed, as Sec-Fetch-Site and Sec-Fetch-Mode tell (W3C Fetch Metadata).
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self.app = app
        self.names = LOOPBACK | frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or refuses it: 403, and a websocket before its handshake is answered."""
        if scope["type"] not in ("http", "websocket") or self.lets_in(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            response = PlainTextResponse(_REFUSED, status_code=403, headers={"Cache-Control": "no-store"})
            await response(scope, receive, send)

    def lets_in(self, scope: Scope) -> bool:
        """Whether Host names this server and Origin, if there is one, is the same."""
        hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
        if len(hosts) != 1 or len(origins) > 1:
            return False
        host = parse_host(hosts[0])
        if host is None or host.name not in self.names:
            return False
        if not origins:
            return _values(scope, b"sec-fetch-site") in ([], ["none"], ["same-origin"]) or _is_link(scope)
        origin = parse_origin(origins[0])
        return origin is not None and _is_same(host, *origin, own_scheme=_SCHEMES[scope.get("scheme", "http")])


def _is_same(host: Address, scheme: str, origin: Address, own_scheme: str) -> bool:
    """A proxy before this server may end TLS, so that the page's scheme is https where this server's own is http."""
    if own_scheme == "https" and scheme == "http":
        return False
    default = _DEFAULT_PORTS[scheme]
    return host.name == origin.name and (host.port or default) == (origin.port or default)


def _is_link(scope: Scope) -> bool:
    return scope.get("method") in ("GET", "HEAD") and _values(scope, b"sec-fetch-mode") == ["navigate"]


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
