"""An image holds what its code imports: nothing else tells before its container starts."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("scripts", "serving", "webapp", "reporting")
# Imported under another name than installed, or a part of another package.
PACKAGES = {
    "PIL": "pillow",
    "arro3": "arro3-io",
    "prometheus_client": "prometheus-client",
    "prometheus_fastapi_instrumentator": "prometheus-fastapi-instrumentator",
    "pydantic_settings": "pydantic-settings",
    "sklearn": "scikit-learn",
    "starlette": "fastapi",
}
OPTIONAL = {  # for some models, tables and places; of tracking, whose requirements are its own
    "joblib",  # comes with scikit-learn
    *("onnxmltools", "openpyxl", "pyarrow", "av", "obstore"),
    *("mlflow", "dvclive", "matplotlib", "pandas", "skops"),
}
OF_REPORTS = {"onnxruntime"}  # imported where a network is used, which no pass does


def imported_names(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def own_module(name):
    """The file of ours that an imported name stands for or stands in."""
    for dotted in (name, name.rpartition(".")[0]):
        path = ROOT / f"{dotted.replace('.', '/')}.py"
        if path.is_file():
            return path
    return None


def copied(folder):
    """The files of ours that an image holds."""
    lines = (ROOT / folder / "Dockerfile").read_text().splitlines()
    for line in (line.split() for line in lines if line.startswith("COPY ")):
        if "--from=packages" not in line:
            for source in (ROOT / name for name in line[1:-1]):
                yield from source.rglob("*.py") if source.is_dir() else [source]


def follow_imports(folder):
    """The files that an image's code imports, step by step, and the packages that these need."""
    return follow(
        path for path in copied(folder) if path.suffix == ".py" and "pipeline" not in path.parts
    )


def follow(paths):
    files, packages, ahead = set(), set(), set(paths)
    while ahead:
        path = ahead.pop()
        files.add(path)
        for name in imported_names(path):
            top = name.partition(".")[0]
            if own := own_module(name):
                ahead |= {own} - files
            elif top not in sys.stdlib_module_names and not (ROOT / top).is_dir():
                packages.add(PACKAGES.get(top, top))
    return files, packages


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_that_is_imported_is_in_the_image(folder):
    assert follow_imports(folder)[0] - set(copied(folder)) == set()


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_package_that_is_imported_is_installed(folder):
    """Serving once stopped at its start: the path to the trainer's onnx was three imports long."""
    assert follow_imports(folder)[1] - OPTIONAL <= required(folder)


def required(folder):
    wanted = (ROOT / folder / "requirements.txt").read_text()
    return set(re.findall(r"^[\w-]+", wanted, re.MULTILINE))


def test_the_image_of_the_exporter_alone_has_what_the_exporter_imports():
    """Its Dockerfile is reporting's, with fewer packages; nothing of ours imports __main__.py."""
    paths = [ROOT / "reporting" / name for name in ("__main__.py", "exporter/pass_thread.py")]
    assert follow(paths)[1] - OPTIONAL - OF_REPORTS <= required("reporting/exporter")


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_that_is_imported_is_copied(folder):
    lines = re.findall(r"^COPY (?!--)(.+) \S+$", (ROOT / folder / "Dockerfile").read_text(), re.M)
    copied = {ROOT / name for line in lines for name in line.split()}
    needed = follow_imports(folder)[0]
    assert not [path for path in needed if not copied & {path, *path.parents}]
