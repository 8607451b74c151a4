"""Every environment variable CheXView listens to, in one place.

``CHEXVIEW_HOME``        the user's own folder: ``checkpoints/`` and ``runs/`` in it are listed beside the bundled ones,
                         ``studies/`` holds reader studies
``CHEXVIEW_CHECKPOINT``  the name of the checkpoint to start with (default: the bundled one)
``CHEXVIEW_DEVICE``      ``cpu`` or ``cuda`` (default: CUDA where there is one)
``CHEXVIEW_PRECISION``   ``full`` (default) or ``half``: convolutions in 16 bits, for many films on CUDA
``CHEXVIEW_IMAGES``      where the films of validation runs lie: folders, zips, tars, separated as in PATH
``CHEXVIEW_DECODERS``    how many decoding processes are kept warm, 1 to 16 (default: 2)
``CHEXVIEW_HOSTS``       names beside localhost that the server answers to, separated by commas, without ports
``CHEXVIEW_AUDIT``       the file of the audit log (default: none is written)

A PACS, which is spoken to only where its address is set:

``CHEXVIEW_PACS_URL``        the root of its DICOMweb services, such as ``https://pacs.example.org/dicom-web``
``CHEXVIEW_PACS_USER``       the user's name there
``CHEXVIEW_PACS_PASSWORD``   the user's password, or
``CHEXVIEW_PACS_TOKEN``      a bearer token in its place
``CHEXVIEW_PACS_CA``         a file of certificates by which the server's is judged (default: those that ship with requests)
``CHEXVIEW_PACS_SECONDS``    how long one request may take, 1 to 600 (default: 20)

A password and a token may also be named by the files that hold them, as container secrets do:
``CHEXVIEW_PACS_PASSWORD_FILE`` and ``CHEXVIEW_PACS_TOKEN_FILE``.
"""

import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chexview.errors import SettingsError, UsageError

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
        """The bundled archive of small copies of NIH's sharp test films, WebP of 256 x 256 pixels."""
        return BUNDLED / "films" / "test-films.zip"


def audit_log() -> Path | None:
    """The file of the audit log, or None."""
    path = os.environ.get("CHEXVIEW_AUDIT")
    return Path(path).expanduser() if path else None


@dataclass(frozen=True, slots=True, repr=False)
class PacsSettings:
    """Which PACS is spoken to, and as whom. ``address`` is the root of its DICOMweb services, without a last slash.

    ``user`` is "" without a user; ``token`` is "" without a token. ``seconds`` is what one request may take.
    """

    address: str
    user: str = ""
    password: str = ""
    token: str = ""
    certificates: Path | None = None
    seconds: float = 20.0

    @property
    def host(self) -> str:
        """The server's name and port, for people."""
        return urlsplit(self.address).netloc

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.address.startswith("https:")

    def __repr__(self) -> str:
        return f"PacsSettings({self.host})"


def pacs() -> PacsSettings | None:
    """The PACS that the environment names, or None. Raises SettingsError, which never holds a secret."""
    address = (os.environ.get("CHEXVIEW_PACS_URL") or "").rstrip("/")
    if not address:
        return None
    try:
        parts = urlsplit(address)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or parts.username is not None or parts.query or parts.fragment or not address.isascii():
        raise SettingsError(
            "CHEXVIEW_PACS_URL must be an address such as https://pacs.example.org/dicom-web, without a user or password in it."
        )
    user, password, token = os.environ.get("CHEXVIEW_PACS_USER", ""), _secret("PASSWORD"), _secret("TOKEN")
    if token and (user or password):
        raise SettingsError("CHEXVIEW_PACS_TOKEN takes the place of a user and a password; set one or the other.")
    if bool(user) != bool(password):
        raise SettingsError("CHEXVIEW_PACS_USER and CHEXVIEW_PACS_PASSWORD belong together; set both.")
    seconds = os.environ.get("CHEXVIEW_PACS_SECONDS") or "20"
    if not seconds.isdecimal() or not 1 <= int(seconds) <= 600:
        raise SettingsError("CHEXVIEW_PACS_SECONDS must be a whole number from 1 to 600.")
    certificates = os.environ.get("CHEXVIEW_PACS_CA")
    if certificates and not Path(certificates).is_file():
        raise SettingsError("CHEXVIEW_PACS_CA names a file that is not there.")
    return PacsSettings(
        address, user, password, token, Path(certificates) if certificates else None, float(int(seconds))
    )


def _secret(name: str) -> str:
    """A secret of the PACS, from its variable or from the file that ``_FILE`` names."""
    variable = f"CHEXVIEW_PACS_{name}"
    file = os.environ.get(f"{variable}_FILE")
    value = os.environ.get(variable, "")
    if file and value:
        raise SettingsError(f"{variable} and {variable}_FILE are both set; set one.")
    if file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip("\r\n")
        except (OSError, ValueError):
            raise SettingsError(f"{variable}_FILE names a file that cannot be read.") from None
    if not value.isprintable():
        raise SettingsError(f"{variable} holds characters that no password or token has.")
    return value


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


FOLDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a checkpoint and a run of ``train`` may be called: it becomes a folder."""


def name_to_store(wanted: str | None, file: Path, kind: str) -> str:
    """The name under which what is in ``file`` is stored: the one that is wanted, else the file's own without its endings.

    Raises UsageError where that is no folder's name; ``kind`` says of what, as "a run".
    """
    name = wanted or file.name.split(".")[0]
    if "/" in name or "\\" in name or name.startswith("."):
        raise UsageError(f"{name!r} cannot be the name of {kind}.")
    return name


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
