"""A version as a folder that MLflow calls a model: python_function, its code beside it."""

import json
import platform
import shutil
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import msgspec

from pipeline.data.observation import example_of
from pipeline.data.schema import Feature, Schema, columns_of
from pipeline.registry.signed_folder import SignedFolder

PIPELINE = Path(__file__).parents[2] / "pipeline"
LOADER = Path(__file__).with_name("carried_model.py")
NEEDED = (
    *("numpy", "pandas", "scikit-learn", "onnxruntime", "msgspec", "cryptography"),
    *("pydantic", "pydantic-settings"),
)
TYPES = {"number": "double", "integer": "double", "boolean": "boolean"}  # others are text


def write_model_folder(version: SignedFolder, folder: Path, run: str, mlflow_version: str) -> None:
    """Everything that is needed to predict; who loads it needs the packages of requirements.txt."""
    shutil.copytree(
        PIPELINE, folder / "code/pipeline", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(LOADER, folder / "code" / LOADER.name)
    (folder / "data").mkdir()
    for name in ("manifest.json", *version.manifest["files"]):
        shutil.copy(version.folder / name, folder / "data" / name)
    schema = msgspec.convert(version.manifest["schema"], Schema)
    columns = columns_of(schema)
    values = dict(zip((one.name for one in columns), example_of(schema), strict=True))
    example = {"columns": list(values), "data": [list(values.values())]}
    (folder / "input_example.json").write_text(json.dumps(example))
    (folder / "requirements.txt").write_text("".join(map(_pin, NEEDED)))
    environment = {"python": platform.python_version(), "dependencies": ["-r requirements.txt"]}
    (folder / "python_env.yaml").write_text(json.dumps(environment))
    described = _describe(version, columns, run, mlflow_version)
    (folder / "MLmodel").write_text(json.dumps(described, indent=1))  # JSON is YAML too


def _describe(
    version: SignedFolder, columns: tuple[Feature, ...], run: str, mlflow_version: str
) -> dict[str, Any]:
    inputs = [
        {"name": one.name, "type": TYPES.get(one.type, "string"), "required": False}
        for one in columns
    ]
    shares = [f"probability_{label}" for label in version.manifest["classes"]]
    outputs = [
        {"name": "prediction", "type": "string", "required": True},
        *({"name": name, "type": "double", "required": True} for name in ("confidence", *shares)),
    ]
    return {
        "artifact_path": "model",
        "flavors": {
            "python_function": {
                "loader_module": LOADER.stem,
                "code": "code",
                "data": "data",
                "env": {"virtualenv": "python_env.yaml"},
                "python_version": platform.python_version(),
            }
        },
        "mlflow_version": mlflow_version,
        "run_id": run,
        "saved_input_example_info": {
            "artifact_path": "input_example.json",
            "type": "dataframe",
            "pandas_orient": "split",
        },
        "signature": {
            "inputs": json.dumps(inputs),
            "outputs": json.dumps(outputs),
            "params": None,
        },
        "utc_time_created": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
    }


def _pin(package: str) -> str:
    """A package that is not here is left to who loads the model."""
    try:
        return f"{package}=={installed_version(package)}\n"
    except PackageNotFoundError:
        return f"{package}\n"
