"""The champion behind the two APIs of decision models: a caller moves over by changing a base URL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from db.api_tokens import Scope
from workbench.api.metrics import Metrics
from workbench.api.tokens import needs_scope
from workbench.serving.champion import Champions
from workbench.serving.decisions import Answer, Choice, Chosen, Decided, Probability, Question, YesNo, decide
from workbench.web.bodies import Text

# A small model reads no tokens that anyone could be billed for.
_NO_TOKENS = {
    "input_tokens": 0,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 0,
}

_Value = StrictStr | StrictBool


class _Open(BaseModel):
    """Callers bring fields that mean nothing to a small model (instructions, cache options): they are let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class OptionBody(_Open):
    value: _Value


class QuestionBody(_Open):
    """`choice` over categories, `predicate` on a tag by its name; a `score` is refused."""

    type: Literal["choice", "predicate", "score"]
    name: Text | None = None
    choices: Annotated[list[OptionBody], Field(max_length=255)] = []


class PartBody(_Open):
    text: Text = ""


class MessageBody(_Open):
    content: Text | list[PartBody] = ""


class DecisionsBody(_Open):
    """`POST /v1/decisions`: `model` is the project, `input` a text or messages whose texts are joined."""

    model: str
    input: Text | list[MessageBody]
    questions: Annotated[list[QuestionBody], Field(min_length=1, max_length=400)]


class NamedQuestionBody(_Open):
    """`choice` over the keys of `criteria`, `noul` on the tag that the question is named by; a `score` is refused."""

    type: Literal["choice", "noul", "score"]
    criteria: dict[str, Any] | list[Any] | None = None


class SystemOneBody(_Open):
    """`POST /v1/systemone`: `model` is the project, `state` a text or an object with a `text`."""

    model: str
    state: Text | PartBody
    questions: Annotated[dict[Text, NamedQuestionBody], Field(min_length=1, max_length=400)]


def decision_routes(champions: Champions, metrics: Metrics) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["decisions"], dependencies=[needs_scope(Scope.PREDICT)])

    def decided(project: str, text: str, questions: Sequence[Question], request: Request) -> Decided:
        champion = champions.get(project)
        request.state.model = f"{project}/{champion.version}"
        answer = decide(champion, text, questions)
        metrics.observe_predictions(champion, [answer.served])
        return answer

    @router.post("/decisions")
    def decisions(body: DecisionsBody, request: Request) -> dict[str, Any]:
        """Answers in the order of the questions, in the shape of OpenAI's decisions."""
        questions = [_question(q) for q in body.questions]
        found = decided(body.model, _text(body.input), questions, request).answers
        answers = [
            {"name": asked.name} | _listed(question, answer)
            for asked, question, answer in zip(body.questions, questions, found, strict=True)
        ]
        return {"model": body.model, "answers": answers, "usage": _NO_TOKENS}

    @router.post("/systemone")
    def systemone(body: SystemOneBody, request: Request) -> dict[str, Any]:
        """Answers by the names of the questions, in the shape of System One."""
        questions = {name: _named_question(name, q) for name, q in body.questions.items()}
        text = body.state if isinstance(body.state, str) else body.state.text
        found = decided(body.model, text, list(questions.values()), request).answers
        answers = {
            name: _mapped(question, answer) for (name, question), answer in zip(questions.items(), found, strict=True)
        }
        return {"model": body.model, "answers": answers, "usage": {"input_tokens": 0, "output_tokens": 0}}

    return router


def _text(given: str | list[MessageBody]) -> str:
    if isinstance(given, str):
        return given
    texts = [m.content if isinstance(m.content, str) else "\n".join(p.text for p in m.content) for m in given]
    return "\n".join(filter(None, texts))


def _question(body: QuestionBody) -> Question:
    if body.type == "choice":
        return Choice(options=tuple(option.value for option in body.choices))
    return YesNo(name=(body.name or "") if body.type == "predicate" else "")


def _named_question(name: str, body: NamedQuestionBody) -> Question:
    if body.type == "choice":
        return Choice(options=tuple(body.criteria) if isinstance(body.criteria, dict) else ())
    return YesNo(name=name if body.type == "noul" else "")


def _listed(question: Question, answer: Answer) -> dict[str, Any]:
    if isinstance(answer, Chosen) and isinstance(question, Choice):
        pairs = zip(question.options, answer.probabilities, strict=True)
        probabilities = [{"value": option, "probability": share} for option, share in pairs]
        return {
            "type": "choice", "choice": answer.choice, "confidence": answer.confidence, "probabilities": probabilities,
        }  # fmt: skip
    if isinstance(answer, Probability):
        return {"type": "predicate", "probability": answer.yes}
    return {"type": "refusal"}


def _mapped(question: Question, answer: Answer) -> dict[str, Any]:
    if isinstance(answer, Chosen) and isinstance(question, Choice):
        probabilities = dict(zip(question.options, answer.probabilities, strict=True))
        return {
            "type": "choice", "choice": answer.choice, "confidence": answer.confidence, "probabilities": probabilities,
        }  # fmt: skip
    return {"type": "noul", "noul": answer.yes} if isinstance(answer, Probability) else {"type": "refusal"}
