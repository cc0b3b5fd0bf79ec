from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from db.users import name_key


@given(name=st.text(max_size=40))
def test_a_name_compared_is_compared_to_the_same(name: str) -> None:
    key = name_key(name)
    assert name_key(key) == key


@given(name=st.text(alphabet=st.characters(codec="cp1251"), max_size=40))
def test_case_and_spaces_around_do_not_make_another_person(name: str) -> None:
    assert name_key(f" {name.upper()} ") == name_key(name.upper().lower())
