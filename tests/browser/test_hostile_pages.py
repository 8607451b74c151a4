"""Pages of another address, open in the reader's own browser, try to reach the application and get nothing."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

ATTEMPTS = {
    "frame": """
        const f = document.createElement('iframe'); f.src = APP + '/';
        f.onload = () => { let seen = 'blocked'; try { seen = f.contentDocument.title || 'blocked' } catch {} done(seen) };
        f.onerror = () => done('blocked'); document.body.append(f)""",
    "script": """
        const s = document.createElement('script'); s.src = APP + '/_stcore/host-config';
        s.onload = () => done('loaded'); s.onerror = () => done('blocked'); document.body.append(s)""",
    "picture": """
        const i = new Image(); i.onload = () => done('loaded'); i.onerror = () => done('blocked'); i.src = APP + '/film/x'""",
    "fetch": """
        fetch(APP + '/_stcore/health', {credentials: 'include'}).then(a => a.text()).then(done, () => done('blocked'))""",
    "upload": """
        fetch(APP + '/_stcore/upload_file/a/b', {method: 'PUT', body: new FormData(), credentials: 'include'})
            .then(a => done('sent ' + a.status), () => done('blocked'))""",
    "websocket": """
        const w = new WebSocket(APP.replace('http', 'ws') + '/_stcore/stream', ['streamlit']);
        w.onopen = () => done('opened'); w.onerror = () => done('blocked')""",
    "window": """
        const w = window.open(APP + '/');
        setTimeout(() => { let seen = 'blocked'; try { seen = w.document.title || 'blocked' } catch {} done(seen) }, 3000)""",
}


@pytest.fixture(scope="module")
def hostile() -> Iterator[str]:
    """The address of another server on this machine, whose pages each try one thing."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name, _, app = self.path.lstrip("/").partition("?")
            script = f"const APP = {json.dumps(app)}; const done = told => document.title = told; {ATTEMPTS[name]}"
            body = f"<!doctype html><title>waiting</title><body><script>{script}</script>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("attempt", list(ATTEMPTS))
def test_another_page_gets_nothing(browser: Browser, server: str, hostile: str, attempt: str, name: str) -> None:
    """The reader has the application open in the same browser, so that its cookies are there."""
    with browser.new_context() as context:
        own = context.new_page()
        own.goto(server)
        expect(own.get_by_role("heading", name="Read chest radiographs")).to_be_visible()
        page = context.new_page()
        page.goto(f"http://{hostile.replace('127.0.0.1', name)}/{attempt}?{server}")
        page.wait_for_function("document.title !== 'waiting'")
        assert page.title() == "blocked"


def test_the_attempts_would_succeed_against_a_server_that_lets_them(browser: Browser, hostile: str) -> None:
    """So that the test before says something: a page of the hostile server itself reaches it."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"http://{hostile}/window?http://{hostile}/fetch?http://{hostile}/frame?#")
        page.wait_for_function("document.title !== 'waiting'")
        assert page.title() != "blocked"
