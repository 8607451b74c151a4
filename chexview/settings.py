"""Every environment variable CheXView listens to, in one place.

``CHEXVIEW_HOME``        the user's own folder: ``checkpoints/`` and ``runs/`` in it are listed beside the bundled ones,
                         ``studies/`` holds reader studies
``CHEXVIEW_CHECKPOINT``  the name of the checkpoint to start with (default: the bundled one)
``CHEXVIEW_DEVICE``      ``cpu`` or ``cuda`` (default: CUDA where there is one)
``CHEXVIEW_PRECISION``   ``full`` (default) or ``half``: convolutions in 16 bits, for many films on CUDA
``CHEXVIEW_IMAGES``      where the films of validation runs lie: folders, zips, tars, separated as in PATH
``CHEXVIEW_DECODERS``    how many decoding processes are kept warm, 1 to 16 (default: 2)
``CHEXVIEW_HOSTS``       names beside localhost that the server answers to, separated by commas, without ports
"""

import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path

from chexview.errors import SettingsError

_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
BUNDLED = Path(__file__).parent / "bundled"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of this process; ``home`` need not exist."""

    home: Path
    checkpoint: str | None
    device: str | None
    decoders: int
    half: bool = False
    images: tuple[Path, ...] = ()

    @property
    def checkpoints(self) -> tuple[Path, ...]:
        """Folders searched for checkpoints, the user's own last."""
        return BUNDLED / "checkpoints", self.home / "checkpoints"

    @property
    def runs(self) -> tuple[Path, ...]:
        """Folders searched for validation runs, the user's own last."""
        return BUNDLED / "runs", self.home / "runs"

    @property
    def references(self) -> tuple[Path, ...]:
        """Folders searched for reference standards, the user's own last."""
        return BUNDLED / "references", self.home / "references"

    @property
    def studies(self) -> Path:
        """The user's folder of reader studies."""
        return self.home / "studies"

    @property
    def input_check(self) -> Path:
        """The folder of the input check."""
        return BUNDLED / "input_check"

    @property
    def films(self) -> Path:
        """The bundled example films."""
        return BUNDLED / "films"

    @property
    def small_copies(self) -> Path:
        """The bundled archive of small copies of NIH's sharp test films, WebP of 224 x 224 pixels."""
        return BUNDLED / "films" / "test-films-224.zip"


def load() -> Settings:
    """Reads the environment afresh. Raises SettingsError, naming the variable, where a value cannot be used."""
    device = os.environ.get("CHEXVIEW_DEVICE") or None
    if device not in (None, "cpu", "cuda"):
        raise SettingsError("CHEXVIEW_DEVICE must be cpu or cuda; leave it unset to use CUDA where there is one.")
    precision = os.environ.get("CHEXVIEW_PRECISION") or "full"
    if precision not in ("full", "half"):
        raise SettingsError("CHEXVIEW_PRECISION must be full or half; leave it unset for full.")
    decoders = os.environ.get("CHEXVIEW_DECODERS") or "2"
    if not decoders.isdecimal() or not 1 <= int(decoders) <= 16:
        raise SettingsError("CHEXVIEW_DECODERS must be a whole number from 1 to 16.")
    home = os.environ.get("CHEXVIEW_HOME")
    return Settings(
        home=Path(home).expanduser() if home else Path.home() / ".chexview",
        checkpoint=os.environ.get("CHEXVIEW_CHECKPOINT") or None,
        device=device,
        decoders=int(decoders),
        half=precision == "half",
        images=tuple(
            Path(part).expanduser() for part in os.environ.get("CHEXVIEW_IMAGES", "").split(os.pathsep) if part
        ),
    )


def allowed_hosts() -> frozenset[str]:
    """The names in CHEXVIEW_HOSTS, in lower case. Raises SettingsError where one is no name and no IP address."""
    return frozenset(
        _host_name(name.strip()) for name in os.environ.get("CHEXVIEW_HOSTS", "").split(",") if name.strip()
    )


def _host_name(text: str) -> str:
    try:
        return ipaddress.ip_address(text.strip("[]")).compressed
    except ValueError:
        name = text.lower().removesuffix(".")
    if not _HOST_NAME.fullmatch(name):
        raise SettingsError(
            "CHEXVIEW_HOSTS must be names such as films.example.org, separated by commas, without ports or wildcards."
        )
    return name
