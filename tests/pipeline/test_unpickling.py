"""Out of a pickle comes a model, and nothing that acts."""

import os
import pickle

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from pipeline.unpickling import NotTrusted, dump, load

VALUES = np.random.default_rng(0).normal(size=(60, 3))
TARGETS = np.where(VALUES[:, 0] > 0, "yes", "no")


class Acts:
    def __init__(self, function, *arguments):
        self.made = function, arguments

    def __reduce__(self):
        return self.made


@pytest.mark.parametrize(
    "function",
    [os.system, eval, exec, getattr, np.load, pickle.loads, __import__, open, print],
    ids=lambda function: function.__name__,
)
def test_a_pickle_that_acts_is_refused(function, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotTrusted, match="only classes of scikit-learn, numpy and scipy"):
        load(dump(Acts(function, "touch it")))
    assert not list(tmp_path.iterdir())


def test_a_module_that_is_not_known_is_not_even_imported():
    with pytest.raises(NotTrusted, match=r"antigravity\.fly"):
        load(b"\x80\x04cantigravity\nfly\n.")


@pytest.mark.parametrize(
    "classifier",
    [
        RandomForestClassifier(3),
        HistGradientBoostingClassifier(max_iter=2),
        LogisticRegression(),
        KNeighborsClassifier(),
        MLPClassifier((2,), max_iter=2000, tol=0.1),
        SVC(),
    ],
    ids=lambda classifier: type(classifier).__name__,
)
def test_classifiers_of_scikit_learn_come_back_the_same(classifier):
    fitted = classifier.fit(VALUES, TARGETS)
    assert load(dump(fitted)).predict(VALUES).tolist() == fitted.predict(VALUES).tolist()


def test_a_module_on_the_list_is_trusted():
    content = dump(Acts(dict, [("a", 1)]))
    assert load(content) == {"a": 1}
    assert isinstance(load(dump(Harmless()), ("tests",)), Harmless)
    with pytest.raises(NotTrusted, match=r"test_unpickling\.Harmless"):
        load(dump(Harmless()))


class Harmless:
    pass
