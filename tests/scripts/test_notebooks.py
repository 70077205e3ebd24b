"""The notebooks run from top to bottom, and git has them without outputs."""

import json
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "scripts/notebooks").glob("*.ipynb"))
LONGEST_CELL = 15  # lines
PATIENCE = 600  # seconds for a cell: what else is tested meanwhile takes processors too


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


def cells(path, kind):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == kind]


@pytest.mark.slow
def test_it_runs_from_top_to_bottom(path, workplace, monkeypatch):
    nbclient = pytest.importorskip("nbclient", reason="`make .venv/notebooks` installs it")
    nbformat = pytest.importorskip("nbformat", reason="`make .venv/notebooks` installs it")
    monkeypatch.setenv("BOUCLE_DATASET__SOURCE", "digits")
    monkeypatch.setenv("TMPDIR", str(workplace))
    monkeypatch.delenv("SERVING_URL", raising=False)
    notebook, began = nbformat.read(path, as_version=4), time.monotonic()
    folder = {"metadata": {"path": str(workplace)}}
    nbclient.NotebookClient(notebook, timeout=PATIENCE, resources=folder).execute()
    print(f"{path.name}: {time.monotonic() - began:.0f} s")
    assert not list(workplace.glob("boucle-*")), "it cleans up"


def test_it_holds_no_outputs(path):
    """`make strip` takes them out."""
    code = cells(path, "code")
    assert [c["id"] for c in code if c["outputs"] or c["execution_count"] is not None] == []


def test_it_holds_no_metadata_and_numbered_cells(path):
    """Nothing in it changes by being opened and run."""
    notebook = json.loads(path.read_text())
    assert notebook["metadata"].keys() <= {"kernelspec", "language_info"}
    assert [cell["metadata"] for cell in notebook["cells"] if cell["metadata"]] == []
    ids = [cell["id"] for cell in notebook["cells"]]
    assert ids == [str(place) for place in range(len(ids))]


def test_it_is_written_so_that_diffs_can_be_read(path):
    text = path.read_text()
    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def test_its_cells_are_short(path):
    long = [c["id"] for c in cells(path, "code") if len(c["source"]) > LONGEST_CELL]
    assert long == []


def test_its_headings_are_in_both_languages(path):
    lines = [line for cell in cells(path, "markdown") for line in cell["source"]]
    headings = [line for line in lines if line.startswith("#")]
    assert headings
    assert [line for line in headings if " / " not in line] == []
