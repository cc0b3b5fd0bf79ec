from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from workbench.serving import batch_workers
from workbench.serving.batch_workers import answer_all, usable_workers


def _run(batches: Iterator[int] | list[int], workers: int) -> list[tuple[int, tuple[int, int]]]:
    return list(answer_all(batches, lambda batch: batch * 10, lambda asked: (asked, os.getpid()), workers=workers))


def test_answers_keep_the_order_and_come_from_other_processes() -> None:
    found = _run(list(range(40)), 2)
    assert [(batch, asked) for batch, (asked, _) in found] == [(n, n * 10) for n in range(40)]
    assert os.getpid() not in {process for _, (_, process) in found}


@pytest.mark.parametrize(("batches", "workers"), [([], 4), ([1], 4), ([1, 2, 3], 1)])
def test_little_work_is_done_here(batches: list[int], workers: int) -> None:
    assert [process for _, (_, process) in _run(batches, workers)] == [os.getpid()] * len(batches)


def test_only_a_few_batches_are_read_ahead() -> None:
    read = 0

    def source() -> Iterator[int]:
        nonlocal read
        for number in range(100):
            read += 1
            yield number

    for batch, _ in answer_all(source(), lambda batch: batch, lambda asked: asked, workers=2):
        assert read <= batch + 6


def test_a_failure_in_a_worker_is_raised_here_and_ends_the_others() -> None:
    with pytest.raises(ZeroDivisionError):
        list(answer_all(range(50), lambda batch: batch, lambda asked: 1 // (asked - 20), workers=2))


def test_a_worker_that_is_killed_is_noticed() -> None:
    def die(asked: int) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return asked

    with pytest.raises(BrokenProcessPool):
        list(answer_all(range(50), lambda batch: batch, die, workers=2))


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    root = Path(batch_workers.__file__).parents[2]
    script = (
        "import os, time\n"
        "from workbench.serving.batch_workers import answer_all\n"
        "def work(asked):\n"
        f"    open({str(tmp_path)!r} + f'/{{os.getpid()}}', 'w').close(); time.sleep(0.01)\n"
        "list(answer_all(range(1_000_000), lambda b: b, work, workers=2))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=root)
    _until(lambda: len(list(tmp_path.iterdir())) == 2)
    parent.kill()
    parent.wait()
    workers = [int(path.name) for path in tmp_path.iterdir()]
    _until(lambda: not any(_lives(worker) for worker in workers))


def test_there_is_one_worker_where_torch_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert usable_workers() == min(8, len(os.sched_getaffinity(0)))
    monkeypatch.setitem(sys.modules, "torch", sys)
    assert usable_workers() == 1


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
