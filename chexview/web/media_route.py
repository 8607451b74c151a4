"""The route that serves what the store keeps, to its owner alone."""

import logging

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chexview.web.media_store import PATH, STORE
from chexview.web.security_headers import COOKIE


async def media_route(request: Request) -> Response:
    """The picture or table under the address's token; 404 where the token is unknown or another browser's."""
    item = STORE.get(request.path_params["token"], request.cookies.get(COOKIE, ""))
    if item is None:
        return PlainTextResponse("There is no such film.", status_code=404)
    response = Response(item.data, media_type=item.media_type)
    if item.file_name:
        response.headers["Content-Disposition"] = f'attachment; filename="{item.file_name}"'
    if item.encoding:
        response.headers["Content-Encoding"] = item.encoding
    return response


class HideMediaAddresses(logging.Filter):
    """Keeps the addresses of films out of a server's access log (Streamlit's own server writes none)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a line that speaks of a film's address."""
        return f"{PATH}/" not in record.getMessage()
