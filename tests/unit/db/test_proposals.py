from __future__ import annotations

from dataclasses import replace

from db.project_settings import ProjectSettings
from db.proposals import choose, latest_by_source, settles
from db.types import Answer, Proposal, Stage

SETTINGS = ProjectSettings()


def offer(stage: Stage, category: str | None, score: float | None, **more: object) -> Proposal:
    source = str(more.pop("source", stage.value))
    return Proposal(record_id=1, stage=stage, source=source, answer=Answer(category), score=score, **more)  # type: ignore[arg-type]


def test_a_proposal_settles_at_its_stages_threshold_and_not_below() -> None:
    assert settles(offer(Stage.KEYWORDS, "A", 0.9), SETTINGS)
    assert not settles(offer(Stage.KEYWORDS, "A", 0.8999), SETTINGS)
    assert not settles(offer(Stage.KEYWORDS, "A", None), SETTINGS)
    assert not settles(offer(Stage.KEYWORDS, "A", 1.0, on_list=False), SETTINGS)


def test_the_first_stage_that_settles_is_shown_even_where_a_later_one_is_surer() -> None:
    early, late = offer(Stage.KEYWORDS, "A", 0.91), offer(Stage.MODEL, "B", 0.99)
    assert choose([late, early], SETTINGS) == early
    assert choose([late, early], replace(SETTINGS, stages=(Stage.MODEL, Stage.KEYWORDS))) == late


def test_where_none_settles_the_most_confident_one_is_shown() -> None:
    weak, strong = offer(Stage.KEYWORDS, "A", 0.3), offer(Stage.SIMILARITY, "B", 0.6)
    assert choose([weak, strong], SETTINGS) == strong


def test_stages_outside_the_projects_order_come_last() -> None:
    imported, similar = offer(Stage.IMPORT, "A", 0.95), offer(Stage.SIMILARITY, "B", 0.85)
    assert choose([imported, similar], SETTINGS) == similar


def test_off_list_and_empty_answers_count_as_no_proposal() -> None:
    assert choose([], SETTINGS) is None
    assert choose([offer(Stage.LLM, "nowhere", 0.99, on_list=False), offer(Stage.LLM, None, 0.9)], SETTINGS) is None


def test_no_tags_is_a_proposal() -> None:
    none_apply = replace(offer(Stage.LLM, None, 0.9), answer=Answer(None, ()))
    assert choose([none_apply], SETTINGS) == none_apply


def test_only_the_newest_of_a_source_counts() -> None:
    old, new = offer(Stage.MODEL, "A", 0.99, version="1"), offer(Stage.MODEL, "B", 0.5, version="2")
    assert latest_by_source([old, new]) == [new]
    assert choose([old, new], SETTINGS) == new
