"""Prediction ids: what feedback must know of a prediction, carried by its id, so that nothing is stored per request.

`VERSION-KEY-ANSWER-SALT-CHECK`: the model's version, the text's key, a digest of the category and one of the tags, a
random part that tells two predictions of one text apart, and a check over all of it and the project's name. The check
catches ids that were cut, mistyped or taken from another project; it is no secret and no signature.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from db.errors import UserError
from db.text_keys import text_key
from db.types import Answer

_ID = re.compile(r"([0-9]{1,12})-([0-9a-f]{32})-([0-9a-f]{8})([0-9a-f]{8})-[0-9a-f]{8}-[0-9a-f]{8}")


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionId:
    """What an id says. The digests are of the answer that was given, see `matches`."""

    version: str
    text_key: str
    category_digest: str
    tags_digest: str

    def matches(self, answer: Answer) -> bool:
        """Whether `answer` is what was predicted."""
        return (self.category_digest, self.tags_digest) == _digests(answer)


def issue_ids(project: str, version: str, texts: Sequence[str], answers: Iterable[Answer]) -> list[str]:
    """One id per text and its predicted answer."""
    salts = secrets.token_hex(4 * len(texts))
    issued = []
    for place, (text, answer) in enumerate(zip(texts, answers, strict=True)):
        body = f"{version}-{text_key(text)}-{''.join(_digests(answer))}-{salts[8 * place : 8 * place + 8]}"
        issued.append(f"{body}-{_check(project, body)}")
    return issued


def read_id(project: str, raw: str) -> PredictionId:
    """Raises UserError where this is no prediction id of this project."""
    found = _ID.fullmatch(raw)
    if found is None or _check(project, raw[:-9]) != raw[-8:]:
        raise UserError(f"prediction_id: not one that project {project!r} has given out (got {raw[:100]!r})")
    version, key, category, tags = found.groups()
    return PredictionId(version=version, text_key=key, category_digest=category, tags_digest=tags)


def _digests(answer: Answer) -> tuple[str, str]:
    tags = None if answer.tags is None else "\0".join(sorted(set(answer.tags)))
    return _digest("category", answer.category), _digest("tags", tags)


def _digest(what: str, value: str | None) -> str:
    return _hash(f"{what}\0" if value is None else f"{what}\0={value}")


def _check(project: str, body: str) -> str:
    return _hash(f"{project}\0{body}")


def _hash(content: str) -> str:
    return blake2b(content.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
