from __future__ import annotations

import pytest

from db.errors import UserError
from db.projects import check_name


@pytest.mark.parametrize("name", ["a", "Отзывы", "shop 2026", "v1.2", "a-b_c", "7", "x" * 64, "商店", "a..b"])
def test_plain_names_are_taken(name: str) -> None:
    assert check_name(name) == name


BAD = ["", " ", ".", "..", "../x", "a/b", "a\\b", "/etc", "-x", "_x", "x.", "x ", " x", "x" * 65, "a:b", "a%2fb"]


@pytest.mark.parametrize("name", [*BAD, "a\nb", "a\x00b", "a\tb", "😀", "a?b", "a#b", "a'b", "a\u202eb", "a\n"])
def test_names_that_could_leave_a_folder_or_an_address_are_refused_in_one_line(name: str) -> None:
    with pytest.raises(UserError, match="project name") as caught:
        check_name(name)
    assert len(str(caught.value).splitlines()) == 1
