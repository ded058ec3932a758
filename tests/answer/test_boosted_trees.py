"""Stored trees say what scikit-learn's do."""

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from rag.answer.quoting.boosted_trees import BoostedTrees
from rag.evaluation.fit import fit_choosing


def test_stored_trees_say_what_the_fitted_ones_do(monkeypatch):
    monkeypatch.setattr(fit_choosing, "TREES", {**fit_choosing.TREES, "n_estimators": 20})
    random = np.random.default_rng(3)
    x = random.normal(size=(900, 4))
    truth = x[:, 0] * x[:, 1] + 0.3 * x[:, 2] > 0.2
    rows = [dict(zip("abcd", row, strict=True)) for row in x.tolist()]
    fitted = fit_choosing.TreesFit(rows, truth, np.arange(900))
    model = GradientBoostingClassifier(**fit_choosing.TREES).fit(x, truth)
    said = BoostedTrees(fitted.stored).probabilities(rows)
    assert np.abs(said - model.predict_proba(x)[:, 1]).max() < 1e-3
    assert fitted.precision > truth.mean() + 0.2
    assert BoostedTrees(fitted.stored).probabilities([]).shape == (0,)
