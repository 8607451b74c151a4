"""``chexview app``: which script it starts, and how."""

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chexview import app_command
from chexview.cli import main

ROOT = Path(__file__).resolve().parents[1]


def test_a_clone_starts_its_own_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert app_command.main_script() == ROOT / "app.py"
    packed = tmp_path / "application" / "app.py"
    packed.parent.mkdir()
    packed.touch()
    monkeypatch.setattr(app_command, "PACKAGE", tmp_path)
    assert app_command.main_script() == packed


def test_it_becomes_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, command: started.append(command))
    monkeypatch.setattr(subprocess, "call", lambda command: started.append(command) or 0)
    app_command._app(argparse.Namespace(port=8700, headless=False), sys.stdout)
    run = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    assert started == [[*run, "--server.port", "8700", "--server.headless", "false"]]


def test_without_streamlit_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["app"]) == 2
    assert "chexview[app]" in capsys.readouterr().err
