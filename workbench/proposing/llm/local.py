"""A chat or decision model in this process: `WORKBENCH_LLM_MODEL=local:NAME`, by transformers' decision pipeline."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from db.errors import UserError
from workbench.proposing.llm.questions import Limits, Question, Reply, UnreadableError
from workbench.proposing.llm.systemone import LETTERS, read, request


class LocalAsker:
    """Loads the model at the first question. One forward pass per question, one text at a time."""

    api = "local"
    prompt_version = "1"
    limits = Limits(options=LETTERS, questions=64, concurrency=1)

    def __init__(self, *, model: str) -> None:
        self.model = model
        self._lock = threading.Lock()
        self._pipeline: Any = None

    def ask(self, text: str, questions: Sequence[Question], *, attempt: int = 0) -> Reply:
        body = request(self.model, text, questions)
        with self._lock:
            if self._pipeline is None:
                self._pipeline = self._load()
            try:
                answers = self._pipeline({"state": body["state"], "questions": body["questions"]})
            except ValueError as error:
                # The pipeline's word for "these labels are not single tokens of this model".
                raise UserError(f"WORKBENCH_LLM_MODEL=local:{self.model}: {error}") from error
        if not isinstance(answers, dict):
            raise UnreadableError("the pipeline gave no answers")
        return read({"answers": answers}, questions)

    def close(self) -> None:
        self._pipeline = None

    def _load(self) -> Any:
        from transformers import pipeline

        try:
            return pipeline("decision", model=self.model)
        except (OSError, ValueError) as error:
            first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise UserError(f"WORKBENCH_LLM_MODEL=local:{self.model} cannot be loaded: {first_line}") from error
