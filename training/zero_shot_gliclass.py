"""GLiClass: all labels and the text in one pass of an encoder (Stepanov et al. 2025, arXiv 2508.07662)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from db.errors import UserError
from training.hub import find_model
from training.zero_shot import Label, Shares, shown_name
from training.zero_shot_pairs import BUDGET, LEAST_TEXT, batches, check_weights, weights_fingerprint

# Labels and text together, in tokens; what the published models were trained with.
LONGEST = 1_024
_MARKS = re.compile("<<(LABEL|SEP|EXAMPLE)>>")


class GliclassScorer:
    """Through the package's own pipeline. A label's probability depends on the other labels, and a little on their
    order; on other texts it does not. Templates do not apply."""

    def __init__(self, *, name: str, pipeline: Any, longest: int, fingerprint: str) -> None:
        self._pipeline = pipeline
        self._tokenizer = pipeline.pipe.tokenizer
        self._longest = longest
        self.name, self.fingerprint = name, fingerprint
        self.device = str(pipeline.pipe.device.type)

    def one_of(self, texts: Sequence[str], labels: Sequence[Label], /) -> Shares:
        shares = self._scores(texts, labels, "single-label")
        # They come in single precision, and two labels of the same words share one place.
        normalised: Shares = shares / shares.sum(axis=1, keepdims=True)
        return normalised

    def each_of(self, texts: Sequence[str], labels: Sequence[Label], /) -> Shares:
        return self._scores(texts, labels, "multi-label")

    def describe(self) -> str:
        return f"zero-shot: {self.name} on {self.device}, by GLiClass, all labels at once"

    def _scores(self, texts: Sequence[str], labels: Sequence[Label], kind: str) -> Shares:
        import torch

        words = [_plain(label.words) for label in labels]
        found = np.empty((len(texts), len(labels)))
        if not labels or not texts:
            return found
        cut, lengths = self._cut(texts, words)
        for batch in batches(lengths, BUDGET[self.device]):
            with torch.inference_mode():
                rows = self._pipeline(
                    [cut[i] for i in batch],
                    words,
                    threshold=0.0,
                    batch_size=len(batch),
                    classification_type=kind,
                    return_hierarchical=True,
                )
            found[batch] = [[row[word] for word in words] for row in rows]
        return found

    def _cut(self, texts: Sequence[str], words: Sequence[str]) -> tuple[list[str], Any]:
        """The texts, each cut to what the labels leave of the model's length, and the lengths of all with the labels.

        Raises UserError if the labels leave too little.
        """
        marks = "".join(f"<<LABEL>>{word}" for word in words) + "<<SEP>>"
        taken = len(self._tokenizer(marks)["input_ids"])
        room = self._longest - taken
        if room < LEAST_TEXT:
            raise UserError(
                f"{len(words)} labels are too long together for {self.name}: {taken} tokens of {self._longest}; "
                "shorten their descriptions, or choose a model that reads one label at a time"
            )
        read = self._tokenizer(
            [_plain(text) for text in texts],
            add_special_tokens=False,
            truncation=True,
            max_length=room,
            return_offsets_mapping=True,
        )
        ends = [offsets[-1][1] if offsets else 0 for offsets in read["offset_mapping"]]
        cut = [_plain(text)[:end] for text, end in zip(texts, ends, strict=True)]
        return cut, np.array([taken + len(ids) for ids in read["input_ids"]], dtype=np.int_)


def load_gliclass(name: str, *, hub: bool = True) -> GliclassScorer:
    """Raises MissingModelError if there is none, UnfitModelError if it lacks weights."""
    import torch
    from gliclass import GLiClassModel, ZeroShotClassificationPipeline
    from transformers import AutoTokenizer

    def load(name: str, /, *, local_files_only: bool) -> tuple[Any, Any, dict[str, Any]]:
        tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=local_files_only, trust_remote_code=False)
        model, report = GLiClassModel.from_pretrained(
            name, local_files_only=local_files_only, dtype=torch.float32, output_loading_info=True
        )
        return tokenizer, model, report

    tokenizer, model, report = find_model(name, load, hub=hub)
    check_weights(name, report)
    longest = int(min(LONGEST, tokenizer.model_max_length))
    fingerprint = weights_fingerprint(model)
    pipeline = ZeroShotClassificationPipeline(
        model,
        tokenizer,
        max_length=longest,
        device="cuda:0" if torch.cuda.is_available() else "cpu",
        progress_bar=False,
    )
    return GliclassScorer(name=shown_name(name), pipeline=pipeline, longest=longest, fingerprint=fingerprint)


def _plain(text: str) -> str:
    """Without the marks that would make labels of a text's words."""
    return _MARKS.sub(" ", text)
