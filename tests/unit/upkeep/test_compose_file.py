"""docker-compose.yml against the specification's schema, and against rules of our own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values
from pydantic_settings import BaseSettings
from typer.main import get_command

from db.settings import Settings
from workbench.cli.main import app
from workbench.settings import WorkbenchSettings
from workbench.upkeep import health

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docker-compose.yml"
CONFIG: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = CONFIG["services"]
OURS = ("ui", "api", "worker", "mlflow")
# One version, written out: not a branch of versions, and no moving name.
PINNED = re.compile(r"[\w./-]+:(?!latest$)[\w-]*\d[\w.-]*")

every_service = pytest.mark.parametrize("name", SERVICES)
our_service = pytest.mark.parametrize("name", OURS)


def test_the_file_is_what_the_compose_specification_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_part_of_the_workbench_is_a_service_and_the_rest_waits_for_its_profile() -> None:
    assert [name for name, service in SERVICES.items() if "profiles" not in service] == list(OURS)
    assert {name: service["profiles"] for name, service in SERVICES.items() if name not in OURS} == {
        "postgres": ["postgres"],
        "llm": ["llm"],
    }


@every_service
def test_every_image_is_pinned(name: str) -> None:
    assert PINNED.fullmatch(SERVICES[name]["image"]), SERVICES[name]["image"]


@every_service
def test_every_service_says_how_one_sees_that_it_is_well(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "start_period"} <= check.keys()


@every_service
def test_no_service_has_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    user, _, group = service["user"].partition(":")
    assert user.isdecimal()
    assert group.isdecimal()
    assert "0" not in (user, group)
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    for dangerous in ("privileged", "cap_add", "pid", "ipc", "network_mode", "devices"):
        assert dangerous not in service
    assert not any("docker.sock" in volume for volume in service["volumes"])


@every_service
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@every_service
def test_every_service_comes_back_and_is_given_time_to_end(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["stop_grace_period"].endswith("s")


@every_service
def test_every_volume_and_file_that_is_named_exists(name: str) -> None:
    for volume in SERVICES[name]["volumes"]:
        source = volume.split(":")[0]
        if not source.startswith("."):
            assert source in CONFIG["volumes"]
        elif source.endswith(".sql"):
            assert (ROOT / source).is_file()
    for file in SERVICES[name].get("env_file", ()):
        assert (ROOT / file["path"]).is_file() or file["required"] is False
    assert set(SERVICES[name]["networks"]) <= CONFIG["networks"].keys()


@every_service
def test_databases_and_models_cannot_reach_out(name: str) -> None:
    assert CONFIG["networks"]["inside"]["internal"] is True
    if name not in OURS:
        assert SERVICES[name]["networks"] == ["inside"]


@our_service
def test_every_command_is_one_of_ours_and_parses(name: str) -> None:
    program, part, *options = SERVICES[name]["command"]
    assert (program, part) == ("workbench", name)
    group = get_command(app)
    with group.make_context("workbench", [part, *options]) as context:
        found, command, rest = group.resolve_command(context, [part, *options])  # type: ignore[attr-defined]
        command.make_context(found, rest, parent=context)


@our_service
def test_every_health_check_asks_for_the_service_it_stands_under(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"] == ["CMD", "python", "-m", "workbench.upkeep.health", name]
    assert name in health.PARTS


@our_service
def test_all_parts_share_one_home_and_read_the_same_settings(name: str) -> None:
    service = SERVICES[name]
    assert service["volumes"] == [f"home:{service['environment']['WORKBENCH_HOME']}"]
    assert service["env_file"] == [{"path": ".env", "required": False}]


def test_a_service_published_on_a_port_listens_on_it() -> None:
    for name in ("ui", "api", "mlflow"):
        (port,) = SERVICES[name]["ports"]
        assert port.endswith(f":{SERVICES[name]['environment'][f'WORKBENCH_{name.upper()}_PORT']}")


def test_the_example_of_settings_names_settings_that_there_are() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {line.lstrip("#").partition("=")[0] for line in lines if re.match(r"#?[A-Z_]+=", line)}
    used = set(re.findall(r"\$\{([A-Z_]+)", FILE.read_text(encoding="utf-8")))
    assert named - used - {"COMPOSE_PROFILES"} <= _variables(Settings) | _variables(WorkbenchSettings)


def test_with_the_postgres_profile_both_databases_are_on_that_server(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    wanted = ("#POSTGRES_PASSWORD=", "#WORKBENCH_DATABASE_URL=", "#WORKBENCH_MLFLOW_URI=")
    chosen = [line.lstrip("#") for line in example.splitlines() if line.startswith(wanted)]
    chosen[0] += "secret"
    (tmp_path / ".env").write_text("\n".join(chosen), encoding="utf-8")
    settings = dotenv_values(tmp_path / ".env")
    user = SERVICES["postgres"]["environment"]["POSTGRES_USER"]
    assert settings["WORKBENCH_DATABASE_URL"] == f"postgresql://{user}:secret@postgres:5432/workbench"
    assert settings["WORKBENCH_MLFLOW_URI"] == f"postgresql://{user}:secret@postgres:5432/mlflow"
    assert "CREATE DATABASE mlflow" in (ROOT / "docker" / "mlflow.sql").read_text(encoding="utf-8")


def _variables(settings: type[BaseSettings]) -> set[str]:
    return {f"WORKBENCH_{name.upper()}" for name in settings.model_fields}
