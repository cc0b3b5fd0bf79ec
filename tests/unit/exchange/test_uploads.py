from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from db.errors import NotFoundError, UserError
from workbench.exchange.kept import MAX_AGE_S, KeptFile
from workbench.exchange.uploads import TooLargeError, Uploads, printable

MB = 2**20


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads", limit=MB)


def send(uploads: Uploads, name: str, content: bytes = b"text\n1\n", *, told: int | None = None) -> KeptFile:
    incoming = uploads.begin(name, told=told)
    try:
        for start in range(0, len(content), 100_000):
            incoming.write(content[start : start + 100_000])
        return incoming.finish()
    except UserError:
        incoming.drop()
        raise


def left(uploads: Uploads) -> list[str]:
    return sorted(path.name for path in uploads.kept.folder.glob("*"))


def test_a_file_is_kept_under_a_name_of_ours_and_its_own_as_data(uploads: Uploads) -> None:
    sent = send(uploads, "Отзывы за май.CSV")
    found = uploads.get(sent.id)
    assert found.name == "Отзывы за май.CSV"
    assert found.path.name == f"{sent.id}.csv"
    assert found.path.read_bytes() == b"text\n1\n"
    assert left(uploads) == [f"{sent.id}.csv", f"{sent.id}.note"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\me\\a.csv", "a.csv"),
        ("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv"),
        ("a\nb\x00.csv", "a�b�.csv"),
        ("=cmd|'!A0.csv", "=cmd|'!A0.csv"),
        ("x" * 400 + ".csv", "x" * 120 + "…" + "x" * 116 + ".csv"),
    ],
)
def test_a_hostile_name_stays_a_name(uploads: Uploads, given: str, shown: str) -> None:
    sent = send(uploads, given)
    assert uploads.get(sent.id).name == shown
    assert set(uploads.kept.folder.parent.iterdir()) == {uploads.kept.folder}


def test_more_than_the_limit_is_refused_before_it_is_sent(uploads: Uploads) -> None:
    with pytest.raises(TooLargeError, match=r"a\.csv: more than 1 MB; split it, raise WORKBENCH_UPLOAD_LIMIT_MB"):
        send(uploads, "a.csv", told=200 * MB)
    assert not uploads.kept.folder.exists()


def test_more_than_the_limit_is_refused_while_it_is_sent_and_nothing_stays(uploads: Uploads) -> None:
    with pytest.raises(TooLargeError):
        send(uploads, "a.csv", b"x" * (MB + 1))
    assert left(uploads) == []


def test_a_file_that_is_not_what_its_name_says_does_not_stay(uploads: Uploads) -> None:
    with pytest.raises(UserError, match="it is a PNG picture, not CSV"):
        send(uploads, "a.csv", b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UserError, match="cannot tell the format"):
        send(uploads, "a.exe")
    assert left(uploads) == []


def test_a_sender_who_goes_away_leaves_nothing(uploads: Uploads) -> None:
    incoming = uploads.begin("a.csv", told=None)
    incoming.write(b"text\n")
    assert len(left(uploads)) == 1
    incoming.drop()
    assert left(uploads) == []


@pytest.mark.parametrize("upload_id", ["", "../uploads", "0" * 32, "0" * 31 + "/", "*"])
def test_an_id_that_was_never_given_is_not_found(uploads: Uploads, upload_id: str) -> None:
    kept = send(uploads, "a.csv")
    with pytest.raises(NotFoundError, match="no longer kept here"):
        uploads.get(upload_id)
    uploads.kept.forget(upload_id)
    assert uploads.get(kept.id) == kept


def test_what_is_older_than_a_day_is_cleaned_away(uploads: Uploads) -> None:
    old, new = send(uploads, "old.csv"), send(uploads, "new.csv")
    old.path.with_name(f"{old.path.name}.rejected.csv").write_text("line,reason\n")
    for path in uploads.kept.folder.glob(f"{old.id}*"):
        before = time.time() - MAX_AGE_S - 60
        os.utime(path, (before, before))
    uploads.kept.clean()
    with pytest.raises(NotFoundError):
        uploads.get(old.id)
    assert uploads.get(new.id).name == "new.csv"
    uploads.kept.forget(new.id)
    assert left(uploads) == []


def test_a_long_name_keeps_its_ending() -> None:
    assert printable("я" * 300 + ".xlsx").endswith(".xlsx")


def test_the_rejected_rows_of_a_file_stay_when_it_is_imported_and_gone(uploads: Uploads) -> None:
    sent = send(uploads, "Отзывы.csv")
    with pytest.raises(NotFoundError, match=r"Отзывы\.csv: no rejected rows"):
        uploads.rejected(sent.id)
    sent.path.with_name(f"{sent.path.name}.rejected.csv").write_text("line,reason\n")
    sent.path.unlink()
    assert uploads.rejected(sent.id).name == "Отзывы.csv.rejected.csv"
    with pytest.raises(NotFoundError, match="imported already"):
        uploads.get(sent.id)
