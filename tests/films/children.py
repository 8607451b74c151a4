"""Decoding children of our own, which do what a test says with each film."""

import sys
import textwrap

SCRIPT = """
import os, sys, time
sys.stdin, sys.stdout = sys.stdin.buffer, sys.stdout.buffer
from chexview.films import wire
wire.send(sys.stdout, {"ready": True})
while (request := wire.receive(sys.stdin)) is not None:
"""


def child(body: str) -> tuple[str, ...]:
    """The command line of a child of our own; ``body`` runs for each film."""
    return sys.executable, "-P", "-c", SCRIPT + textwrap.indent(textwrap.dedent(body), "    ")
