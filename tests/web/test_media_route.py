"""The media route, as a browser meets it."""

import json
import logging
import secrets
from pathlib import Path

import pytest

from chexview.web.media_route import HideMediaAddresses
from chexview.web.media_store import PATH, STORE, DeferredItem, MediaItem
from chexview.web.security_headers import COOKIE
from tests.web.client import Client


def named(client: Client, name: str) -> dict[str, str]:
    return {"cookie": f"{COOKIE}={name}"}


def test_a_film_is_served_to_its_owner_alone(client: Client) -> None:
    token = STORE.put(MediaItem(b"pixels", "image/png"), "anna")
    answer = client.get(f"{PATH}/{token}", headers=named(client, "anna"))
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"pixels", "image/png")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    for headers in (named(client, "bert"), {}):
        refused = client.get(f"{PATH}/{token}", headers=headers)
        assert refused.status_code == 404
        assert b"pixels" not in refused.content
        assert refused.headers["cache-control"] == "no-store"
    STORE.drop(token)
    assert client.get(f"{PATH}/{token}", headers=named(client, "anna")).status_code == 404


def test_an_unknown_token_is_404(client: Client) -> None:
    assert client.get(f"{PATH}/nothing", headers=named(client, "anna")).status_code == 404


def test_tables_are_saved_and_pictures_shown(client: Client) -> None:
    token = STORE.put(MediaItem(b"a,b", "text/csv", "chexview-readings.csv"), "anna")
    answer = client.get(f"{PATH}/{token}", headers=named(client, "anna"))
    assert answer.headers["content-disposition"] == 'attachment; filename="chexview-readings.csv"'
    STORE.drop(token)


def test_a_download_is_in_the_audit_log_a_line_a_film_and_a_picture_is_not(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "audit.jsonl"
    monkeypatch.setenv("CHEXVIEW_AUDIT", str(log))
    films = ("a" * 64, "b" * 64)
    table = STORE.put(DeferredItem(lambda: b"quartz", "text/csv", "quartz.csv", films), "anna")
    picture = STORE.put(MediaItem(b"quartz", "image/png", films=films), "anna")
    assert client.get(f"{PATH}/{picture}", headers=named(client, "anna")).status_code == 200
    assert client.get(f"{PATH}/{table}", headers=named(client, "bert")).status_code == 404
    assert not log.exists()
    assert client.get(f"{PATH}/{table}", headers=named(client, "anna")).status_code == 200
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["action"], line["who"], line["film"]) for line in lines] == [("saved", "", film) for film in films]
    assert not any(word in log.read_text() for word in ("quartz", "anna", table))
    for token in (table, picture):
        STORE.drop(token)


def test_a_table_is_made_when_it_is_saved_and_for_its_owner_alone(client: Client) -> None:
    made: list[str] = []

    def make() -> bytes:
        made.append("once")
        return b"a,b"

    token = STORE.put(DeferredItem(make, "text/csv", "chexview-readings.csv"), "anna")
    assert client.get(f"{PATH}/{token}", headers=named(client, "bert")).status_code == 404
    assert made == []
    answer = client.get(f"{PATH}/{token}", headers=named(client, "anna"))
    assert (answer.content, answer.headers["content-type"].split(";")[0]) == (b"a,b", "text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="chexview-readings.csv"'
    assert made == ["once"]
    STORE.drop(token)


def test_addresses_of_films_stay_out_of_access_logs() -> None:
    def line(path: str) -> logging.LogRecord:
        return logging.LogRecord("uvicorn.access", logging.INFO, "", 0, '%s "GET %s"', ("127.0.0.1", path), None)

    assert not HideMediaAddresses().filter(line(f"{PATH}/abc"))
    assert HideMediaAddresses().filter(line("/evaluate"))


def test_a_hundred_attempts_on_an_address_get_nothing(client: Client) -> None:
    """Guesses, parts, other spellings and other names of the owner."""
    token = STORE.put(MediaItem(b"pixels", "image/png"), "anna")
    own = named(client, "anna")
    guesses = [secrets.token_urlsafe(16) for _ in range(60)]
    parts = [token[:k] for k in range(1, len(token))]
    spelt = [f"{token}{mark}" for mark in ("x", "%20", "%00", ".png", "/", "/x", ";x", "%2f", "=", "\u200b")]
    spelt += [
        token.swapcase(),
        token[::-1],
        f"./../{token[:-1]}",
        f"..%2f{token}",
        f"%2e%2e/{token}",
        f"{token}/..",
        "*",
        "%",
    ]
    strangers = [
        "",
        " ",
        "anna ",
        " anna",
        "ANNA",
        "ann",
        "annaa",
        "anna%00",
        "%61nna",
        "anna,bert",
        "bert",
        "*",
        "a" * 4000,
    ]
    attempts = [(guess, own) for guess in [*guesses, *parts, *spelt]]
    attempts += [(token, named(client, f'"{name}"' if " " in name else name)) for name in strangers]
    attempts += [(token, {}), (token, {"cookie": "anna"}), (token, {"authorization": "anna"})]
    assert len(attempts) >= 100
    for path, headers in attempts:
        answer = Client(client.app).get(f"{PATH}/{path}", headers=headers)
        assert answer.status_code in (404, 307), path
        assert b"pixels" not in answer.content
    assert client.get(f"{PATH}/{token}", headers=own).content == b"pixels"
    STORE.drop(token)
