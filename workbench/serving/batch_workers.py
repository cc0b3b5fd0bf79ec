"""Batches answered on all cores, in their order, with only a few of them in memory."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import Any, TypeVar

B = TypeVar("B")
Q = TypeVar("Q")
R = TypeVar("R")

# More would wait for the one process that reads and writes.
_MOST_WORKERS = 8
# In a worker: what it was started for.
_work: Callable[[Any], Any] | None = None


def answer_all(
    batches: Iterable[B], question: Callable[[B], Q], answer: Callable[[Q], R], *, workers: int
) -> Iterator[tuple[B, R]]:
    """Every batch with the answer to its question, in order: a single one here, more of them by forked processes.

    Only questions and answers travel between the processes; `answer` is inherited and may hold anything. One worker
    means none.
    """
    batches = iter(batches)
    first = list(islice(batches, 2))
    if workers < 2 or len(first) < 2:
        yield from ((batch, answer(question(batch))) for batch in chain(first, batches))
        return
    waiting: deque[tuple[B, Future[R]]] = deque()
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=(answer, os.getpid())) as pool:
        try:
            for batch in chain(first, batches):
                waiting.append((batch, pool.submit(_call, question(batch))))
                if len(waiting) > 2 * workers:
                    yield _first_of(waiting)
            while waiting:
                yield _first_of(waiting)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def usable_workers() -> int:
    """How many processes may share the work; 1 where forking is not safe.

    It is not once torch is loaded: its threads do not live on in a forked process, and it uses all cores by itself.
    """
    if sys.platform != "linux" or "torch" in sys.modules:
        return 1
    return min(_MOST_WORKERS, len(os.sched_getaffinity(0)))


def _first_of(waiting: deque[tuple[B, Future[R]]]) -> tuple[B, R]:
    batch, future = waiting.popleft()
    return batch, future.result()


def _start(answer: Callable[[Any], Any], parent: int) -> None:
    global _work
    _work = answer
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    # A parent killed with -9 closes nothing: its workers would wait for ever.
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def _call(question: Any) -> Any:
    assert _work is not None
    return _work(question)
