"""A client of an ASGI application without a server, which keeps its cookies as a browser does."""

from typing import Any

import httpx

from tests import event_loop


class Client:
    """``get`` and the cookies so far. (Starlette's own TestClient warns of the httpx that is installed.)"""

    def __init__(self, app: Any, base_url: str = "http://127.0.0.1") -> None:
        self.app, self.base_url = app, base_url
        self.cookies = httpx.Cookies()

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """One request."""

        async def request() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=self.base_url, cookies=self.cookies) as client:
                answer = await client.get(path, headers=headers)
                self.cookies.update(client.cookies)
                return answer

        return event_loop.run(request())
