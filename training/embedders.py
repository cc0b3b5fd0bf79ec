"""Texts → vectors: latent semantic analysis of the project's own texts, or a sentence-transformers model by name."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from db.errors import UserError
from training.hub import MissingModelError, find_model
from training.lsa import fit_lsa, load_lsa

AUTO = "auto"
BATCH = 64
_META, _MODEL = "embedder.json", "model"
_E5 = re.compile(r"(?:^|[-_/])e5(?:[-_/]|$)")


class Embedder(Protocol):
    """Texts → vectors of length 1 (all zeros where a text says nothing the embedder knows)."""

    def encode(self, texts: Sequence[str], *, passage: bool = False) -> NDArray[np.float32]:
        """Float32 (n, d). `passage` marks documents to be found by a query, for models that tell the two apart."""
        ...

    def describe(self) -> str:
        """One line: what is running and why."""
        ...

    def save(self, folder: Path) -> None:
        """Write what `load_embedder` needs; the folder is made, and stands alone."""
        ...


@dataclass(frozen=True, kw_only=True)
class SentenceEmbedder:
    """A sentence-transformers model.

    `prefixed` adds the "query: " and "passage: " that E5 models were trained with (Wang et al. 2024, "Multilingual E5
    text embeddings"); its authors advise "query: " wherever vectors are features, so it is the default.
    """

    name: str
    model: Any = field(repr=False)
    prefixed: bool

    def encode(self, texts: Sequence[str], *, passage: bool = False) -> NDArray[np.float32]:
        role = "passage: " if passage else "query: "
        asked = [role + text for text in texts] if self.prefixed else list(texts)
        if not asked:
            return np.empty((0, self.model.get_embedding_dimension()), dtype=np.float32)
        vectors = self.model.encode(asked, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    def describe(self) -> str:
        return f"embedder: {self.name} on {self.model.device.type} — as WORKBENCH_EMBEDDER says"

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.model.save_pretrained(str(folder / _MODEL), create_model_card=False, safe_serialization=True)
        meta = {"name": self.name, "prefixed": self.prefixed}
        (folder / _META).write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")


def make_embedder(name: str, texts: Sequence[str]) -> Embedder:
    """The embedder called `name`: "auto" fits LSA on `texts`; any other is a folder, a cached or a hub model.

    Raises UserError if the model cannot be had, or if there is no text to fit on.
    """
    if name == AUTO:
        return fit_lsa(texts)
    return SentenceEmbedder(name=name, model=_find_model(name), prefixed=_wants_prefix(name))


def load_embedder(folder: Path) -> Embedder:
    """What an embedder's `save` wrote; raises UserError naming the folder if nothing did."""
    if not (folder / _META).is_file():
        try:
            return load_lsa(folder)
        except FileNotFoundError:
            raise UserError(f"no saved embedder in {folder}") from None
    meta = json.loads((folder / _META).read_text(encoding="utf-8"))
    return SentenceEmbedder(name=meta["name"], model=_find_model(str(folder / _MODEL)), prefixed=meta["prefixed"])


def _wants_prefix(name: str) -> bool:
    # The instruct variants take a task description instead, which their own configuration carries.
    return bool(_E5.search(name.lower())) and "instruct" not in name.lower()


def _find_model(name: str) -> Any:
    from huggingface_hub.constants import ENDPOINT
    from sentence_transformers import SentenceTransformer

    try:
        return find_model(name, SentenceTransformer)
    except MissingModelError as missing:
        raise UserError(
            f"setting WORKBENCH_EMBEDDER: no model {name!r} in a local folder or the cache, nor from {ENDPOINT} "
            f"({missing}); use auto to do without one"
        ) from missing
