"""Labels for texts without any example: models that compare a text with what a label means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from db.errors import UserError
from training.hub import MissingModelError, local_config, read_config

SETTING = "WORKBENCH_ZERO_SHOT_MODEL"
PLACE = "{label}"
# Named in advice. Multilingual, MIT: Laurer et al. 2024, "Less Annotating, More Classifying".
EXAMPLE = "MoritzLaurer/mDeBERTa-v3-base-xnli-multilingual-nli-2mil7"
# By whether the labels are written in Cyrillic: what a text is about, and what it says.
CATEGORY_TEMPLATES = {True: f"Этот текст относится к категории «{PLACE}».", False: f"This text is about {PLACE}."}
TAG_TEMPLATES = {True: f"В этом тексте сказано: «{PLACE}».", False: f"This text says: {PLACE}."}
_SHOWN = 6

Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a text is compared with: the description, or the name of a label that has none."""

    name: str
    description: str = ""

    @property
    def words(self) -> str:
        return self.description.strip() or self.name


class ZeroShotScorer(Protocol):
    """Texts (n) × labels (k) → float64 (n, k). A text's row does not depend on the other texts."""

    @property
    def name(self) -> str:
        """The model's name, or that of its folder."""
        ...

    @property
    def fingerprint(self) -> str:
        """The same for the same weights and settings, and for no others."""
        ...

    @property
    def device(self) -> str:
        """Where it runs: cpu or cuda."""
        ...

    def one_of(self, texts: Sequence[str], labels: Sequence[Label], /) -> Shares:
        """Probabilities that sum to 1 in each row: exactly one label holds.

        Raises UserError naming a label that is too long for the model.
        """
        ...

    def each_of(self, texts: Sequence[str], labels: Sequence[Label], /) -> Shares:
        """A probability for each label by itself: any number of them hold. Raises UserError as `one_of`."""
        ...

    def describe(self) -> str:
        """One line: what is running."""
        ...


class ScorerKind(StrEnum):
    """What a model does with a text and a label."""

    NLI = "nli"
    CROSS_ENCODER = "cross-encoder"
    GLICLASS = "gliclass"


class UnfitModelError(UserError):
    """The model is there, but it cannot compare texts with labels."""


def kind_of(name: str, config: Mapping[str, Any]) -> ScorerKind:
    """What a model is, by its config.json: an entailment label, a single output, or GLiClass's architecture.

    Raises UnfitModelError where it is none of them, or its package is not installed.
    """
    if str(config.get("model_type", "")).lower() == "gliclass":
        _check_gliclass(name, config)
        return ScorerKind.GLICLASS
    labels = output_labels(config)
    if len(labels) == 1:
        return ScorerKind.CROSS_ENCODER
    if place_of("entail", labels) is not None:
        return ScorerKind.NLI
    named = ", ".join(labels[:_SHOWN]) + (", …" if len(labels) > _SHOWN else "")
    raise UnfitModelError(
        f"setting WORKBENCH_ZERO_SHOT_MODEL: {name} has no NLI head: {len(labels)} labels ({named}), none "
        "of them entailment; choose a model trained on NLI, such as "
        "MoritzLaurer/mDeBERTa-v3-base-xnli-multilingual-nli-2mil7"
    )


def unfit(name: str) -> UnfitModelError | None:
    """Why a model cannot be used, as far as can be told without the hub and without loading it."""
    try:
        config = local_config(name)
        if config is not None:
            kind_of(name, config)
    except UnfitModelError as error:
        return error
    except ValueError as error:
        return UnfitModelError(f"setting WORKBENCH_ZERO_SHOT_MODEL: the config.json of {name} cannot be read ({error})")
    return None


def make_scorer(name: str, *, template: str = "", hub: bool = True) -> ZeroShotScorer:
    """The scorer for a model that is a folder, in the cache or, if it may be asked, on the hub.

    The model is loaded, to CUDA where there is one.

    `template` is an NLI model's hypothesis with {label} in it; "" takes one in the language of the labels.
    Raises UserError if the model cannot be had, UnfitModelError if it cannot be used.
    """
    from huggingface_hub.constants import ENDPOINT

    if (error := unfit(name)) is not None:
        raise error
    try:
        kind = kind_of(name, read_config(name, hub=hub))
        if kind is ScorerKind.GLICLASS:
            from training.zero_shot_gliclass import load_gliclass

            return load_gliclass(name, hub=hub)
        from training.zero_shot_pairs import CrossEncoderScorer, NliScorer, load_pair_model

        pairs = load_pair_model(name, hub=hub)
    except MissingModelError as missing:
        raise UserError(
            f"setting WORKBENCH_ZERO_SHOT_MODEL: no model {name!r} in a local folder or the cache, nor from "
            f"{ENDPOINT} ({missing})"
        ) from missing
    return NliScorer(pairs, template=template) if kind is ScorerKind.NLI else CrossEncoderScorer(pairs)


def output_labels(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of a model's outputs in their order, from id2label or, where that has no names, label2id."""
    by_id = {int(i): str(label) for i, label in (config.get("id2label") or {}).items()}
    by_name = {int(i): str(label) for label, i in (config.get("label2id") or {}).items()}
    if not by_id:
        # What transformers takes where a config says nothing.
        by_id = {i: f"LABEL_{i}" for i in range(config.get("num_labels") or len(by_name) or 2)}
    if all(label == f"LABEL_{i}" for i, label in by_id.items()):
        by_id |= {i: label for i, label in by_name.items() if i in by_id}
    return tuple(by_id[i] for i in sorted(by_id))


def place_of(start: str, labels: Sequence[str]) -> int | None:
    """The place of the label that begins with `start`, in any case; "not_entailment" does not begin with "entail"."""
    return next((i for i, label in enumerate(labels) if label.strip().lower().startswith(start)), None)


def hypothesis(template: str, label: Label) -> str:
    """The template about one label. Raises UserError if it has no place for one."""
    if PLACE not in template:
        raise UserError(f"setting hypothesis_template: it has no place for a label (got {template!r})")
    return template.replace(PLACE, label.words)


def in_cyrillic(labels: Sequence[Label]) -> bool:
    """Whether most letters of the labels' words are Cyrillic."""
    letters = [letter for label in labels for letter in label.words if letter.isalpha()]
    return 2 * sum("Ѐ" <= letter <= "ӿ" for letter in letters) > len(letters)


def shown_name(name: str) -> str:
    """A model's name for people and sources: of a folder only the last part."""
    return Path(name).resolve().name if Path(name).is_dir() else name


def _check_gliclass(name: str, config: Mapping[str, Any]) -> None:
    if find_spec("gliclass") is None:
        raise UnfitModelError(
            f"setting WORKBENCH_ZERO_SHOT_MODEL: {name} is a GLiClass model, whose package is not installed: "
            "pip install 'feedback-workbench[gliclass]'"
        )
    # The others read labels apart from texts, or write; nobody has tried them here.
    if (architecture := config.get("architecture_type", "uni-encoder")) != "uni-encoder":
        raise UnfitModelError(
            f"setting WORKBENCH_ZERO_SHOT_MODEL: {name} is a GLiClass {architecture}, which is not supported; "
            "choose one that is a uni-encoder"
        )
