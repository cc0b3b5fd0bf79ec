"""What a model is, found out from its configuration; templates; and what is said of models that do not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest

from db.errors import UserError
from training.zero_shot import (
    CATEGORY_TEMPLATES,
    PLACE,
    TAG_TEMPLATES,
    Label,
    ScorerKind,
    UnfitModelError,
    hypothesis,
    in_cyrillic,
    kind_of,
    make_scorer,
    output_labels,
    place_of,
    unfit,
)


@pytest.mark.parametrize(
    "labels",
    [
        ["entailment", "neutral", "contradiction"],
        ["CONTRADICTION", "NEUTRAL", "ENTAILMENT"],
        ["Contradiction", " Entail", "Neutral"],
        ["not_entailment", "entailment"],
    ],
)
def test_an_entailment_label_in_any_spelling_and_order_makes_an_nli_model(labels: list[str]) -> None:
    config = {"model_type": "bert", "id2label": {str(i): label for i, label in enumerate(labels)}}
    assert kind_of("m", config) is ScorerKind.NLI
    found = place_of("entail", output_labels(config))
    assert found is not None
    assert labels[found].strip().lower() in ("entailment", "entail")


def test_labels_that_only_label2id_names_are_read_from_there_in_their_order() -> None:
    config = {"label2id": {"entailment": 2, "neutral": 1, "contradiction": 0}}
    assert output_labels(config) == ("contradiction", "neutral", "entailment")
    nameless = {"id2label": {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"}}
    assert output_labels(nameless | config) == ("contradiction", "neutral", "entailment")
    assert output_labels({"id2label": {"10": "k", "9": "j", "2": "c"}}) == ("c", "j", "k")


def test_a_single_output_makes_a_cross_encoder_whatever_it_is_called() -> None:
    for label in ("LABEL_0", "entailment"):
        assert kind_of("m", {"id2label": {"0": label}}) is ScorerKind.CROSS_ENCODER


@pytest.mark.parametrize(
    ("config", "labels"),
    [
        ({"model_type": "xlm-roberta", "architectures": ["XLMRobertaForMaskedLM"]}, "2 labels (LABEL_0, LABEL_1)"),
        ({"id2label": {"0": "negative", "1": "positive"}}, "2 labels (negative, positive)"),
        ({"id2label": {str(i): f"c{i}" for i in range(9)}}, "9 labels (c0, c1, c2, c3, c4, c5, …)"),
    ],
)
def test_a_model_that_cannot_compare_is_refused_with_the_reason(config: dict[str, Any], labels: str) -> None:
    with pytest.raises(UnfitModelError) as refused:
        kind_of("xlm-roberta-large", config)
    assert str(refused.value) == (
        f"setting WORKBENCH_ZERO_SHOT_MODEL: xlm-roberta-large has no NLI head: {labels}, none of them entailment; "
        "choose a model trained on NLI, such as MoritzLaurer/mDeBERTa-v3-base-xnli-multilingual-nli-2mil7"
    )


def test_what_is_not_here_is_not_judged_and_what_cannot_be_read_is(tmp_path: Path) -> None:
    assert unfit("no/such-model") is None
    assert unfit(str(tmp_path)) is None
    (tmp_path / "config.json").write_text("[1]", encoding="utf-8")
    assert "config.json" in str(unfit(str(tmp_path)))
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(UnfitModelError, match="cannot be read"):
        make_scorer(str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"id2label": {"0": "a", "1": "b"}}), encoding="utf-8")
    with pytest.raises(UnfitModelError, match="no NLI head"):
        make_scorer(str(tmp_path))


def test_a_model_that_cannot_be_had_is_the_users_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match=r"WORKBENCH_ZERO_SHOT_MODEL: no model 'no/such-model' in a local folder"):
        make_scorer("no/such-model")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert", "id2label": {"0": "x"}}), encoding="utf-8")
    with pytest.raises(UserError, match=r"no model .* in a local folder"):
        make_scorer(str(tmp_path))


def test_a_label_is_told_by_its_description_and_by_its_name_where_it_has_none() -> None:
    template = f"Речь про {PLACE}, и только про {PLACE}."
    described = hypothesis(template, Label(name="c1", description=" {} обувь "))
    assert described == "Речь про {} обувь, и только про {} обувь."
    assert hypothesis(template, Label(name="c1", description=" ")) == "Речь про c1, и только про c1."
    with pytest.raises(UserError, match=r"setting hypothesis_template: it has no place for a label \(got 'Это \{\}'\)"):
        hypothesis("Это {}", Label(name="c1"))


def test_the_default_templates_follow_the_letters_of_the_labels() -> None:
    assert in_cyrillic([Label(name="одежда"), Label(name="обувь Nike")])
    assert not in_cyrillic([Label(name="одежда", description="clothes of any kind"), Label(name="shoes")])
    assert not in_cyrillic([Label(name="123")])
    assert all(PLACE in template for template in (*CATEGORY_TEMPLATES.values(), *TAG_TEMPLATES.values()))
