"""Runs the fits of a classifier on this machine, or on the workers of a Dask cluster.

Only fits are sent. Predictions for a few thousand rows are quicker here than sent over a network.
"""

import importlib
import logging
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from pipeline.arrays import Indices, Numbers
from pipeline.setting_tables import TrainingSettings
from pipeline.settings import InvalidSetting

log = logging.getLogger(__name__)
Done = TypeVar("Done")
CONNECT_SECONDS, ATTEMPTS = 10, 4
DASK_ESTIMATORS = ("lightgbm.dask", "xgboost.dask")  # modules of those that use Dask by themselves


class EngineUnavailable(Exception):
    """The cluster cannot be reached now, or has no workers; it may come back."""


def spread(wanted: TrainingSettings, work: Callable[[], Done], attempts: int = ATTEMPTS) -> Done:
    """Do some work; what joblib runs in it goes to the engine.

    If a worker dies, its results and arguments are lost, and the work begins anew on the others.
    """
    if wanted.engine == "local":
        return work()
    import joblib

    client = _connect(wanted.dask_scheduler)
    try:
        with _engine_errors(wanted.dask_scheduler), joblib.parallel_config("dask"):
            return work()
    except EngineUnavailable:
        if attempts == 1 or client.status != "running":
            raise
        log.warning("A worker of %s was lost; the fit begins anew.", wanted.dask_scheduler)
        return spread(wanted, work, attempts - 1)


def spreads_itself(classifier: Any) -> bool:
    return type(classifier).__module__.startswith(DASK_ESTIMATORS)


def fit_by_cluster(
    classifier: Any, wanted: TrainingSettings, vectors: Numbers, codes: Indices
) -> Any:
    """Fit a Dask estimator, and return the library's ordinary classifier, which can be served."""
    if wanted.engine != "dask":
        raise InvalidSetting(f'{wanted.classifier} needs training.engine = "dask".')
    from_array: Any = importlib.import_module("dask.array").from_array
    client = _connect(wanted.dask_scheduler)
    rows = -(-len(vectors) // len(client.scheduler_info()["workers"]))
    with _engine_errors(wanted.dask_scheduler), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Parameter n_jobs will be ignored")
        classifier.fit(from_array(vectors, chunks=(rows, -1)), from_array(codes, chunks=rows))
    return _to_local(classifier)


def _to_local(classifier: Any) -> Any:
    if hasattr(classifier, "to_local"):
        return classifier.to_local()
    kind: Any = importlib.import_module("xgboost").XGBClassifier
    local = kind(**{**classifier.get_params(), "n_jobs": 1})
    local.load_model(classifier.get_booster().save_raw("ubj"))
    return local


@cache
def _connect(address: str) -> Any:
    try:
        make_client: Any = importlib.import_module("distributed").Client
    except ImportError:
        raise InvalidSetting(
            'training.engine is "dask", but the package distributed is not installed; '
            "make dask installs it."
        ) from None
    with _engine_errors(address):
        client = make_client(address, timeout=CONNECT_SECONDS)
    if not client.scheduler_info()["workers"]:
        raise EngineUnavailable(f"The Dask scheduler {address} has no workers.")
    return client


@contextmanager
def _engine_errors(address: str) -> Iterator[None]:
    try:
        yield
    except (OSError, CancelledError) as error:
        reason = str(error).partition("\n")[0][:200] or type(error).__name__
        raise EngineUnavailable(f"The Dask scheduler {address} is away: {reason}") from error
