"""``chexview app``: the pages, started from wherever the package is installed."""

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import TextIO

from chexview.errors import UsageError

PACKAGE = Path(__file__).parent


def main_script() -> Path:
    """The application's script: the wheel's copy, or in a clone the one beside the package."""
    installed = PACKAGE / "application" / "app.py"
    return installed if installed.is_file() else PACKAGE.parent / "app.py"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own parser."""
    app = commands.add_parser("app", help="start the pages and open them in the browser")
    app.add_argument("--port", type=int, default=8501, help="where the server listens (default: 8501)")
    app.add_argument("--headless", action="store_true", help="open no browser")
    app.set_defaults(run=_app)


def _app(arguments: argparse.Namespace, out: TextIO) -> int:
    if importlib.util.find_spec("streamlit") is None:
        raise UsageError("The pages need Streamlit; install it with: pip install 'chexview[app]'")
    script = main_script()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(arguments.port)]
    command += ["--server.headless", str(arguments.headless).lower()]
    if sys.platform == "win32":
        return subprocess.call(command)
    os.execv(sys.executable, command)  # this process becomes the server, so that a signal reaches it
