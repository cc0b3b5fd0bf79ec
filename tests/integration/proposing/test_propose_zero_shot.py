"""The zero-shot stage on a database, with tiny random models of the real architectures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.engine import reading, writing
from db.errors import UserError
from db.project_settings import set_setting
from db.proposals import iterate_proposals
from db.types import Category, Kind, LabelSet, Project, Stage, Tag
from tests.tiny_models import save_classifier
from workbench.proposing import effort
from workbench.proposing.cascade import run
from workbench.proposing.plan import plan
from workbench.proposing.stage import Lack
from workbench.proposing.stages import Parts
from workbench.settings import WorkbenchSettings

LABELS = LabelSet(
    (Category("одежда", "платья"), Category("обувь")),
    {"одежда": (Tag("Мягкий"), Tag("Тёплый")), "обувь": (Tag("Скользит"),)},
)
TEXTS = ["платье красивое", "туфли", "платье красивое", "a dress"]
Seed = Callable[..., Project]


@pytest.fixture(scope="module")
def nli(tmp_path_factory: pytest.TempPathFactory) -> Path:
    labels = {0: "entailment", 1: "neutral", 2: "contradiction"}
    return save_classifier(tmp_path_factory.mktemp("zero-shot") / "tiny-nli", "xlm-roberta", labels)


def zero_shot(model: Path | str) -> Parts:
    return Parts(
        settings=WorkbenchSettings(zero_shot_model=str(model)),
        champion=lambda project: None,
        embedder=lambda texts: pytest.fail("no embedding here"),
    )


def test_each_distinct_text_is_scored_once_for_categories_and_tags(sqlite: Engine, seeded: Seed, nli: Path) -> None:
    project = seeded(Kind.BOTH, TEXTS, labels=LABELS)
    moves: list[int] = []
    summary = run(
        sqlite, "p", parts=zero_shot(nli), stages=["zero-shot"], progress=lambda done, total, stage: moves.append(done)
    )
    (report,) = summary.stages
    assert (report.proposed, report.asked, report.errors, report.cost) == (4, 3, 0, 0.0)
    assert report.note == "zero-shot: tiny-nli on cpu, by natural language inference"
    assert moves == [0, 4]
    with reading(sqlite) as session:
        proposals = list(iterate_proposals(session, project))
    assert {(p.stage, p.source) for p in proposals} == {(Stage.ZERO_SHOT, "zero-shot:tiny-nli")}
    for proposal in proposals:
        assert proposal.answer.category is not None
        assert sum(proposal.probabilities[name] for name in LABELS.category_names) == pytest.approx(1)
        assert set(proposal.answer.tags or ()) <= set(LABELS.tag_names(proposal.answer.category))
    (again,) = run(sqlite, "p", parts=zero_shot(nli), stages=["zero-shot"]).stages
    assert (again.asked, again.kept) == (0, 4)


def test_a_new_template_asks_anew_and_one_without_a_place_is_refused(sqlite: Engine, seeded: Seed, nli: Path) -> None:
    project = seeded(Kind.CATEGORY, TEXTS, labels=LABELS)
    run(sqlite, "p", parts=zero_shot(nli), stages=["zero-shot"])
    with writing(sqlite) as session:
        set_setting(session, project, "hypothesis_template", "Покупатель пишет про {label}.")
    (report,) = run(sqlite, "p", parts=zero_shot(nli), stages=["zero-shot"]).stages
    assert (report.asked, report.kept) == (3, 0)
    with writing(sqlite) as session, pytest.raises(UserError, match=r"setting hypothesis_template: .*\{label\}"):
        set_setting(session, project, "hypothesis_template", "Этот отзыв про одежду.")


def test_the_stage_comes_between_similarity_and_the_language_model_and_says_how_to_turn_it_on(
    sqlite: Engine, seeded: Seed
) -> None:
    seeded(Kind.CATEGORY, TEXTS, labels=LABELS)
    (report,) = run(sqlite, "p", parts=zero_shot(""), stages=["zero-shot"]).stages
    assert not report.ran
    assert "set WORKBENCH_ZERO_SHOT_MODEL" in report.note
    planned = plan(sqlite, "p", parts=zero_shot(""))
    assert [stage.stage for stage in planned.stages][-2:] == [Stage.ZERO_SHOT, Stage.LLM]


def test_a_model_that_cannot_compare_is_refused_with_the_reason_in_plan_and_run(
    sqlite: Engine, seeded: Seed, tmp_path: Path
) -> None:
    seeded(Kind.CATEGORY, TEXTS, labels=LABELS)
    plain = save_classifier(tmp_path / "xlm-roberta-large", "xlm-roberta", None)
    for line in (
        run(sqlite, "p", parts=zero_shot(plain), stages=["zero-shot"]).lines()[0],
        plan(sqlite, "p", parts=zero_shot(plain), stages=["zero-shot"]).lines()[1],
    ):
        assert line.startswith("zero-shot: ")
        assert "skipped" in line
        assert "has no NLI head: 2 labels (LABEL_0, LABEL_1), none of them entailment" in line
    (stage,) = plan(sqlite, "p", parts=zero_shot(plain), stages=["zero-shot"]).stages
    assert (stage.runs, stage.lack) == (False, Lack.ZERO_SHOT_MODEL)
    with pytest.raises(UserError, match="no model 'no/such-model'"):
        run(sqlite, "p", parts=zero_shot("no/such-model"), stages=["zero-shot"])


def test_a_plan_counts_pairs_and_measures_a_model_that_is_here(sqlite: Engine, seeded: Seed, nli: Path) -> None:
    seeded(Kind.CATEGORY, TEXTS, labels=LABELS)
    measured = plan(sqlite, "p", parts=zero_shot(nli), stages=["zero-shot"], measure=True)
    (stage,) = measured.stages
    assert stage.effort is not None
    assert (stage.effort.pairs, stage.effort.labels, stage.effort.measured, stage.effort.device) == (6, 2, 3, "cpu")
    assert stage.effort.seconds is not None
    assert stage.effort.seconds > 0
    assert measured.lines()[1] == (
        "zero-shot: at most 4 records, free; 3 texts x 2 labels = 6 pairs, under a minute on this CPU, measured on "
        "3 texts"
    )
    estimated = plan(sqlite, "p", parts=zero_shot(nli), stages=["zero-shot"])
    assert "under a minute on this CPU, estimated from the model's size" in estimated.lines()[1]
    assert estimated.as_dict()["slow"] == []


def test_what_would_take_hours_is_warned_of(
    sqlite: Engine, seeded: Seed, nli: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded(Kind.CATEGORY, TEXTS, labels=LABELS)
    monkeypatch.setattr(effort, "matrix_speed", lambda: 500.0)
    planned = plan(sqlite, "p", parts=zero_shot(nli), stages=["zero-shot"])
    assert planned.as_dict()["slow"] == [Stage.ZERO_SHOT]
    last = planned.lines()[-1]
    assert last.startswith("warning: zero-shot would take about ")
    assert last.endswith(" h; a smaller model or a GPU is quicker")


def test_a_head_that_the_weights_lack_is_found_when_the_model_is_loaded(
    sqlite: Engine, seeded: Seed, nli: Path, tmp_path: Path
) -> None:
    seeded(Kind.CATEGORY, TEXTS, labels=LABELS)
    headless = save_classifier(tmp_path / "headless", "xlm-roberta", None)
    (headless / "config.json").write_bytes((nli / "config.json").read_bytes())
    for line in (
        run(sqlite, "p", parts=zero_shot(headless), stages=["zero-shot"]).lines()[0],
        plan(sqlite, "p", parts=zero_shot(headless), stages=["zero-shot"], measure=True).lines()[1],
    ):
        assert "was never trained to classify: its weights lack classifier." in line


def test_a_plan_asks_no_hub_for_a_model_that_is_not_here(sqlite: Engine, seeded: Seed) -> None:
    seeded(Kind.CATEGORY, TEXTS, labels=LABELS)
    (stage,) = plan(sqlite, "p", parts=zero_shot("no/such-model"), stages=["zero-shot"], measure=True).stages
    assert stage.runs
    assert stage.effort is not None
    assert (stage.effort.pairs, stage.effort.seconds) == (6, None)
    assert "the model is not on this machine yet" in stage.note
