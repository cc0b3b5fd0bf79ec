from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import UserError
from workbench.exchange.labels import read_labels


def test_names_are_what_is_written_whatever_yaml_would_make_of_them(tmp_path: Path) -> None:
    words = ["yes", "no", "1.0", "007", "2024-01-01", "12:30", "null", "~"]
    (tmp_path / "l.yaml").write_text(f"categories: [{', '.join(words)}]\ntags:\n", encoding="utf-8-sig")
    assert list(read_labels(tmp_path / "l.yaml").category_names) == words


def test_the_whole_shape_is_read(tmp_path: Path) -> None:
    (tmp_path / "l.yaml").write_text(
        "categories:\n  - name: Обувь\n    keywords: [туфли, кеды]\n    description:\n  - Юбки\n"
        "tags:\n  Обувь: [удобная, {name: жмёт, definition: мала}]\n  Юбки:\n",
        encoding="utf-8",
    )
    found = read_labels(tmp_path / "l.yaml")
    assert found.categories[0].keywords == ("туфли", "кеды")
    assert found.tag_names("Обувь") == ("удобная", "жмёт")
    assert found.tag_names("Юбки") == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "expected a mapping"),
        (b"categories: [a, {name: A}]", "two labels named 'A'"),
        (b"categories: [a, b\n - : x", "line 2: not YAML"),
        (b"tags: {a: [x], b: [y], a: [z]}", "line 1: not YAML: 'a' comes twice"),
        (b"categories: [a]\ncategories: [b]\n", "line 2: not YAML: 'categories' comes twice"),
        (b"categories: [\x00]", "not YAML: unacceptable character"),
        (b"\xff\xfe\xf0", "not UTF-8"),
        (b"? [a, b]\n: c", "not YAML"),
        (b"a: &x [*x]", "not YAML"),
        (b"!!python/object/apply:os.system ['true']", "expected a mapping"),
    ],
)
def test_a_fault_is_one_line_that_names_the_file(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "l.yaml").write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_labels(tmp_path / "l.yaml")
    assert str(caught.value).startswith(str(tmp_path / "l.yaml"))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(UserError, match=str(path)):
            read_labels(path)
