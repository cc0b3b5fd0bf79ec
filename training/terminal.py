"""How a training shows that it lives: lines of JSON for programs, one line that changes for people."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from time import monotonic
from typing import TextIO


@dataclass(kw_only=True)
class Reporter:
    stream: TextIO
    as_json: bool
    _started: float = field(default_factory=monotonic)
    _open: bool = False

    def progress(self, step: str, done: int, total: int) -> None:
        if self.as_json:
            line = json.dumps({"step": step, "done": done, "total": total}, ensure_ascii=False)
            print(line, file=self.stream, flush=True)
            return
        text = f"{monotonic() - self._started:6.1f} s  {step} {done}/{total}"
        if self.stream.isatty():
            print(f"\r\x1b[K{text}", end="", file=self.stream, flush=True)
            self._open = True
        elif done == total:
            # In a log file only what is finished.
            print(text, file=self.stream, flush=True)

    def end(self) -> None:
        """Leave the changing line."""
        if self._open:
            print(file=self.stream, flush=True)
            self._open = False
