"""The wheel, installed elsewhere; the lock files; the licences of what is installed."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.browser.serving import ROOT, serving

FILM = ROOT / "chexview" / "bundled" / "films" / "00021782_018.png"
LOCKED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+))? *(?P<more>\\?)")
GPL = re.compile(r"\bA?GPL|(?<!lesser )(?<!library or lesser )general public licen[cs]e", re.IGNORECASE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel was installed; what it depends on stays in the environment."""
    folder = tmp_path_factory.mktemp("elsewhere")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    building = ["wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([*pip, *building], check=True, cwd=folder, timeout=300)
    (wheel,) = folder.glob("chexview-*.whl")
    target = folder / "site"
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--target", str(target), str(wheel)], check=True, timeout=300
    )
    return target


@pytest.fixture
def elsewhere(site: Path) -> dict[str, str]:
    """An environment in which only the wheel's packages are found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEXVIEW_", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(site), "CHEXVIEW_HOME": str(site / "none")}


def test_the_wheel_holds_what_the_package_needs(site: Path) -> None:
    for name in (
        "chexview/py.typed",
        "chexview/pages/main.py",
        "chexview/pages/evaluate.css",
        "chexview/application/app.py",
        "chexview/application/.streamlit/config.toml",
        "train/py.typed",
    ):
        assert (site / name).is_file(), name
    for folder in ("bundled/checkpoints", "bundled/runs", "bundled/films", "bundled/input_check", "viewer/assets"):
        own = {file.relative_to(ROOT) for file in (ROOT / "chexview" / folder).rglob("*") if file.is_file()}
        assert own
        assert all((site / file).is_file() for file in own)
    assert not (site / "tests").exists()
    assert (site / "chexview/application/app.py").read_bytes() == (ROOT / "app.py").read_bytes()


def test_the_installed_command_reads_a_film(site: Path, elsewhere: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, str(site / "bin" / "chexview"), "read", str(FILM)]
    done = subprocess.run(command, env=elsewhere, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert len(record["findings"]) == 14
    assert "refused" not in record


def test_the_installed_package_is_imported_from_the_wheel(
    site: Path, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    program = "import chexview, train; print(chexview.__file__, train.__file__)"
    done = subprocess.run([sys.executable, "-c", program], env=elsewhere, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.count(str(site)) == 2


def test_the_installed_command_starts_the_pages(site: Path, elsewhere: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, str(site / "bin" / "chexview"), "app", "--headless"]
    own = {name: elsewhere[name] for name in ("PYTHONPATH", "CHEXVIEW_HOME")}
    with serving(tmp_path / "server.log", own, command=command, folder=tmp_path) as address:
        page = httpx.get(address)
        assert "<title>CheXView</title>" in page.text
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert httpx.get(address, headers={"host": "evil.example"}).status_code == 403
    assert "Traceback" not in (tmp_path / "server.log").read_text()


def locked(file: str) -> Iterator[tuple[str, str, Requirement, int]]:
    """Name, version, the line as a requirement, and how many hashes it has, for each package in a lock file."""
    entries = re.split(r"\n(?=\S)", (ROOT / file).read_text())
    for entry in entries:
        if entry.startswith("#"):
            continue
        found = LOCKED.match(entry)
        assert found, entry.splitlines()[0]
        marker = f" ; {found['marker']}" if found["marker"] else ""
        hashes = len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry))
        yield (
            canonicalize_name(found["name"]),
            found["version"],
            Requirement(f"{found['name']}=={found['version']}{marker}"),
            hashes,
        )


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_package_has_hashes_and_no_address(file: str) -> None:
    packages = list(locked(file))
    assert len(packages) > 80
    assert all(hashes for _, _, _, hashes in packages)
    assert not re.search(r"https?:|--index|--find-links|--trusted", (ROOT / file).read_text())


def project() -> dict[str, list[str]]:
    """The requirements that pyproject.toml declares: "" for the package's own, the others by extra."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {"": declared["dependencies"], **declared["optional-dependencies"]}


@pytest.mark.parametrize(
    ("file", "extras"),
    [
        ("requirements.txt", ("", "app", "login", "pacs", "train")),
        ("requirements-dev.txt", ("", "app", "cluster", "login", "pacs", "train", "dev")),
    ],
)
def test_the_lock_files_fit_what_the_project_declares(file: str, extras: tuple[str, ...]) -> None:
    """Each declared requirement, and each of a locked package's own that holds here, is locked at a version that fits."""
    versions = {
        name: version for name, version, line, _ in locked(file) if line.marker is None or line.marker.evaluate()
    }
    wanted = [Requirement(text) for extra in extras for text in project()[extra]]
    seen = set()
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        if name == "chexview" or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        assert requirement.specifier.contains(versions[name], prereleases=True), requirement
        if (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        for text in importlib.metadata.requires(name) or ():
            inner = Requirement(text)
            if inner.marker is None or any(inner.marker.evaluate({"extra": e}) for e in ("", *requirement.extras)):
                inner.marker = None
                wanted.append(inner)
    assert len({name for name, _ in seen}) > 60


def test_both_lock_files_agree() -> None:
    run = {name: (version, str(line)) for name, version, line, _ in locked("requirements.txt")}
    dev = {name: (version, str(line)) for name, version, line, _ in locked("requirements-dev.txt")}
    assert run.items() <= dev.items()


def licences(name: str) -> str:
    """All that a distribution says of its licence."""
    about = importlib.metadata.metadata(name)
    classifiers = [line for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    short = [line for line in (about.get("License") or "").splitlines() if line.strip()][:3]
    return "; ".join([about.get("License-Expression") or "", *short, *classifiers])


def test_nothing_that_is_installed_at_run_time_is_gpl() -> None:
    names = [name for name, _, line, _ in locked("requirements.txt") if line.marker is None or line.marker.evaluate()]
    said = {name: licences(name) for name in names}
    assert len(said) > 60
    assert {name: licence for name, licence in said.items() if GPL.search(licence)} == {}
    silent = {name for name, licence in said.items() if not licence.strip("; ")}
    assert silent <= {"cuda-toolkit"}  # an empty package that names NVIDIA's others


@pytest.mark.parametrize("text", ["GPL-3.0-only", "AGPL-3.0", "GNU General Public License v3", "GNU Affero GPL"])
def test_the_licence_test_knows_the_gpl(text: str) -> None:
    assert GPL.search(text)
    assert not GPL.search("Apache-2.0; BSD-3-Clause; MPL-2.0; LGPL-2.1")
