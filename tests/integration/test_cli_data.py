"""The commands about data, as a script would call them: exit codes, one JSON object, one line of error."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import main


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        (line,) = self.out.splitlines()
        return json.loads(line)


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """`workbench ARGUMENTS` in this process."""

    def workbench(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as caught:
            main()
        return Result(int(caught.value.code or 0), *capfd.readouterr())

    return workbench


@pytest.fixture
def shop(run: Run, home: Path) -> Run:
    """A project of three labelled records."""
    (home / "f.csv").write_text("id,text,label\n1,=юбка,X\n2,кеды,Y\n3,торт,X\n", encoding="utf-8")
    imported = run("import", "f.csv", "-p", "shop", "--kind", "category", "--id-column", "id", *LABELS, "--json")
    assert imported.code == 0, imported.err
    return run


LABELS = ("--labels-column", "label", "--by", "me")


def test_an_import_tells_its_counts_and_its_progress_on_the_right_streams(run: Run, home: Path) -> None:
    (home / "f.csv").write_text("text,label\na,X\n,X\n")
    result = run("import", "f.csv", "--project", "p", "--kind", "category", *LABELS, "--json")
    assert result.code == 0
    assert result.json["accepted"] == 1
    assert result.json["rejected_file"] == "f.csv.rejected.csv"
    progress, note = result.err.splitlines()
    assert json.loads(progress)["done"] == 1.0
    assert note == "1 rows rejected, see f.csv.rejected.csv; the first: line 3: empty text"


def test_without_json_a_person_reads_a_sentence(run: Run, home: Path) -> None:
    (home / "f.csv").write_text("text\na\n")
    result = run("import", "f.csv", "--project", "p", "--kind", "category")
    assert result.out.startswith("1 of 1 rows of f.csv taken into 'p': 1 new records")
    assert result.err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("import", "none.csv", "-p", "p", "--kind", "category"), "none.csv: no such file"),
        (("import", "f.csv", "-p", "p"), "no project 'p'"),
        (("import", "f.csv", "-p", "shop", "--text-column", "body"), "no column 'body'"),
        (("import", "f.csv", "-p", "shop", "--labels-column", "label"), "--by NAME is needed"),
        (("import", "f.csv", "-p", "shop", "--proposal-column", "m"), "--proposal-column 'm'"),
        (("import", "f.csv", "-p", "shop", "--kind", "tags"), "is of kind category, not tags"),
        (("import", "f.csv", "-p", "a/b", "--kind", "tags"), "project name 'a/b'"),
        (("labels", "nobody"), "no project 'nobody'"),
        (("labels", "shop", "--set", "none.yaml"), "none.yaml: No such file"),
        (("labels", "shop", "--set", "twice.yaml"), "two labels named 'A'"),
        (("settings", "shop", "overlap"), "write key=value"),
        (("settings", "shop", "overlap=0"), "setting overlap"),
        (("settings", "shop", "colour=red"), "no setting 'colour'"),
        (("export", "o.csv", "-p", "nobody"), "no project 'nobody'"),
        (("export", "o.csv", "-p", "shop", "--what", "snapshot"), "has no snapshot yet"),
        (("export", "no/o.csv", "-p", "shop"), "cannot be written"),
        (("export", ".", "-p", "shop"), "it is a folder"),
    ],
)
def test_a_users_error_is_exit_1_with_one_line_and_nothing_on_stdout(
    shop: Run, home: Path, arguments: tuple[str, ...], words: str
) -> None:
    (home / "twice.yaml").write_text("categories: [a, A]")
    result = shop(*arguments, "--json")
    assert (result.code, result.out) == (1, "")
    (line,) = result.err.splitlines()
    assert line.startswith("error: ")
    assert words in line


@pytest.mark.parametrize(
    "arguments",
    [
        ("dance",),
        ("import",),
        ("import", "f.csv"),
        ("import", "f.csv", "-p", "p", "--kind", "colour"),
        ("import", "f.csv", "-p", "p", "--as", "guess"),
        ("export", "o", "-p", "p", "--format", "docx"),
        ("export", "o", "-p", "p", "--what", "all"),
        ("projects", "--loud"),
    ],
)
def test_wrong_usage_is_exit_2(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")


def test_labels_are_shown_and_replaced(shop: Run, home: Path) -> None:
    assert [c["name"] for c in shop("labels", "shop", "--json").json["categories"]] == ["X", "Y"]
    (home / "l.yaml").write_text("categories: [X, {name: Y, keywords: [кеды]}, no]", encoding="utf-8")
    assert shop("labels", "shop", "--set", "l.yaml", "--json").json["version"] == 2
    assert shop("labels", "shop", "--set", "l.yaml", "--json").json["version"] == 2
    assert "  no" in shop("labels", "shop").out.splitlines()
    assert shop("labels", "new", "--set", "l.yaml", "--kind", "tags", "--json").json["project"] == "new"


def test_projects_and_settings_are_listed_and_set(shop: Run) -> None:
    assert shop("projects", "--json").json == {"projects": [{"name": "shop", "kind": "category", "records": 3}]}
    changed = shop("settings", "shop", "overlap=2", "stages=llm,keywords", "--json").json
    assert (changed["overlap"], changed["stages"]) == (2, ["llm", "keywords"])
    assert shop("settings", "shop", "blind_share=0.5", "overlap=0").code == 1
    assert shop("settings", "shop", "--json").json["blind_share"] == 0.1


def test_an_export_tells_where_it_went(shop: Run, home: Path) -> None:
    result = shop("export", "o.csv", "--project", "shop", "--json").json
    assert result == {"project": "shop", "what": "gold", "format": "csv", "file": "o.csv", "rows": 3}
    assert (home / "o.csv").read_text(encoding="utf-8").splitlines()[:2] == [
        "id,text,category,tags,annotators,agreement,blind",
        """1,'=юбка,X,,"[""me""]",1.0,False""",
    ]


def test_the_installed_command_does_the_same(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli", "projects", "--json"], capture_output=True, text=True, cwd=home
    )
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, {"projects": []}, "")


def test_an_empty_label_file_does_not_replace_what_is_there(run: Run, home: Path) -> None:
    file = home / "labels.yaml"
    file.write_text("categories: [a, b]\n", encoding="utf-8")
    assert run("labels", "p", "--set", str(file), "--kind", "category").code == 0
    file.write_text("categories: []\n", encoding="utf-8")
    refused = run("labels", "p", "--set", str(file))
    assert refused.code == 1
    assert refused.err == f"error: {file}: it lists neither categories nor tags\n"
