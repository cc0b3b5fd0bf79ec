from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import reading, writing
from db.errors import UserError
from db.label_sets import save_label_set
from db.project_settings import get_settings, set_setting
from db.projects import create_project
from db.proposals import iterate_proposals, save_proposals
from db.records import add_record
from db.text_keys import blind_hash, in_blind_stream, text_key
from db.types import Annotation, Answer, Category, Kind, LabelSet, Project, Proposal, Stage, Status
from workbench.proposing.cascade import open_task, run
from workbench.proposing.corpus import read_corpus
from workbench.proposing.model import Champion
from workbench.proposing.plan import plan
from workbench.proposing.stages import Parts
from workbench.settings import LlmApi, WorkbenchSettings

Seed = Callable[..., Project]
LABELS = LabelSet((Category("одежда", "", ("платье", "ткань")), Category("обувь", "", ("туфли", "каблук"))))


class Letters:
    """Embeds a text by its letters."""

    def encode(self, texts: Sequence[str]) -> Any:
        rows = np.zeros((len(texts), 32), dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text:
                rows[row, ord(letter) % 32] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    def describe(self) -> str:
        return "embedder: letters"


@dataclass(frozen=True)
class Always:
    """A champion that gives the same answer; notes what it was asked."""

    answer: str
    confidence_of_it: float
    asked: list[str]

    def predict(self, texts: Sequence[str], categories: Sequence[str | None]) -> Always:
        self.asked.extend(texts)
        return self

    def __getattr__(self, name: str) -> Any:
        values = {
            "category": self.answer,
            "confidence": self.confidence_of_it,
            "probabilities": {self.answer: self.confidence_of_it},
            "tags": None,
            "tag_scores": None,
        }
        return [values[name]] * len(self.asked)


def parts(champion: Always | None = None, settings: WorkbenchSettings | None = None) -> Parts:
    promoted = None if champion is None else Champion(name="p", version="1", scorer=champion)
    return Parts(
        settings=settings or WorkbenchSettings(),
        champion=lambda project: promoted,
        embedder=lambda texts: Letters(),
    )


def of_stage(engine: Engine, project: Project) -> dict[str, set[str]]:
    """The stages that proposed for each record, by its number."""
    found: dict[str, set[str]] = {}
    with reading(engine) as session:
        for proposal in iterate_proposals(session, project):
            found.setdefault(str(proposal.record_id), set()).add(proposal.stage.value)
    return found


def test_a_record_stops_at_the_first_stage_that_is_sure_enough(sqlite: Engine, seeded: Seed, stub: Any) -> None:
    project = seeded(Kind.CATEGORY, ["платье, ткань хорошая", "каблук", "доставка"], labels=LABELS)
    with writing(sqlite) as session:
        set_setting(session, project, "stages", "keywords,model,llm")
    champion = Always("обувь", 0.5, [])
    summary = run(sqlite, "p", parts=parts(champion, stub.settings(LlmApi.DECISIONS)))
    assert of_stage(sqlite, project) == {
        "1": {"keywords"},
        "2": {"keywords", "model", "llm"},
        "3": {"model", "llm"},
    }
    assert champion.asked == ["каблук", "доставка"]
    assert [(r.stage.value, r.proposed, r.settled) for r in summary.stages] == [
        ("keywords", 2, 1),
        ("model", 2, 0),
        ("llm", 2, 2),
    ]
    assert (summary.records, summary.settled) == (3, 3)


def test_the_order_and_the_thresholds_are_the_projects(sqlite: Engine, seeded: Seed) -> None:
    project = seeded(Kind.CATEGORY, ["платье, ткань"], labels=LABELS)
    with writing(sqlite) as session:
        set_setting(session, project, "stages", "model,keywords")
        set_setting(session, project, "threshold.model", "0.5")
    summary = run(sqlite, "p", parts=parts(Always("обувь", 0.5, [])))
    assert of_stage(sqlite, project) == {"1": {"model"}}
    assert [r.stage for r in summary.stages] == [Stage.MODEL, Stage.KEYWORDS]
    assert summary.stages[1].records == 0


def test_named_stages_run_on_settled_records_too_in_the_projects_order(sqlite: Engine, seeded: Seed) -> None:
    project = seeded(Kind.CATEGORY, ["платье, ткань"], labels=LABELS)
    summary = run(sqlite, "p", parts=parts(Always("обувь", 0.99, [])), stages=["model", "keywords"])
    assert of_stage(sqlite, project) == {"1": {"keywords", "model"}}
    assert [r.stage for r in summary.stages] == [Stage.KEYWORDS, Stage.MODEL]


def test_stages_that_cannot_run_are_skipped_and_say_why(sqlite: Engine, seeded: Seed) -> None:
    bare = LabelSet((Category("a"), Category("b")))
    seeded(Kind.CATEGORY, ["текст"], labels=bare)
    lines = run(sqlite, "p", parts=parts(), stages=["import", "llm", "zero-shot", "model", "keywords"]).lines()
    assert [line.split(",")[0] for line in lines] == [
        "keywords: skipped",
        "model: skipped",
        "zero-shot: skipped",
        "llm: skipped",
        "import: skipped",
    ]
    for words, line in zip(
        ("keywords yet", "retrain", "WORKBENCH_ZERO_SHOT_MODEL", "WORKBENCH_LLM_BASE_URL", "files"), lines, strict=True
    ):
        assert words in line


def test_an_unknown_stage_and_an_unlabelled_project_are_named(sqlite: Engine, seeded: Seed) -> None:
    seeded(Kind.CATEGORY, ["текст"], labels=LABELS)
    with pytest.raises(UserError, match="--stages: no stage 'gpt'"):
        run(sqlite, "p", parts=parts(), stages=["gpt"])
    with writing(sqlite) as session:
        create_project(session, "bare", Kind.TAGS)
    with pytest.raises(UserError, match="project 'bare' has no tags yet"):
        run(sqlite, "bare", parts=parts())
    with pytest.raises(UserError, match="no project 'none'"):
        run(sqlite, "none", parts=parts())


def test_a_sure_proposal_from_a_file_settles_its_record(sqlite: Engine, seeded: Seed) -> None:
    project = seeded(Kind.CATEGORY, ["платье", "туфли"], labels=LABELS)
    imported = [
        Proposal(record_id=i, stage=Stage.IMPORT, source="team", answer=Answer("одежда"), score=score)
        for i, score in ((1, 0.95), (2, 0.2))
    ]
    with writing(sqlite) as session:
        save_proposals(session, project, imported)
    assert plan(sqlite, "p", parts=parts()).stages[0].records == 1
    summary = run(sqlite, "p", parts=parts())
    assert of_stage(sqlite, project)["1"] == {"import"}
    assert summary.stages[0].records == 1


def test_a_limit_takes_the_first_records(sqlite: Engine, seeded: Seed) -> None:
    project = seeded(Kind.CATEGORY, ["платье", "туфли", "ткань"], labels=LABELS)
    summary = run(sqlite, "p", parts=parts(), stages=["keywords"], limit=2)
    assert set(of_stage(sqlite, project)) == {"1", "2"}
    assert summary.records == 2


def test_new_keywords_propose_anew_beside_what_was_there(sqlite: Engine, seeded: Seed) -> None:
    project = seeded(Kind.CATEGORY, ["платье", "кеды"], labels=LABELS)
    run(sqlite, "p", parts=parts(), stages=["keywords"])
    more = LabelSet((LABELS.categories[0], Category("обувь", "", ("туфли", "кеды"))))
    with writing(sqlite) as session:
        save_label_set(session, project, more)
    report = run(sqlite, "p", parts=parts(), stages=["keywords"]).stages[0]
    assert (report.kept, report.proposed) == (0, 2)


def test_similarity_learns_from_gold_outside_the_blind_stream_only(sqlite: Engine, seeded: Seed) -> None:
    texts = [f"текст {i}" for i in range(200)]
    project = seeded(Kind.CATEGORY, texts, labels=LABELS)
    with writing(sqlite) as session:
        # A twin of a text of the blind stream, in a group that is not in it.
        share = get_settings(session, project).blind_share
        blind = {text for text in texts if in_blind_stream(blind_hash(text_key(text)), share)}
        group = next(f"g{i}" for i in range(100) if not in_blind_stream(blind_hash(f"g{i}"), share))
        twin = add_record(session, project, external_id="twin", text=min(blind), group=group)
        answered = [*range(1, 201), twin.id]
        given = [
            Annotation(record_id=i, person="a", status=Status.GIVEN, answer=Answer("обувь"), client_id=str(i))
            for i in answered
        ]
        save_annotations(session, project, given)
    corpus = read_corpus(sqlite, open_task(sqlite, "p"))
    assert len(corpus.texts) == 200
    assert {example.item.text for example in corpus.examples} == set(texts) - blind
    assert 5 < len(blind) < 45
    report = run(sqlite, "p", parts=parts(), stages=["similarity"]).stages[0]
    assert report.proposed == 201
    assert report.note == "embedder: letters"


def test_a_project_by_group_proposes_for_the_group_as_one_text(sqlite: Engine, stub: Any) -> None:
    with writing(sqlite) as session:
        project = create_project(session, "g", Kind.CATEGORY)
        save_label_set(session, project, LABELS)
        set_setting(session, project, "by_group", "true")
        for number, (text, group) in enumerate([("раз", "sku"), ("два", "sku"), ("три", None)]):
            add_record(session, project, external_id=str(number), text=text, group=group)
    summary = run(sqlite, "g", parts=parts(settings=stub.settings(LlmApi.SYSTEMONE)), stages=["llm"])
    assert summary.records == 2
    assert set(stub.texts) == {"раз\nдва", "три"}


def test_the_summary_is_plain_json(sqlite: Engine, seeded: Seed) -> None:
    import json

    seeded(Kind.CATEGORY, ["платье"], labels=LABELS)
    written = json.loads(json.dumps(run(sqlite, "p", parts=parts()).as_dict()))
    assert written["stages"][0]["stage"] == "keywords"
    assert {"records", "settled", "proposed", "cost", "cancelled"} <= set(written)
    assert json.loads(json.dumps(plan(sqlite, "p", parts=parts()).as_dict()))["records"] == 1
