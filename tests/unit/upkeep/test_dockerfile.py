"""The Dockerfile against the rules that a linter would hold it to."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]


def instructions() -> list[tuple[str, str]]:
    """(instruction, arguments) in order; continued lines are one."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    return [(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


STEPS = instructions()
LAST_STAGE = STEPS[max(place for place, (word, _) in enumerate(STEPS) if word == "FROM") :]


def arguments(word: str, steps: list[tuple[str, str]] = STEPS) -> list[str]:
    return [rest for found, rest in steps if found == word]


def test_both_stages_stand_on_one_pinned_python() -> None:
    (version,) = [rest for rest in arguments("ARG") if rest.startswith("PYTHON=")]
    assert re.fullmatch(r"PYTHON=3\.11\.\d+-slim-\w+", version)
    assert arguments("FROM") == ["python:${PYTHON} AS build", "python:${PYTHON}"]


def test_the_image_runs_as_the_user_that_the_services_name() -> None:
    assert arguments("USER", LAST_STAGE) == ["10001:10001"]
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert services["ui"]["user"] == "10001:10001"
    assert any("--uid 10001 --gid 10001" in rest for rest in arguments("RUN", LAST_STAGE))
    words = [word for word, _ in LAST_STAGE]
    assert "RUN" not in words[words.index("USER") :]


def test_every_installation_by_pip_is_constrained() -> None:
    installs = [part for run in arguments("RUN") for part in run.split("&&") if "pip install" in part]
    assert len(installs) == 3
    assert all("--constraint constraints.txt" in part for part in installs)


def test_torch_comes_without_graphics_cards_unless_asked_for() -> None:
    assert "TORCH_INDEX=https://download.pytorch.org/whl/cpu" in arguments("ARG")
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert services["ui"]["build"]["args"]["TORCH_INDEX"].endswith("https://download.pytorch.org/whl/cpu}")


def test_packages_are_installed_before_the_code_is_copied() -> None:
    places = {rest: place for place, (_, rest) in enumerate(STEPS)}
    code = min(places[folder] for folder in ("db db", "training training", "workbench workbench"))
    packages = next(place for rest, place in places.items() if "--requirement needed.txt" in rest)
    assert places["constraints.txt pyproject.toml ./"] < packages < code


def test_every_package_of_the_project_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {f"{name} {name}" for name in wheel["packages"]} <= set(arguments("COPY"))


def test_nothing_is_left_of_the_package_lists_and_no_compiler_comes_along() -> None:
    (install,) = [run for run in arguments("RUN", LAST_STAGE) if "apt-get" in run]
    assert "--no-install-recommends" in install
    assert install.endswith("rm -rf /var/lib/apt/lists/*")
    assert not re.search(r"gcc|g\+\+|build-essential|-dev\b|git", install)
    assert arguments("COPY", LAST_STAGE) == ["--from=build /opt/workbench /opt/workbench"]


def test_the_postgres_tools_are_not_older_than_the_server() -> None:
    (client,) = [rest.partition("=")[2] for rest in arguments("ARG") if rest.startswith("POSTGRES_CLIENT=")]
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    server = re.fullmatch(r"postgres:(\d+)\..*", services["postgres"]["image"])
    assert server is not None
    assert int(client) >= int(server[1])


@pytest.mark.parametrize("word", ["CMD", "HEALTHCHECK"])
def test_commands_need_no_shell(word: str) -> None:
    (rest,) = arguments(word)
    command = json.loads(rest[rest.index("[") :])
    assert command[0] in ("workbench", "python")


def test_nothing_is_fetched_by_add_and_no_secret_is_an_argument() -> None:
    assert not arguments("ADD")
    named = " ".join(arguments("ARG") + arguments("ENV"))
    assert not re.search(r"password|secret|token|api_key", named, re.IGNORECASE)


def test_the_builder_gets_only_what_the_image_is_made_from() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    copied = {name for rest in arguments("COPY") if "--from" not in rest for name in rest.split()[:-1]}
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied
