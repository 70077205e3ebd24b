"""A version of the model that MLflow holds and nobody here trained: fetched, and not trusted yet.

A pickle stays closed here: the trainer opens it, under the list of what may stand in one. A file of
skops, MLflow's default, is read under the same list.
"""

import tempfile
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from pipeline import unpickling
from pipeline.retraining.foreign_model import ForeignModel, ForeignRefused

PICKLES, SKOPS = ("pickle", "cloudpickle"), "skops"
MOST_BYTES = 200_000_000  # also of a file of skops when it is unpacked


def fetch_foreign(uri: str, source: str, trusted: Collection[str]) -> ForeignModel:
    """What `models:/NAME/VERSION` is, or ForeignRefused; whatever MLflow raises while it is away.

    A version without files cannot be told from a server without a store, so that is refused too.
    """
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        described = _download(uri, "MLmodel", Path(name))
        flavor, columns = _describe(described.parent)
        file = flavor.get("pickled_model", "")
        if file != Path(file).name:
            raise ForeignRefused("its file lies in no folder of its own")
        path = _download(uri, file, Path(name))
        pickled = to_pickle(path, flavor.get("serialization_format", "pickle"), trusted)
    return ForeignModel(source, columns, str(flavor.get("sklearn_version")), pickled)


def _download(uri: str, file: str, folder: Path) -> Path:
    from mlflow.artifacts import download_artifacts, list_artifacts
    from mlflow.exceptions import MlflowException

    try:
        found = {Path(one.path).name: one.file_size or 0 for one in list_artifacts(uri)}
        if found.get(file, 0) > MOST_BYTES:
            raise ForeignRefused(f"{file} has more than {MOST_BYTES / 1e6:.0f} MB")
        return Path(download_artifacts(f"{uri}/{file}", dst_path=str(folder)))
    except (MlflowException, OSError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise ForeignRefused(f"it has no {file} ({reason})") from error


def _describe(folder: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Its flavor of scikit-learn, and the columns that its signature names."""
    from mlflow.models import Model

    try:
        model = Model.load(str(folder))
    except Exception as error:  # whatever a file with other content makes MLflow raise
        raise ForeignRefused(f"its MLmodel cannot be read ({type(error).__name__})") from error
    if "sklearn" not in model.flavors:
        raise ForeignRefused("it is no model of scikit-learn, logged by mlflow.sklearn.log_model")
    signature = model.signature
    if signature is None or not signature.inputs or not signature.inputs.has_input_names():
        raise ForeignRefused("it has no signature that names its columns")
    return model.flavors["sklearn"], tuple(signature.inputs.input_names())


def to_pickle(path: Path, kind: str, trusted: Collection[str]) -> bytes:
    """The content of a file that MLflow wrote, as a pickle."""
    if kind in PICKLES:
        return path.read_bytes()
    if kind != SKOPS:
        raise ForeignRefused(f"its file is of the kind '{kind[:40]}', which is not known here")
    try:
        from skops.io import get_untrusted_types, load
    except ModuleNotFoundError:
        raise ForeignRefused("its file is of skops, which is not installed here") from None
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_BYTES:
                raise ForeignRefused(f"it unpacks to more than {MOST_BYTES / 1e6:.0f} MB")
        asked = get_untrusted_types(file=path)
        if strange := [name for name in asked if not unpickling.is_allowed(name, trusted)]:
            raise ForeignRefused(f"it holds {strange[0][:200]}, which may not be loaded")
        return unpickling.dump(load(path, trusted=asked))
    except ForeignRefused:
        raise
    except Exception as error:  # skops raises whatever a damaged file makes it meet
        raise ForeignRefused(f"its file of skops cannot be read: {str(error)[:200]}") from error
