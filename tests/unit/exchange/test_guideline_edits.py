from __future__ import annotations

from workbench.exchange.guideline_edits import LineKind, different_lines


def lines(before: str, after: str) -> str:
    signs = {LineKind.SAME: " ", LineKind.ADDED: "+", LineKind.REMOVED: "-", LineKind.GAP: "…"}
    return "|".join(signs[kind] + text for kind, text in different_lines(before, after))


def test_changed_lines_come_with_some_around_them() -> None:
    assert lines("a\nb\nc", "a\nx\nc") == " a|-b|+x| c"
    assert lines("", "a\nb") == "+a|+b"
    assert lines("a", "") == "-a"
    assert lines("a\nb", "a\nb") == ""


def test_lines_far_from_any_change_are_left_out() -> None:
    before = "\n".join(map(str, range(20)))
    after = before.replace("\n10\n", "\nten\n")
    assert lines(before, after) == "…| 7| 8| 9|-10|+ten| 11| 12| 13|…"
    assert lines(before, before.replace("19", "end")) == "…| 16| 17| 18|-19|+end"
