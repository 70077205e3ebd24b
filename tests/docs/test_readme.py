"""The README and docs/datasets.md are true: their commands run and show what is said."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.datasets.load import load_dataset
from pipeline.datasets.made_files import encode_wav
from pipeline.datasets.made_sounds import make_tones
from pipeline.settings import PREFIX, load_settings
from tests.support.made_data.networks import save_picture_network

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DATASETS = (ROOT / "docs/datasets.md").read_text()
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
ROW = re.compile(r"\| ([^|]+) \| `([^`]+)` \| (\d+) \| (\d+) \| (\d+) \| ([\d.]+)% \|")
ROWS = ROW.findall(DATASETS)


def blocks(language, text=README):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def run(folder, command):
    """Run as a newcomer does, with nothing set; the folds have no part in what is shown."""
    outside = {n: text for n, text in os.environ.items() if not n.startswith(("MAKE", PREFIX))}
    done = subprocess.run(
        ["sh", "-ec", command],
        cwd=folder,
        env={**outside, "BOUCLE_TRAINING__FOLDS": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of what git knows of, the packages that are installed here, and own data in it."""
    folder = tmp_path_factory.mktemp("tree")
    for name in run(ROOT, "git ls-files -co --exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    for command in blocks("sh", DATASETS):
        if command.startswith(".venv/bin/python"):
            run(folder, command)
    return folder


def run_here(command, monkeypatch, capsys):
    """Run the scripts that make would start, in this process: five imports of scikit-learn less."""
    setting, _, making = command.partition(" ")
    knob, _, value = setting.partition("=")
    monkeypatch.setenv(knob, value)
    monkeypatch.setenv("BOUCLE_TRAINING__FOLDS", "2")
    for line in run(Path.cwd(), f"{making} --dry-run --silent").splitlines():
        if line.startswith(".venv/bin/python "):
            monkeypatch.setattr(sys, "argv", line.split()[1:])
            runpy.run_path(sys.argv[0], run_name="__main__")
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def make_train(tree):
    return run(tree, "make train")


@pytest.fixture
def show(tree, make_train, workplace, monkeypatch, capsys):
    monkeypatch.chdir(tree)
    return lambda c: make_train if c == "make train" else run_here(c, monkeypatch, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_command_of_the_table_shows_what_the_table_says(show, row):
    _, command, rows, features, labels, accuracy = row
    shown = show(command)
    assert f": {rows} rows, {features} features,\n  {labels} labels of " in shown
    (measured,) = re.findall(r"^accuracy ([\d.]+)%", shown, re.MULTILINE)
    assert float(measured) == pytest.approx(float(accuracy), abs=1.5)
    assert re.search(
        r"^Version 0001 is live in .* the same labels as .* 10000 points", shown, re.MULTILINE
    )


def test_the_table_has_a_row_for_each_kind_of_dataset():
    assert len(ROWS) == 8


@pytest.mark.slow
def test_what_is_shown_on_the_way_stands_in_the_readme(make_train):
    shown = {line for line in make_train.splitlines() if not line[:1].isdigit()}
    block = blocks("text")[0]
    counted = [line for line in block.splitlines() if line != "..." and not line[:1].isdigit()]
    differing = [line for line in counted if line not in shown]
    assert [line.split()[0] for line in differing] in ([], ["all", "accuracy"])


def test_make_run_prepares_and_trains_and_then_serves(tree):
    lines = run(tree, "make run -n -s").splitlines()
    started = [line.partition(" ")[2] for line in lines if line.startswith(".venv")]
    commands = ["scripts/prepare.py", "scripts/train.py --if-none"]
    assert started == [
        *commands,
        "-m scripts.stack.local_services --check",
        "-m scripts.stack.run_services",
    ]


def test_every_command_runs_here_or_runs_the_tests():
    assert blocks("sh") == ["make run\n", "make test\n"]
    assert all(block.startswith(".venv/bin/python") for block in blocks("sh", DATASETS))


def write_sounds(folder):
    for number, (label, samples) in enumerate(make_tones(20)):
        if label in ("bell", "drum"):
            (folder / label).mkdir(parents=True, exist_ok=True)
            (folder / label / f"{number}.wav").write_bytes(encode_wav(samples))


@pytest.mark.parametrize("table", blocks("toml") + blocks("toml", DATASETS))
def test_a_dataset_table_takes_at_most_five_lines_and_no_code(tree, workplace, table):
    for name in ("own.csv", "own_images"):
        (workplace / name).symlink_to(tree / name)
    if "own_sounds" in table:
        pytest.importorskip("av", reason="needs PyAV; make media installs it")
        write_sounds(workplace / "own_sounds")
    save_picture_network(workplace / "backbone.onnx")
    (workplace / "config.toml").write_text(table)
    assert len(table.splitlines()) <= 5
    assert len(load_dataset(load_settings()).schema.labels) == 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_links_to_exists(page):
    for path in re.findall(r"\]\(([^)#:]+)[)#]", page.read_text()):
        assert (page.parent / path).exists(), path


def test_every_module_that_the_architecture_names_exists():
    text = (ROOT / "docs/architecture.md").read_text()
    named = set(re.findall(r"`([a-z]+/[a-z_/]+(?:\.py|/))`", text))
    assert len(named) > 30
    assert not [name for name in named if not (ROOT / name).exists()]


@pytest.mark.parametrize(
    "folder", ["pipeline", "serving", "reporting", "scripts", "webapp", "benchmarks"]
)
def test_the_architecture_has_every_room(folder):
    text = (ROOT / "docs/architecture.md").read_text().partition("## Rooms")[2]
    (row,) = re.findall(rf"^\| `{folder}/` \| (.*) \|$", text, re.MULTILINE)
    rooms = {path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}
    assert set(re.findall(r"`(\w+)`", row)) == rooms


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 150


def test_every_command_of_the_makefile_has_a_line_of_help(tree):
    listed = set(re.findall(r"^  make ([a-z-]+) ", run(tree, "make help"), re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert listed == set(phony[1].split())
