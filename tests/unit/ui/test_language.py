from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from workbench.ui.app import STATIC
from workbench.ui.language import PHRASE_BOOK, Language, plural, texts
from workbench.ui.pages import PAGES


@pytest.mark.parametrize(
    ("n", "form"),
    [(0, "other"), (1, "one"), (2, "few"), (5, "other"), (11, "other"), (12, "other"), (21, "one"), (104, "few")],
)
def test_russian_plurals(n: int, form: str) -> None:
    assert plural(Language.RUSSIAN, n) == form


@pytest.mark.parametrize(("n", "form"), [(0, "other"), (1, "one"), (2, "other"), (21, "other")])
def test_english_plurals(n: int, form: str) -> None:
    assert plural(Language.ENGLISH, n) == form


def test_both_languages_have_the_same_texts_with_the_same_places_to_fill() -> None:
    english, russian = texts(Language.ENGLISH), texts(Language.RUSSIAN)
    assert {_base(key) for key in english} == {_base(key) for key in russian}
    for key in english.keys() & russian.keys():
        assert set(re.findall(r"\{\w+\}", english[key])) == set(re.findall(r"\{\w+\}", russian[key])), key


def test_a_text_stands_in_one_file_only_and_every_page_has_its_own() -> None:
    for language in Language:
        # The phrase book is for one language: the server's lines are English as they are.
        files = sorted(file for file in (STATIC / "texts" / language).glob("*.json") if file.name != PHRASE_BOOK)
        found = Counter(key for file in files for key in json.loads(file.read_text(encoding="utf-8")))
        assert [key for key, times in found.items() if times > 1] == []
        assert {page.name for page in PAGES} | {"shell"} <= {file.stem for file in files}


def test_every_counted_text_has_all_the_forms_of_its_language() -> None:
    counted = {_base(key) for key in texts(Language.RUSSIAN) if key.endswith("_few")}
    for language, forms in ((Language.ENGLISH, ("one", "other")), (Language.RUSSIAN, ("one", "few", "other"))):
        missing = [f"{key}_{form}" for key in counted for form in forms if f"{key}_{form}" not in texts(language)]
        assert missing == []


def test_no_text_is_left_in_the_other_language() -> None:
    assert [key for key, text in texts(Language.ENGLISH).items() if re.search("[А-Яа-яЁё]", text)] == []
    untranslated = {key for key, text in texts(Language.RUSSIAN).items() if not re.search("[А-Яа-яЁё]", text)}
    assert untranslated <= {"stage_zero_shot", "stage_llm"}


def _base(key: str) -> str:
    return re.sub(r"_(one|few|many|other)$", "", key)
