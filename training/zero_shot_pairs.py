"""Models that read a text and a label together: natural language inference, and ranking cross-encoders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.errors import UserError
from training.calibration import sigmoid, softmax
from training.hub import find_model
from training.zero_shot import (
    CATEGORY_TEMPLATES,
    TAG_TEMPLATES,
    Label,
    Shares,
    UnfitModelError,
    hypothesis,
    in_cyrillic,
    output_labels,
    place_of,
    shown_name,
)

# Tokens in a batch, padding included.
BUDGET = {"cpu": 4_096, "cuda": 65_536}
# What these models were trained on is shorter, and a text's time grows with its length.
LONGEST = 512
# A label has to leave the text as much.
LEAST_TEXT = 16
# Biases, norms and heads, which any training changes: the rest need not be hashed to tell weights apart.
_HASHED = 65_536


@dataclass(frozen=True, kw_only=True)
class PairModel:
    """A transformers model for sequence classification. `longest` is in tokens of a pair with its special ones."""

    name: str
    model: Any = field(repr=False)
    tokenizer: Any = field(repr=False)
    labels: tuple[str, ...]
    longest: int
    fingerprint: str

    @property
    def device(self) -> str:
        return str(self.model.device.type)

    def logits(self, texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float64]:
        """(n, k, outputs) of every text with every one of k others. Of a pair that is too long the text is cut.

        Raises UserError if one of the others leaves no room for a text.
        """
        first, second = self._lengths(texts), self._lengths(others)
        special = self.tokenizer.num_special_tokens_to_add(pair=True)
        for other, length in zip(others, second, strict=True):
            if length > (most := self.longest - special - LEAST_TEXT):
                raise UserError(
                    f"label {other[:80]!r} is too long for {self.name}: {length} tokens, {most} at most; shorten "
                    "its description"
                )
        lengths = np.minimum(first[:, None] + second[None, :] + special, self.longest).ravel()
        found = np.empty((lengths.size, len(self.labels)))
        for batch in batches(lengths, BUDGET[self.device]):
            rows, columns = np.divmod(batch, len(others))
            found[batch] = self._run([texts[row] for row in rows], [others[column] for column in columns])
        if not np.isfinite(found).all():
            raise UserError(
                f"setting WORKBENCH_ZERO_SHOT_MODEL: {self.name} gives no numbers on {self.device}; "
                "choose another model"
            )
        return found.reshape(len(texts), len(others), len(self.labels))

    def _lengths(self, texts: Sequence[str]) -> NDArray[np.int_]:
        if not texts:
            return np.empty(0, dtype=np.int_)
        # Cut, since a text may be far longer than what is read of it, and complaints about that are not ours.
        written = self.tokenizer(
            list(texts), add_special_tokens=False, truncation=True, max_length=self.longest, return_length=False
        )
        return np.array([len(ids) for ids in written["input_ids"]], dtype=np.int_)

    def _run(self, texts: list[str], others: list[str]) -> NDArray[np.float64]:
        import torch

        asked = self.tokenizer(
            texts, others, truncation="only_first", max_length=self.longest, padding=True, return_tensors="pt"
        )
        with torch.inference_mode():
            logits = self.model(**asked.to(self.model.device)).logits
        found: NDArray[np.float64] = logits.double().cpu().numpy()
        return found


class NliScorer:
    """Zero-shot classification by entailment (Yin et al. 2019, "Benchmarking zero-shot text classification").

    The text is the premise, the template about a label the hypothesis.
    """

    def __init__(self, pairs: PairModel, *, template: str = "") -> None:
        entailment = place_of("entail", pairs.labels)
        assert entailment is not None, "kind_of lets no other model through"
        self._pairs = pairs
        self._template = template
        self._entailment = entailment
        # Against neutral nothing is said; a model that knows only two answers has them both count.
        against = place_of("contra", pairs.labels)
        self._against = [against] if against is not None else [i for i in range(len(pairs.labels)) if i != entailment]
        self.name, self.device = pairs.name, pairs.device
        templates = [template] if template else [*CATEGORY_TEMPLATES.values(), *TAG_TEMPLATES.values()]
        self.fingerprint = _hashed(pairs.fingerprint, *templates)

    def one_of(self, texts: Sequence[str], labels: Sequence[Label], /) -> Shares:
        return softmax(self._logits(texts, labels, CATEGORY_TEMPLATES)[:, :, self._entailment])

    def each_of(self, texts: Sequence[str], labels: Sequence[Label], /) -> Shares:
        logits = self._logits(texts, labels, TAG_TEMPLATES)
        against = np.logaddexp.reduce(logits[:, :, self._against], axis=-1)
        return sigmoid(logits[:, :, self._entailment] - against)

    def describe(self) -> str:
        return f"zero-shot: {self.name} on {self.device}, by natural language inference"

    def _logits(self, texts: Sequence[str], labels: Sequence[Label], defaults: dict[bool, str]) -> NDArray[np.float64]:
        template = self._template or defaults[in_cyrillic(labels)]
        return self._pairs.logits(texts, [hypothesis(template, label) for label in labels])


class CrossEncoderScorer:
    """A model that ranks (text, label description) pairs by one number each."""

    def __init__(self, pairs: PairModel) -> None:
        self._pairs = pairs
        self.name, self.device, self.fingerprint = pairs.name, pairs.device, pairs.fingerprint

    def one_of(self, texts: Sequence[str], labels: Sequence[Label], /) -> Shares:
        return softmax(self._logits(texts, labels))

    def each_of(self, texts: Sequence[str], labels: Sequence[Label], /) -> Shares:
        return sigmoid(self._logits(texts, labels))

    def describe(self) -> str:
        return f"zero-shot: {self.name} on {self.device}, as a ranking cross-encoder"

    def _logits(self, texts: Sequence[str], labels: Sequence[Label]) -> NDArray[np.float64]:
        return self._pairs.logits(texts, [label.words for label in labels])[:, :, 0]


def load_pair_model(name: str, *, hub: bool = True) -> PairModel:
    """Raises MissingModelError if there is none, UnfitModelError if its weights lack the classification head."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    def load(name: str, /, *, local_files_only: bool) -> tuple[Any, Any, dict[str, Any]]:
        # A model's own code is never run.
        options = {"local_files_only": local_files_only, "trust_remote_code": False}
        tokenizer = AutoTokenizer.from_pretrained(name, **options)
        # Half precision is slow on a CPU, whatever the weights were stored in.
        model, report = AutoModelForSequenceClassification.from_pretrained(
            name, dtype=torch.float32, output_loading_info=True, **options
        )
        return tokenizer, model, report

    tokenizer, model, report = find_model(name, load, hub=hub)
    check_weights(name, report)
    if tokenizer.pad_token is None:
        raise UnfitModelError(
            f"setting WORKBENCH_ZERO_SHOT_MODEL: {name} has a tokenizer without padding; choose another model"
        )
    # What a text says is text, also where it says [SEP].
    tokenizer.split_special_tokens = True
    fingerprint = weights_fingerprint(model)
    if torch.cuda.is_available():
        # DeBERTa overflows in float16.
        small = torch.bfloat16 if "deberta" in model.config.model_type else torch.float16
        model = model.to("cuda", dtype=small)
    return PairModel(
        name=shown_name(name),
        model=model.eval(),
        tokenizer=tokenizer,
        labels=output_labels(model.config.to_dict()),
        longest=_longest(model.config, tokenizer),
        fingerprint=fingerprint,
    )


def batches(lengths: NDArray[np.int_], budget: int) -> list[NDArray[np.int_]]:
    """Indices of all lengths, longest first, in runs of at most `budget` tokens when padded; at least one in each."""
    order = np.argsort(-lengths, kind="stable")
    runs, start = [], 0
    while start < len(order):
        end = start + max(1, budget // max(1, int(lengths[order[start]])))
        runs.append(order[start:end])
        start = end
    return runs


def check_weights(name: str, report: Mapping[str, Any]) -> None:
    """Raises UnfitModelError for weights that loading had to make up at random."""
    if missing := sorted(report["missing_keys"]):
        raise UnfitModelError(
            f"setting WORKBENCH_ZERO_SHOT_MODEL: {name} was never trained to classify: its weights lack {missing[0]}; "
            "choose another model"
        )


def weights_fingerprint(model: Any) -> str:
    """The same for the same weights and configuration."""
    found = hashlib.sha256(json.dumps(_told(model.config), sort_keys=True, default=str).encode())
    for key, value in sorted(model.state_dict().items()):
        if value.numel() <= _HASHED:
            found.update(key.encode())
            found.update(value.float().cpu().numpy().tobytes())
    return found.hexdigest()[:16]


def _told(config: Any) -> dict[str, Any]:
    # Where it was loaded from and by what does not matter.
    left_out = ("_name_or_path", "transformers_version", "dtype", "torch_dtype")
    return {key: value for key, value in config.to_dict().items() if key not in left_out}


def _longest(config: Any, tokenizer: Any) -> int:
    positions = getattr(config, "max_position_embeddings", None) or LONGEST
    if "roberta" in config.model_type or config.model_type == "camembert":
        # RoBERTa counts its positions from behind the padding's.
        positions -= config.pad_token_id + 1
    return int(min(positions, tokenizer.model_max_length, LONGEST))


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
