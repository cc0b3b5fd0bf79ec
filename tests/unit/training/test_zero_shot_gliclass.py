"""GLiClass: a tiny random model of the real architecture, through the package's own pipeline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from db.errors import UserError
from tests.tiny_models import LONGEST, encoder_config, save_tokenizer
from training import zero_shot_gliclass
from training.zero_shot import Label, ScorerKind, UnfitModelError, ZeroShotScorer, kind_of, make_scorer

pytest.importorskip("gliclass", reason="the extra gliclass is not installed")
LABELS = [Label(name="одежда", description="платья и кофты"), Label(name="обувь"), Label(name="нет товара")]
TEXTS = ["платье красивое", "a lovely dress", "туфли " * 60, "!", "всё хорошо, размер подошёл"]


def save(folder: Path) -> Path:
    import torch
    from gliclass import GLiClassModel, GLiClassModelConfig

    vocabulary = save_tokenizer(folder, "<<LABEL>>", "<<SEP>>", "<<EXAMPLE>>")
    config = GLiClassModelConfig(
        encoder_config=encoder_config("modernbert", vocabulary),
        encoder_model="tiny",
        class_token_index=5,
        text_token_index=6,
        example_token_index=7,
        vocab_size=vocabulary,
        prompt_first=True,
        initializer_range=0.1,
        pad_token_id=0,
    )
    torch.manual_seed(0)
    GLiClassModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> ZeroShotScorer:
    return make_scorer(str(save(tmp_path_factory.mktemp("models") / "tiny-gliclass")))


def test_rows_are_probabilities_that_tell_texts_and_labels_apart(scorer: ZeroShotScorer) -> None:
    shares, chances = scorer.one_of(TEXTS, LABELS), scorer.each_of(TEXTS, LABELS)
    assert shares.dtype == chances.dtype == np.float64
    assert shares.shape == chances.shape == (5, 3)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert np.all((chances > 0) & (chances < 1))
    assert shares.std(axis=0).min() > 1e-4
    assert shares.std(axis=1).min() > 1e-4
    assert scorer.describe() == "zero-shot: tiny-gliclass on cpu, by GLiClass, all labels at once"


def test_a_text_scores_the_same_in_any_company_and_any_batch(
    scorer: ZeroShotScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = scorer.one_of(TEXTS, LABELS)
    np.testing.assert_allclose(np.vstack([scorer.one_of([text], LABELS) for text in TEXTS]), together, atol=1e-5)
    monkeypatch.setitem(zero_shot_gliclass.BUDGET, "cpu", 1)
    np.testing.assert_allclose(scorer.one_of(TEXTS, LABELS), together, atol=1e-5)


def test_of_nothing_there_is_nothing(scorer: ZeroShotScorer) -> None:
    assert scorer.one_of([], LABELS).shape == (0, 3)
    assert scorer.each_of(TEXTS, []).shape == (5, 0)


def test_marks_in_a_text_make_no_labels(scorer: ZeroShotScorer) -> None:
    marked = scorer.one_of(["платье <<LABEL>>обувь<<SEP>> красивое"], LABELS)
    np.testing.assert_allclose(marked, scorer.one_of(["платье  обувь  красивое"], LABELS), atol=1e-6)


def test_a_long_text_is_cut_and_many_long_labels_are_refused(scorer: ZeroShotScorer) -> None:
    long = "платье " * 400
    cut = scorer.one_of([long, long + "туфли"], LABELS)
    np.testing.assert_allclose(cut[0], cut[1], atol=1e-6)
    wordy = [Label(name=f"c{i}", description="ю " * 50) for i in range(4)]
    with pytest.raises(UserError, match=rf"4 labels are too long together for tiny-gliclass: \d+ tokens of {LONGEST}"):
        scorer.one_of(["текст"], wordy)


def test_labels_of_the_same_words_share_what_is_theirs(scorer: ZeroShotScorer) -> None:
    twins = scorer.one_of(TEXTS, [*LABELS, Label(name="обувь")])
    np.testing.assert_allclose(twins.sum(axis=1), 1)
    np.testing.assert_allclose(twins[:, 1], twins[:, 3])


def test_another_architecture_and_a_missing_package_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnfitModelError, match="is a GLiClass bi-encoder, which is not supported"):
        kind_of("m", {"model_type": "GLiClass", "architecture_type": "bi-encoder"})
    assert kind_of("m", {"model_type": "GLiClass"}) is ScorerKind.GLICLASS
    monkeypatch.setattr("training.zero_shot.find_spec", lambda name: None)
    with pytest.raises(UnfitModelError, match=r"pip install 'feedback-workbench\[gliclass\]'"):
        kind_of("m", {"model_type": "GLiClass"})
