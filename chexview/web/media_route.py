"""The route that serves what the store keeps, to its owner alone."""

import logging

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chexview import audit, settings
from chexview.audit import Action
from chexview.web.login import logged_in
from chexview.web.media_store import PATH, STORE, DeferredItem, MediaItem
from chexview.web.security_headers import COOKIE


async def media_route(request: Request) -> Response:
    """The picture or table under the address's token; 404 where the token is unknown or another browser's."""
    item = STORE.get(request.path_params["token"], request.cookies.get(COOKIE, ""))
    if item is None:
        return PlainTextResponse("There is no such film.", status_code=404)
    if isinstance(item, DeferredItem):
        item = await run_in_threadpool(item.made)
    background = BackgroundTask(item.served) if item.served is not None else None
    response = Response(item.data, media_type=item.media_type, background=background)
    if item.file_name:
        response.headers["Content-Disposition"] = f'attachment; filename="{item.file_name}"'
        if request.method == "GET":
            _note_saved(request, item)
    if item.encoding:
        response.headers["Content-Encoding"] = item.encoding
    return response


def _note_saved(request: Request, item: MediaItem) -> None:
    """Writes a line a film to the audit log, where one is configured."""
    path = settings.audit_log()
    if path is not None:
        person = logged_in(request.cookies)
        for film in item.films:
            audit.write(path, Action.SAVED, person.mark if person is not None else "", film)


class HideMediaAddresses(logging.Filter):
    """Keeps the addresses of films out of a server's access log (Streamlit's own server writes none)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a line that speaks of a film's address."""
        return f"{PATH}/" not in record.getMessage()
