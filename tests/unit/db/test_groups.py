from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from db.groups import CUT, as_unit, joined_text
from db.text_keys import text_key
from db.types import Record

quick = settings(derandomize=True, deadline=None, max_examples=100)


@quick
@given(st.lists(st.text(max_size=80), max_size=12), st.integers(50, 200))
def test_joined_texts_never_grow_beyond_the_limit_and_a_cut_shows(texts: list[str], limit: int) -> None:
    whole, cut = joined_text(texts, 1_000_000), joined_text(texts, limit)
    assert len(cut) <= limit
    assert cut == whole if len(whole) <= limit else (len(cut) == limit and cut.endswith(CUT))


def test_the_same_text_is_joined_once_as_it_was_written_first() -> None:
    assert joined_text(["Хорошо", "плохо", " хорошо "], 100) == "Хорошо\nплохо"


def test_a_group_is_its_first_record_with_the_texts_of_all() -> None:
    records = [Record(id=i, external_id=str(i), text=f"t{i}", text_key="", group="g") for i in (3, 1, 2)]
    unit = as_unit(records, 100)
    assert (unit.id, unit.external_id, unit.text) == (1, "1", "t1\nt2\nt3")
    assert unit.text_key == text_key("t1\nt2\nt3")
