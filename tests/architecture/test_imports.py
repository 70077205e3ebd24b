"""Imports point one way: scripts, serving, reporting -> pipeline; webapp knows only HTTP."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "pipeline": {"pipeline"},
    "scripts": {"pipeline", "scripts"},
    "serving": {"pipeline", "serving"},
    "reporting": {"pipeline", "reporting"},
    "webapp": {"webapp"},
    "grafana": {"grafana"},
}


def imported_folders(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_it_may(folder):
    for path in (ROOT / folder).rglob("*.py"):
        foreign = set(imported_folders(path)) & (MAY_IMPORT.keys() - MAY_IMPORT[folder])
        assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}"


@pytest.mark.parametrize("knob", ["environ", "getenv"])
def test_only_the_settings_read_the_environment(knob):
    readers = [p for p in (ROOT / "pipeline").rglob("*.py") if knob in p.read_text()]
    assert {path.name for path in readers} <= {"settings.py"}


TRAINING = {"sklearn", "scipy", "pandas", "onnx"}


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [("serving.application", TRAINING | {"fastapi", "PIL"}), ("serving.app", TRAINING)],
)
def test_a_start_loads_nothing_that_can_wait(module, unwanted):
    """A promotion noted through the gate's module once made each start three seconds longer."""
    ask = f"import sys, {module}; print({unwanted} & set(sys.modules))"
    told = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "set()\n"
