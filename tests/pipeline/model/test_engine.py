"""Fits by the workers of a Dask cluster: the same models, whoever dies meanwhile."""

import threading
import time

import numpy as np
import pytest
from sklearn.datasets import make_classification

from pipeline.embedding.vectors import LabelledVectors
from pipeline.model import engine
from pipeline.model.engine import EngineUnavailable
from pipeline.model.training import train
from pipeline.setting_tables import TrainingSettings
from pipeline.settings import InvalidSetting

pytest.importorskip("distributed", reason="needs Dask; make dask installs it")
from distributed import Client

from tests.support.processes.dask_clusters import dask_cluster

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("dask"), workers=2) as cluster:
        yield cluster


@pytest.fixture(autouse=True)
def connections():
    """Each test connects anew."""
    yield
    engine._connect.cache_clear()
    for client in Client._instances.copy():
        client.close(timeout=1)


def vectors(rows=2_000, classes=3):
    values, codes = make_classification(
        rows, 12, n_informative=6, n_classes=classes, random_state=0
    )
    names = tuple(f"x{n}" for n in range(12))
    return LabelledVectors(values, np.array(["no", "perhaps", "yes"])[codes], "x", names)


def wanted(cluster=None, classifier="RandomForestClassifier", **parameters):
    by = {"engine": "dask", "dask_scheduler": cluster.address} if cluster else {}
    return TrainingSettings(classifier=classifier, parameters=parameters, **by)


@pytest.mark.parametrize(
    ("classifier", "parameters"),
    [
        ("RandomForestClassifier", {"n_estimators": 60}),
        ("ExtraTreesClassifier", {"n_estimators": 10}),  # out of fold
        ("LogisticRegression", {}),
        ("lightgbm.LGBMClassifier", {"n_estimators": 20}),
        ("xgboost.XGBClassifier", {"n_estimators": 20}),
    ],
)
def test_a_cluster_trains_the_same_model(cluster, classifier, parameters):
    rows = vectors()
    here = train(rows, wanted(None, classifier, **parameters))
    there = train(rows, wanted(cluster, classifier, **parameters))
    assert there.model.predict_proba(rows.values) == pytest.approx(
        here.model.predict_proba(rows.values), abs=1e-9
    )
    assert (there.out_of_sample.predictions == here.out_of_sample.predictions).all()


@pytest.mark.parametrize(
    ("classifier", "kind"),
    [
        ("lightgbm.DaskLGBMClassifier", "LGBMClassifier"),
        ("xgboost.dask.DaskXGBClassifier", "XGBClassifier"),
    ],
)
def test_boosting_that_knows_dask_is_served_by_its_own_library(cluster, classifier, kind):
    rows = vectors()
    trained = train(rows, wanted(cluster, classifier, n_estimators=20))
    assert type(trained.model.estimator).__name__ == kind
    assert (trained.model.predict(rows.values) == rows.targets).mean() > 0.85
    assert trained.files["model.pkl"]
    again = train(rows, wanted(cluster, classifier, n_estimators=20))  # of parts placed anew
    same = again.model.predict(rows.values) == trained.model.predict(rows.values)
    assert same.mean() > 0.9


def test_boosting_that_needs_dask_says_so():
    with pytest.raises(InvalidSetting, match=r'needs training\.engine = "dask"'):
        train(vectors(), wanted(None, "lightgbm.DaskLGBMClassifier"))


def test_a_worker_that_dies_costs_time_only(tmp_path):
    rows, how = vectors(20_000), {"n_estimators": 60}
    with dask_cluster(tmp_path, workers=2) as cluster:
        killer = threading.Thread(target=_kill_when_busy, args=(cluster,))
        killer.start()
        there = train(rows, wanted(cluster, **how))
        killer.join()
        assert cluster.workers[0].poll() is not None
    here = train(rows, wanted(None, **how))
    some = rows.values[:500]
    assert (there.model.predict_proba(some) == here.model.predict_proba(some)).all()


def _kill_when_busy(cluster):
    with Client(cluster.address, set_as_default=False) as client:
        while not any(client.processing().values()):
            time.sleep(0.01)
    cluster.workers[0].kill()


def test_a_scheduler_that_is_away_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CONNECT_SECONDS", 1)
    with (
        dask_cluster(tmp_path, workers=0) as cluster,
        pytest.raises(EngineUnavailable, match="has no workers"),
    ):
        train(vectors(), wanted(cluster))
    with pytest.raises(EngineUnavailable, match=f"scheduler {cluster.address} is away"):
        train(vectors(), wanted(cluster))


def test_a_scheduler_that_goes_away_meanwhile_is_told(tmp_path):
    with dask_cluster(tmp_path, workers=2) as cluster:

        def kill():
            _kill_when_busy(cluster)
            cluster.scheduler.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(EngineUnavailable, match="is away"):
            train(vectors(20_000), wanted(cluster, n_estimators=100))
        killer.join()
