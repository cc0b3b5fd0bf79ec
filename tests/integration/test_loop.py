"""The whole loop once through the public commands, on the bundled sample: every step uses what the one before made."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).parents[2] / "workbench" / "sample"


def run(*command: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == expect, done.stderr[-2000:]
    return done


def workbench(*arguments: str) -> dict[str, Any]:
    return dict(json.loads(run("workbench.cli", *arguments, "--json").stdout))


def retrain(*arguments: str) -> dict[str, Any]:
    return dict(json.loads(run("training.retrain", "--project", "reviews", *arguments, "--json").stdout))


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.timeout(600)
def test_from_files_to_served_predictions_and_back_into_the_queue(home: Path) -> None:
    sample = rows_of(SAMPLE / "reviews.csv")
    half = home / "half.csv"
    with half.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, sample[0])
        writer.writeheader()
        writer.writerows(sample)

    labels = workbench("labels", "reviews", "--set", str(SAMPLE / "labels.yaml"), "--kind", "category")
    assert len(labels["categories"]) == 9
    workbench("settings", "reviews", "blind_share=0.2", "queue_size=100")
    taken = workbench(
        "import", str(half), "--project", "reviews", "--id-column", "id", "--group-column", "sku",
        "--labels-column", "category", "--by", "anna", "--blind",
    )  # fmt: skip
    assert taken["accepted"] == len(sample)
    labelled = sum(bool(row["category"]) for row in sample)
    assert taken["annotations"] == labelled

    first = workbench("propose", "--project", "reviews", "--stages", "keywords,model")
    assert {report["stage"]: report["ran"] for report in first["stages"]} == {"keywords": True, "model": False}
    trained = retrain("--recipe", "tfidf")
    assert (trained["version"], trained["gate"]["verdict"], trained["promoted"]) == ("1", "promote", True)
    assert trained["gate"]["reasons"]
    second = workbench("propose", "--project", "reviews", "--stages", "model")
    assert second["stages"][0]["proposed"] == len(sample)

    queue = workbench("queue", "--project", "reviews", "--size", "10", "--strategy", "margin")["items"]
    assert len(queue) == 10
    assert {item["reason"].split("|")[0] for item in queue} == {"margin", "blind"}
    answers = home / "answers.csv"
    answers.write_text("id,category\n" + "".join(f"{item['id']},одежда\n" for item in queue), encoding="utf-8")
    assert workbench("annotate", str(answers), "--project", "reviews", "--by", "boris")["annotations"] == 10
    after = workbench("queue", "--project", "reviews", "--size", "10")["items"]
    assert not {item["id"] for item in queue} & {item["id"] for item in after}

    again = retrain("--recipe", "tfidf")
    assert again["version"] == "2"
    assert again["snapshot"] != trained["snapshot"]
    frozen = retrain("--recipe", "tfidf", "--snapshot", trained["snapshot"], "--promote", "always")
    assert (frozen["snapshot"], frozen["promoted"]) == (trained["snapshot"], True)
    assert frozen["metrics"]["test_weighted_f1"] == pytest.approx(trained["metrics"]["test_weighted_f1"])

    source, target = home / "new.csv", home / "out.csv"
    source.write_text("n,text\n1,платье село идеально\n2,\n3,чайник течёт\n", encoding="utf-8")
    workbench("predict", str(source), str(target), "--project", "reviews")
    predicted = rows_of(target)
    assert [row["n"] for row in predicted] == ["1", "2", "3"]
    assert predicted[0]["category"] == "одежда"
    assert predicted[1]["category"] == ""

    back = run("workbench.cli", "rollback", "--project", "reviews", "--json")
    assert json.loads(back.stdout)["previous_version"] == frozen["version"]
    forward = workbench("promote", frozen["version"], "--project", "reviews")
    assert (forward["version"], forward["verdict"]) == (frozen["version"], "by hand")
    assert forward["reasons"] == frozen["gate"]["reasons"]
    nowhere = run("workbench.cli", "promote", "99", "--project", "reviews", expect=1)
    assert nowhere.stderr.splitlines()[-1].startswith("error: no version 99 of model 'reviews'")
    unknown = run("workbench.cli", "retrain", "--project", "reviews", "--recipe", "magic", "--background", expect=1)
    assert unknown.stderr.splitlines()[-1].startswith("error: no recipe 'magic'")
    assert workbench("jobs", "--project", "reviews")["jobs"] == []
    exported = workbench("export", "--project", "reviews", "--what", "gold", str(home / "gold.csv"))
    assert exported["rows"] == len({row["id"] for row in sample if row["category"]} | {item["id"] for item in queue})


def test_without_any_label_training_says_what_is_missing(home: Path) -> None:
    file = home / "texts.csv"
    file.write_text("id,text\n1,платье\n2,чайник\n", encoding="utf-8")
    workbench("import", str(file), "--project", "reviews", "--kind", "category", "--id-column", "id")
    done = run("training.retrain", "--project", "reviews", expect=1)
    assert done.stderr.splitlines()[-1] == (
        "error: project 'reviews' has no category labels to train on: label some or import them"
    )
    assert "Traceback" not in done.stderr
    assert not (home / "mlruns").exists()


def test_prediction_without_a_champion_says_how_to_get_one(home: Path) -> None:
    file = home / "texts.csv"
    file.write_text("id,text\n1,платье\n", encoding="utf-8")
    workbench("import", str(file), "--project", "reviews", "--kind", "category", "--id-column", "id")
    done = run("workbench.cli", "predict", str(file), str(home / "out.csv"), "--project", "reviews", expect=1)
    assert "python -m training.retrain --project reviews" in done.stderr
    assert not (home / "out.csv").exists()
