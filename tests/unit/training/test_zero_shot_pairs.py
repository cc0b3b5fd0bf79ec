"""NLI models and cross-encoders: tiny random ones of the real architectures, through the real code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import UserError
from tests.tiny_models import save_classifier
from training import zero_shot_pairs
from training.zero_shot import Label, UnfitModelError, ZeroShotScorer, make_scorer
from training.zero_shot_pairs import CrossEncoderScorer, NliScorer, batches, load_pair_model

NLI = {0: "entailment", 1: "neutral", 2: "contradiction"}
LABELS = [Label(name="одежда", description="платья и кофты"), Label(name="обувь"), Label(name="нет товара")]
TEXTS = ["платье красивое", "a lovely dress", "туфли " * 60, "", "всё хорошо, размер подошёл", "!"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("models")
    return {
        "bert": save_classifier(place / "bert", "bert", NLI),
        "xlm-roberta": save_classifier(
            place / "xlmr", "xlm-roberta", {0: "CONTRADICTION", 1: "NEUTRAL", 2: "Entailment"}
        ),
        "modernbert": save_classifier(place / "modernbert", "modernbert", {0: "not_entailment", 1: "entailment"}),
        "cross-encoder": save_classifier(place / "ranker", "xlm-roberta", {0: "LABEL_0"}),
    }


@pytest.fixture(scope="module", params=["bert", "xlm-roberta", "modernbert", "cross-encoder"])
def scorer(request: pytest.FixtureRequest, folders: dict[str, Path]) -> ZeroShotScorer:
    return make_scorer(str(folders[request.param]))


def test_the_configuration_decides_what_a_model_is(folders: dict[str, Path]) -> None:
    made = {name: make_scorer(str(folder)) for name, folder in folders.items()}
    assert {name for name, one in made.items() if isinstance(one, NliScorer)} == {"bert", "xlm-roberta", "modernbert"}
    assert isinstance(made["cross-encoder"], CrossEncoderScorer)
    assert made["bert"].describe() == "zero-shot: bert on cpu, by natural language inference"
    assert len({one.fingerprint for one in made.values()}) == 4


def test_rows_are_probabilities_that_tell_texts_and_labels_apart(scorer: ZeroShotScorer) -> None:
    shares, chances = scorer.one_of(TEXTS, LABELS), scorer.each_of(TEXTS, LABELS)
    assert shares.dtype == chances.dtype == np.float64
    assert shares.shape == chances.shape == (6, 3)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert np.all((chances > 0) & (chances < 1))
    assert shares.std(axis=0).min() > 1e-3
    assert shares.std(axis=1).min() > 1e-3


def test_permuted_labels_have_permuted_probabilities(scorer: ZeroShotScorer) -> None:
    order = [2, 0, 1]
    permuted = [LABELS[i] for i in order]
    np.testing.assert_allclose(scorer.one_of(TEXTS, permuted), scorer.one_of(TEXTS, LABELS)[:, order], atol=1e-5)
    np.testing.assert_allclose(scorer.each_of(TEXTS, permuted), scorer.each_of(TEXTS, LABELS)[:, order], atol=1e-5)


def test_a_text_scores_the_same_in_any_company_and_any_batch(
    scorer: ZeroShotScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = scorer.one_of(TEXTS, LABELS)
    np.testing.assert_allclose(np.vstack([scorer.one_of([text], LABELS) for text in TEXTS]), together, atol=1e-5)
    chances = scorer.each_of(TEXTS, LABELS)
    np.testing.assert_allclose(scorer.each_of(TEXTS, LABELS[:1]), chances[:, :1], atol=1e-5)
    for budget in (1, 200):
        monkeypatch.setitem(zero_shot_pairs.BUDGET, "cpu", budget)
        np.testing.assert_allclose(scorer.one_of(TEXTS, LABELS), together, atol=1e-5)


def test_of_nothing_there_is_nothing(scorer: ZeroShotScorer) -> None:
    assert scorer.one_of([], LABELS).shape == (0, 3)
    assert scorer.each_of(TEXTS, []).shape == (6, 0)


def test_only_the_text_is_cut_never_the_label(scorer: ZeroShotScorer) -> None:
    long = "платье " * 400
    cut = scorer.one_of([long, long + "туфли"], LABELS)
    np.testing.assert_allclose(cut[0], cut[1], atol=1e-6)
    # Labels that differ in their last letter only still differ under a text that fills everything.
    ends = scorer.one_of([long], [Label(name="б" * 40 + "а"), Label(name="б" * 40 + "я")])
    assert abs(ends[0, 0] - ends[0, 1]) > 1e-6
    with pytest.raises(
        UserError, match=r"label .* is too long for .*: \d+ tokens, \d+ at most; shorten its description"
    ):
        scorer.one_of(["текст"], [*LABELS, Label(name="c", description="ю " * 125)])


def test_marks_in_a_text_end_nothing(folders: dict[str, Path]) -> None:
    pairs = load_pair_model(str(folders["bert"]))
    asked = pairs.tokenizer("платье [SEP] [CLS] туфли", "обувь")["input_ids"]
    assert [token for token in asked if token in (2, 3)] == [2, 3, 3]


def test_entailment_is_found_by_its_name_not_by_its_place(tmp_path: Path) -> None:
    first = save_classifier(tmp_path / "a", "bert", {0: "entailment", 1: "neutral", 2: "contradiction"})
    last = save_classifier(tmp_path / "b", "bert", {0: "contradiction", 1: "neutral", 2: "entailment"})
    one, other = make_scorer(str(first)), make_scorer(str(last))
    # The same weights: what speaks for a tag in one speaks against it in the other.
    np.testing.assert_allclose(one.each_of(TEXTS, LABELS), 1 - other.each_of(TEXTS, LABELS), atol=1e-6)
    assert one.fingerprint != other.fingerprint


def test_a_template_is_what_the_model_reads(folders: dict[str, Path]) -> None:
    own = make_scorer(str(folders["bert"]), template="Этот текст относится к категории «{label}».")
    plain = make_scorer(str(folders["bert"]))
    np.testing.assert_array_equal(own.one_of(TEXTS, LABELS), plain.one_of(TEXTS, LABELS))
    assert not np.allclose(own.each_of(TEXTS, LABELS), plain.each_of(TEXTS, LABELS))
    other = make_scorer(str(folders["bert"]), template="{label}")
    assert not np.allclose(other.one_of(TEXTS, LABELS), plain.one_of(TEXTS, LABELS))
    assert len({own.fingerprint, plain.fingerprint, other.fingerprint}) == 3


def test_a_model_without_a_trained_head_is_refused(tmp_path: Path) -> None:
    plain = save_classifier(tmp_path / "plain", "xlm-roberta", None)
    with pytest.raises(UnfitModelError, match=r"has no NLI head: 2 labels \(LABEL_0, LABEL_1\), none of them entail"):
        make_scorer(str(plain))
    # Its configuration promises a head that its weights lack: transformers would make one up at random.
    config = (save_classifier(tmp_path / "promised", "xlm-roberta", NLI) / "config.json").read_text(encoding="utf-8")
    (plain / "config.json").write_text(config, encoding="utf-8")
    with pytest.raises(UnfitModelError, match=r"never trained to classify: its weights lack classifier\."):
        make_scorer(str(plain))


def test_the_fingerprint_is_of_the_weights_not_of_the_folder(tmp_path: Path) -> None:
    made = [save_classifier(tmp_path / str(i), "bert", NLI, seed=seed) for i, seed in enumerate((0, 0, 1))]
    one, twin, other = (make_scorer(str(folder)).fingerprint for folder in made)
    assert one == twin != other


@given(st.lists(st.integers(1, 600), max_size=60), st.integers(1, 2000))
@settings(max_examples=100, deadline=None)
def test_batches_hold_every_pair_once_within_the_budget(lengths: list[int], budget: int) -> None:
    runs = batches(np.array(lengths, dtype=np.int_), budget)
    assert sorted(int(i) for run in runs for i in run) == list(range(len(lengths)))
    for run in runs:
        assert len(run) == 1 or max(lengths[i] for i in run) * len(run) <= budget
    longest = [max(lengths[i] for i in run) for run in runs]
    assert longest == sorted(longest, reverse=True)
