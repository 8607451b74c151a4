"""What an administrator is given: the settings' table, the table of what is kept, the container files."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

from chexview.text import kept_data

ROOT = Path(__file__).resolve().parents[1]
DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_the_table_names_every_setting_and_no_other() -> None:
    documented = re.findall(r"^\| `(CHEXVIEW_\w+)` \|", DEPLOYMENT, re.MULTILINE)
    known = set(re.findall(r"CHEXVIEW_[A-Z_]*[A-Z]", (ROOT / "chexview" / "settings.py").read_text()))
    known -= {"CHEXVIEW_PACS"}  # the beginning of a name that is put together
    assert len(documented) == len(set(documented)) > 12
    assert set(documented) == known
    used = {
        name
        for file in (ROOT / "chexview").rglob("*.py")
        for name in re.findall(r"environ[^\n]*[\"'](CHEXVIEW_\w+)[\"']", file.read_text())
    }
    assert used <= set(documented)


def test_readme_names_only_settings_that_there_are() -> None:
    documented = set(re.findall(r"^\| `(CHEXVIEW_\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert documented and documented <= set(re.findall(r"^\| `(CHEXVIEW_\w+)` \|", DEPLOYMENT, re.MULTILINE))


def test_the_table_of_what_is_kept_is_the_pages_own() -> None:
    lines = [f"| {' | '.join(row)} |" for row in (kept_data.HEADINGS, *kept_data.rows())]
    assert all(line in DEPLOYMENT for line in lines)


def test_the_container_runs_as_nobody_in_particular_and_says_that_it_lives() -> None:
    orders = re.findall(r"^([A-Z]+) (.*)$", DOCKERFILE, re.MULTILINE)
    users = [value for order, value in orders if order == "USER"]
    assert users == ["10001"]
    after = DOCKERFILE.partition("USER 10001")[2]
    assert "\nRUN" not in after and "HEALTHCHECK" in after and "/_stcore/health" in after
    assert re.search(r"^ARG DEVICE=cpu$", DOCKERFILE, re.MULTILINE)
    assert not re.search(r"secret|password|token", DOCKERFILE, re.IGNORECASE)
    assert [value for order, value in orders if order == "CMD"] == ['["python", "-m", "streamlit", "run", "app.py"]']
    copied = [value.split()[0] for order, value in orders if order == "COPY"]
    assert all((ROOT / name).exists() for name in copied)
    let_in = {
        line[1:].split("/")[0] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    assert {name.split("/")[0] for name in copied} == let_in


def test_the_image_gets_every_locked_package_for_both_devices() -> None:
    names = set(re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    left_out = re.search(r"!~ /\^\((.*?)\)==/", DOCKERFILE)
    assert left_out
    gone = {name for name in names if re.match(rf"({left_out[1]})$", name)}
    assert {"torch", "torchvision"} <= gone
    assert all(name.startswith(("torch", "triton", "nvidia-", "cuda-")) for name in gone)
    assert {"streamlit", "pydicom", "dicomweb-client", "authlib", "torchmetrics"} <= names - gone


def test_orthanc_is_reached_by_chexview_alone_and_secrets_are_files() -> None:
    services = COMPOSE["services"]
    assert "ports" not in services["orthanc"] and services["orthanc"]["networks"] == ["films"]
    assert COMPOSE["networks"]["films"]["internal"] is True
    assert all(port.startswith("127.0.0.1:") for port in services["chexview"]["ports"])
    environment = services["chexview"]["environment"]
    assert not any(name.endswith(("PASSWORD", "TOKEN")) for name in environment)
    assert environment["CHEXVIEW_PACS_PASSWORD_FILE"] == "/run/secrets/pacs_password"
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./deploy/secrets/") and not (ROOT / secret["file"]).exists()
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text()
    assert ":" in services["orthanc"]["image"] and not services["orthanc"]["image"].endswith(":latest")
    orthanc = json.loads((ROOT / "deploy" / "orthanc.json").read_text())
    assert orthanc["AuthenticationEnabled"] and not orthanc["DicomServerEnabled"] and "RegisteredUsers" not in orthanc
    assert environment["CHEXVIEW_PACS_URL"].endswith(f":{orthanc['HttpPort']}{orthanc['DicomWeb']['Root'].rstrip('/')}")


def test_the_example_of_a_login_is_toml() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", DEPLOYMENT, re.DOTALL)
    assert set(tomllib.loads(example)["auth"]) >= {"redirect_uri", "cookie_secret", "client_id", "server_metadata_url"}
