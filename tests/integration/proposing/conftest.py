"""A language model that is an HTTP server in this process, speaks all three APIs and counts what it is asked."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import Engine

from db.engine import writing
from db.label_sets import save_label_set
from db.projects import create_project
from db.records import add_record
from db.types import Category, Kind, LabelSet, Project, Tag
from workbench.proposing.stages import Parts
from workbench.settings import LlmApi, WorkbenchSettings

LABELS = LabelSet(
    (Category("одежда", "платья, кофты", ("платье",)), Category("обувь", "туфли"), Category("нет товара")),
    {"одежда": (Tag("Мягкий"), Tag("Тёплый")), "обувь": (Tag("Скользит"),)},
)


@dataclass
class Stub:
    """Answers with `label` at `probability`. `replies` is asked first: a body or (status, body), None for as usual."""

    label: str = "обувь"
    probability: float = 0.8
    yes: float = 0.7
    delay: float = 0.0
    served: Sequence[str] = ("decisions", "systemone", "chat/completions")
    replies: Callable[[str, dict[str, Any]], Any] = lambda path, body: None
    texts: Counter[str] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def settings(self, api: LlmApi, **more: Any) -> WorkbenchSettings:
        return WorkbenchSettings(llm_base_url=self.url, llm_model="stub", llm_api=api, **more)

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        time.sleep(self.delay)
        api = path.removeprefix("/v1/")
        if api not in self.served:
            return 404, {"detail": "Not Found"}
        with self.lock:
            self.texts[text_of(body)] += 1
            self.bodies.append(body)
            reply = self.replies(path, body)
        if isinstance(reply, tuple):
            return reply
        if reply is not None:
            return 200, reply
        answers = {"decisions": self._decisions, "systemone": self._systemone, "chat/completions": self._chat}
        return 200, answers[api](body)

    def _shares(self, options: Sequence[str]) -> dict[str, float]:
        chosen = self.label if self.label in options else options[0]
        rest = (1 - self.probability) / max(1, len(options) - 1)
        return {option: self.probability if option == chosen else rest for option in options}

    def _decisions(self, body: dict[str, Any]) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []
        for question in body["questions"]:
            if question["type"] == "predicate":
                answers.append({"type": "predicate", "name": question["name"], "probability": self.yes})
                continue
            shares = self._shares([choice["value"] for choice in question["choices"]])
            listed = [{"value": value, "probability": share} for value, share in shares.items()]
            best = max(shares, key=lambda value: shares[value])
            answers.append({"type": "choice", "choice": best, "confidence": 0.5, "probabilities": listed})
        return {"model": "stub", "answers": answers, "usage": {"input_tokens": 100, "output_tokens": 0}}

    def _systemone(self, body: dict[str, Any]) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        for name, question in body["questions"].items():
            if question["type"] == "noul":
                answers[name] = {"type": "noul", "noul": self.yes}
            else:
                answers[name] = {"type": "choice", "probabilities": self._shares(list(question["criteria"]))}
        return {"model": "stub", "answers": answers, "usage": {"input_tokens": 100, "output_tokens": 0}}

    def _chat(self, body: dict[str, Any]) -> dict[str, Any]:
        asked = body.get("response_format", {}).get("json_schema", {}).get("schema", {}).get("properties", {})
        fields: dict[str, Any] = {}
        for name, part in asked.items():
            if "enum" in part:
                fields[name] = self.label if self.label in part["enum"] else part["enum"][0]
            elif part["type"] == "number":
                fields[name] = self.probability if name.endswith("_confidence") else self.yes
            else:
                fields[name] = "так сказано в тексте"
        content = json.dumps(fields, ensure_ascii=False) if asked else "КАТЕГОРИЯ: " + self.label
        return completion(content)


def completion(content: str | None, **message: Any) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content, **message}}
    return {"object": "chat.completion", "choices": [choice], "usage": {"prompt_tokens": 100, "completion_tokens": 10}}


def text_of(body: dict[str, Any]) -> str:
    if "messages" in body:
        return str(body["messages"][-1]["content"])
    return str(body.get("input", body.get("state")))


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


@pytest.fixture
def stub() -> Iterator[Stub]:
    model = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, reply = model.answer(self.path, body)
            written = (reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

    server = _Server(("127.0.0.1", 0), Handler)
    model.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield model
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def seeded(sqlite: Engine) -> Callable[..., Project]:
    """Makes a project with labels and texts; a text may come as (text, known category)."""

    def seed(
        kind: Kind, texts: Sequence[str | tuple[str, str]], *, labels: LabelSet = LABELS, name: str = "p"
    ) -> Project:
        with writing(sqlite) as session:
            project = create_project(session, name, kind)
            save_label_set(session, project, labels)
            for number, entry in enumerate(texts):
                text, category = entry if isinstance(entry, tuple) else (entry, None)
                add_record(session, project, external_id=str(number), text=text, category=category)
        return project

    return seed


@pytest.fixture
def parts(stub: Stub) -> Callable[..., Parts]:
    """Parts with the stub as language model, no champion, and no embedder."""

    def make(api: LlmApi = LlmApi.DECISIONS, **settings: Any) -> Parts:
        return Parts(settings=stub.settings(api, **settings), champion=lambda project: None, embedder=_no_embedder)

    return make


def _no_embedder(texts: Sequence[str]) -> Any:
    raise AssertionError("these tests do not embed")
