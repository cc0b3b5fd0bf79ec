"""Linear machines on sparse features."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from training.linear import balance_of_classes, fit_one_against_rest, importance_by_ratio

GENERATOR = np.random.default_rng(0)
DENSE = (GENERATOR.random((200, 12)) < 0.3).astype(np.float32)
FEATURES = csr_matrix(DENSE)
CLASSES = (DENSE[:, 0] + 2 * DENSE[:, 1]).astype(int)
ONE_HOT = CLASSES[:, None] == np.arange(4)


def test_balanced_machines_answer_as_scikit_learns_do() -> None:
    ours = fit_one_against_rest(FEATURES, ONE_HOT, strength=1.0, boost=balance_of_classes(ONE_HOT), seed=0)
    theirs = LinearSVC(C=1.0, class_weight="balanced").fit(FEATURES, CLASSES)
    assert (ours.scores(FEATURES).argmax(axis=1) == theirs.predict(FEATURES)).mean() > 0.99


def test_labels_that_all_or_no_rows_have_are_constant() -> None:
    truth = np.stack([np.ones(200, dtype=bool), np.zeros(200, dtype=bool)], axis=1)
    scores = fit_one_against_rest(FEATURES, truth, strength=1.0, boost=np.ones(2), seed=0).scores(FEATURES)
    assert (scores == [1.0, -1.0]).all()


def test_texts_without_features_are_answered_by_frequency() -> None:
    model = fit_one_against_rest(csr_matrix((200, 0)), ONE_HOT, strength=1.0, boost=np.ones(4), seed=0)
    assert model.bias.argmax() == np.bincount(CLASSES).argmax()


def test_the_telling_feature_is_the_important_one() -> None:
    importance = importance_by_ratio(FEATURES, DENSE[:, [0]] > 0)
    assert importance.shape == (12, 1)
    assert importance[:, 0].argmax() == 0
    assert (importance >= 0).all()


def test_stretching_features_is_undone_in_the_weights() -> None:
    stretch = np.full((12, 4), 2.0, dtype=np.float32)
    plain = fit_one_against_rest(FEATURES, ONE_HOT, strength=4.0, boost=np.ones(4), seed=0)
    stretched = fit_one_against_rest(FEATURES, ONE_HOT, strength=1.0, boost=np.ones(4), seed=0, importance=stretch)
    agree = plain.scores(FEATURES).argmax(axis=1) == stretched.scores(FEATURES).argmax(axis=1)
    assert agree.mean() > 0.98


def test_the_same_seed_gives_the_same_weights() -> None:
    runs = [fit_one_against_rest(FEATURES, ONE_HOT, strength=1.0, boost=np.ones(4), seed=5) for _ in range(2)]
    assert (runs[0].weights == runs[1].weights).all()
