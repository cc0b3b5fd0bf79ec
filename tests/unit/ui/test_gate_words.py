from __future__ import annotations

import pytest

from db.reasons import WORDS, Reason
from training.gate_words import MEASURES, TASKS, WORDING
from workbench.ui.gate_words import say_reason, say_verdict
from workbench.ui.language import Language, texts

LOSS = Reason("loss", {"task": "category", "label": "<b>", "before": 0.5, "after": 0.25, "rows": 12, "floor": 0.1})


def test_the_pages_english_is_that_of_the_command_line() -> None:
    english = texts(Language.ENGLISH)
    assert {f"models_gate_{code}": words for code, words in WORDING.items() if code != WORDS}.items() <= english.items()
    for group, words in (("task", TASKS), ("measure", MEASURES)):
        assert {f"models_{group}_{code}": said for code, said in words.items()}.items() <= english.items()


def test_a_reason_is_said_in_the_readers_language_with_its_figures() -> None:
    assert say_reason(LOSS, Language.RUSSIAN) == (
        "категория, «<b>»: F1 упал бы с 0,50 до 0,25, строк 12; терять можно не больше 0,1"
    )
    assert say_reason(LOSS, Language.ENGLISH).startswith("category '<b>' would fall from F1 0.50")


@pytest.mark.parametrize("language", list(Language))
def test_words_from_before_reasons_had_codes_stand_for_themselves(language: Language) -> None:
    assert say_reason(Reason.of_words("{task} of old"), language) == "{task} of old"


def test_a_verdict_that_is_not_known_stands_for_itself() -> None:
    assert say_verdict("by hand", Language.RUSSIAN) == "вручную"
    assert say_verdict("<i>", Language.RUSSIAN) == "<i>"
