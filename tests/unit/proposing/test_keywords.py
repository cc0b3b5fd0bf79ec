from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.project_settings import ProjectSettings
from db.types import Category, Kind, LabelSet, Project, Tag
from workbench.proposing import keyword_index
from workbench.proposing.keyword_index import Hit, Keyword, KeywordIndex, keyword_of, matches
from workbench.proposing.keywords import KeywordStage, build, category_probabilities
from workbench.proposing.stage import Item, Suggestion, Task, Unavailable
from workbench.proposing.stems import only_cut, stem, words

CLOTHES = Category("одежда", keywords=("платье", "футболка", "ткань"))
SHOES = Category("обувь", keywords=("туфли", "кроссовки"))
DEVICES = Category("электроника", keywords=("тв", "наушники", "зарядное устройство"))
TAGS = {
    "одежда": (Tag("Держит тепло"), Tag("Удобный")),
    "обувь": (Tag("Скользит"),),
}


def stage(kind: Kind = Kind.CATEGORY, *categories: Category) -> KeywordStage:
    labels = LabelSet(categories or (CLOTHES, SHOES, DEVICES), TAGS if kind.asks_tags else {})
    built = build(Task(project=Project(1, "p", kind), labels=labels, settings=ProjectSettings()))
    assert isinstance(built, KeywordStage)
    return built


def suggest(text: str, kind: Kind = Kind.CATEGORY, category: str | None = None) -> Suggestion | None:
    ((_, outcome),) = stage(kind).propose([Item(text_key="00", text=text, category=category)])
    assert outcome is None or isinstance(outcome, Suggestion)
    return outcome


@pytest.mark.parametrize(
    ("keyword", "word"),
    [
        ("платье", "платья"),
        ("футбол", "футболка"),
        ("час", "часы"),
        ("dress", "dresses"),
        ("тв", "тв"),
        ("джинсы", "джинсовый"),
    ],
)
def test_a_keyword_matches_its_forms_and_words_that_begin_with_it(keyword: str, word: str) -> None:
    assert matches(keyword, word)


@pytest.mark.parametrize(
    ("keyword", "word"),
    [("тв", "качество"), ("тв", "твой"), ("тв", "твою"), ("кот", "который"), ("болка", "футболка"), ("no", "node")],
)
def test_a_keyword_matches_neither_inside_words_nor_by_two_letters(keyword: str, word: str) -> None:
    assert not matches(keyword, word)


def test_quality_is_no_television() -> None:
    assert suggest("Качество отличное, твой размер") is None
    found = suggest("Смарт-ТВ пришёл быстро")
    assert found is not None
    assert found.answer.category == "электроника"


def test_case_and_yo_do_not_matter() -> None:
    shoes = Category("обувь", keywords=("Тёплые сапоги",))
    ((_, found),) = stage(Kind.CATEGORY, shoes, CLOTHES).propose([Item(text_key="0", text="ТЕПЛЫХ САПОГ не было")])
    assert isinstance(found, Suggestion)
    assert found.answer.category == "обувь"


def test_a_phrase_needs_its_words_side_by_side_and_in_order() -> None:
    assert suggest("зарядного устройства нет") is not None
    assert suggest("устройство зарядное") is None
    assert suggest("зарядное от устройства") is None


def test_the_rationale_names_the_words_that_decided() -> None:
    found = suggest("Платья хорошие, ткань мягкая, а туфли нет")
    assert found is not None
    assert found.rationale == "платья (платье), ткань"
    assert found.answer.category == "одежда"


def test_a_repeated_word_counts_once() -> None:
    once, often = suggest("платье"), suggest("платье платье платье")
    assert once is not None
    assert often is not None
    assert once.score == often.score


def test_two_keywords_settle_at_the_default_threshold_and_one_does_not() -> None:
    one, two = suggest("платье"), suggest("платье, ткань")
    assert one is not None
    assert two is not None
    assert one.score < 0.9 <= two.score


def test_tags_need_the_whole_name_and_no_negation_before_it() -> None:
    found = suggest("Хорошо держит тепло, но неудобный крой и не удобный пояс", Kind.TAGS, "одежда")
    assert found is not None
    assert found.answer.tags == ("Держит тепло",)
    assert found.answer.category is None
    assert suggest("тепло и уютно", Kind.TAGS, "одежда") is None
    assert suggest("скользит", Kind.TAGS, "одежда") is None


def test_tags_follow_the_category_that_the_words_chose() -> None:
    found = suggest("Платье держит тепло и не скользит", Kind.BOTH)
    assert found is not None
    assert (found.answer.category, found.answer.tags) == ("одежда", ("Держит тепло",))
    assert found.probabilities["tag:Держит тепло"] == 0.8


def test_without_keywords_the_stage_says_what_turns_it_on() -> None:
    task = Task(project=Project(1, "p", Kind.CATEGORY), labels=LabelSet((Category("a"),)), settings=ProjectSettings())
    built = build(task)
    assert isinstance(built, Unavailable)
    assert "workbench labels" in built.reason


def test_the_version_follows_the_keywords() -> None:
    assert stage().version == stage().version
    assert stage().version != stage(Kind.CATEGORY, CLOTHES, SHOES).version


@pytest.mark.parametrize("size", [2, 3, 9, 77, 1000])
def test_however_many_categories_two_hits_settle_and_one_does_not(size: int) -> None:
    names = [str(i) for i in range(size)]
    assert 0.8 < category_probabilities({"0": 1}, names)["0"] < 0.9 <= category_probabilities({"0": 2}, names)["0"]
    assert category_probabilities({"0": 2, "1": 1}, names)["0"] < 0.9


hit_counts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 30))


@given(hits=hit_counts, size=st.integers(1, 8))
def test_probabilities_are_a_distribution_over_all_categories(hits: dict[str, int], size: int) -> None:
    names = list("abcdefgh")[:size]
    found = category_probabilities(hits, names)
    assert list(found) == names
    assert sum(found.values()) == pytest.approx(1.0)
    assert all(0.0 < value <= 1.0 for value in found.values())


@given(hits=hit_counts, more=st.sampled_from("abcdefgh"))
def test_one_more_hit_raises_its_category_and_lowers_every_other(hits: dict[str, int], more: str) -> None:
    names = list("abcdefgh")
    before = category_probabilities(hits, names)
    after = category_probabilities(hits | {more: hits.get(more, 0) + 1}, names)
    assert after[more] > before[more]
    assert all(after[name] < before[name] for name in names if name != more)


@given(text=st.text(max_size=200))
def test_any_text_at_all_can_be_searched(text: str) -> None:
    found = suggest(text, Kind.BOTH)
    assert found is None or 0.0 < found.score <= 1.0


letters = st.text("абвеё \u0308\u0345Ⅳŉİ-.,_", max_size=6)


@given(
    written=st.lists(st.tuples(st.sampled_from("AB"), st.text("абвеёт ", max_size=9)), max_size=8),
    texts=st.lists(st.lists(letters, max_size=8).map(" ".join), max_size=6),
    stubs=st.booleans(),
)
def test_the_index_finds_what_matches_word_by_word(
    written: list[tuple[str, str]], texts: list[str], stubs: bool
) -> None:
    listed = [keyword for keyword in (keyword_of(*one) for one in written) if keyword is not None]
    index = KeywordIndex(listed, stubs=stubs)
    for text in [*texts, *texts]:
        assert index.hits(text) == plainly(listed, words(text), stubs)


@given(word=st.text("абвгдеийклмнопрстуыьэюяtv1", min_size=1, max_size=14))
def test_a_stem_of_which_the_end_is_cut_off_is_how_the_word_begins(word: str) -> None:
    assert word.startswith(stem(word)) or not only_cut(word)


@given(keyword=st.text("абенойи", min_size=1, max_size=8), word=st.text("абенойи", min_size=1, max_size=10))
def test_words_match_by_equal_stems_or_beginnings(keyword: str, word: str) -> None:
    own = stem(keyword)
    stub = (len(keyword) >= 4 and word.startswith(keyword)) or (len(own) >= 5 and word.startswith(own))
    by_stem = len(keyword) > 2 and stem(word) == own
    assert matches(keyword, word, stubs=False) == (keyword == word or by_stem)
    assert matches(keyword, word) == (keyword == word or by_stem or (stub and len(keyword) > 2))


def test_an_index_that_has_met_too_many_words_goes_on_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword_index, "_MOST_WORDS", 3)
    index = KeywordIndex([Keyword("A", "слон", ("слон",))])
    found = [index.hits(f"слоны {n} слово{n} и ещё") for n in range(5)]
    assert [[hit.found for hit in hits] for hits in found] == [["слоны"]] * 5


def plainly(listed: list[Keyword], tokens: list[str], stubs: bool) -> list[Hit]:
    """Every keyword at every place, once each, where it first stands."""
    firsts = list(dict.fromkeys(word for keyword in listed for word in keyword.words))
    found: dict[Keyword, Hit] = {}
    for start in range(len(tokens)):
        for keyword in sorted(listed, key=lambda one: firsts.index(one.words[0])):
            spoken = tokens[start : start + len(keyword.words)]
            whole = len(spoken) == len(keyword.words)
            if whole and all(matches(*pair, stubs=stubs) for pair in zip(keyword.words, spoken, strict=True)):
                found.setdefault(keyword, Hit(keyword.label, keyword.written, " ".join(spoken)))
    return list(found.values())


def test_a_hundred_thousand_short_texts_take_seconds_not_minutes() -> None:
    texts = [f"Платье номер {i} красивое, ткань{i % 5000} мягкая, размер подошёл" for i in range(20_000)]
    started = time.process_time()
    found = list(stage().propose([Item(text_key="0", text=text) for text in texts]))
    assert len(found) == 20_000
    assert time.process_time() - started < 4
