"""What keeps the house readable: imports, sizes, names, who reads the environment."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("pipeline", "serving", "reporting", "scripts", "webapp", "grafana")
HOUSE = (*FOLDERS, "benchmarks")
MODULES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
ALL = sorted([*MODULES, *(ROOT / "benchmarks").rglob("*.py")])
ROOMS = sorted({path.parent for path in ALL} - {ROOT / folder for folder in HOUSE})
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MOST_MODULES, MOST_LINES, MOST_TEST_LINES = 12, 250, 350
READERS = {  # of the environment; all others are told by settings
    "scripts/elastic/setup.py",
    "scripts/tracking/report_figures.py",
    "pipeline/settings.py",
    "webapp/settings.py",
    "pipeline/objects/bucket_objects.py",  # whether the endpoint is http, as for a test
    "serving/telemetry/metrics.py",  # whether Prometheus' library sums over workers
    "scripts/cli/api_client.py",  # where the services are, as the containers are told
    "scripts/demo.py",
    "scripts/monitor_drift.py",
    "scripts/simulation/monitoring_client.py",
    "scripts/stack/local_services.py",
}
FOR_OTHERS = {  # these set it for a library or a child, and read nothing
    "scripts/tracking/mlflow_sink.py",
    "reporting/batch/compare.py",
    "reporting/data_check/check.py",
    "reporting/project.py",
    "reporting/snapshot.py",
    "reporting/subprocesses.py",
    "scripts/maintenance/records_backup.py",
    "scripts/stack/run_services.py",
    "serving/helpers/helper_process.py",
    "serving/server.py",
}
TRAINING = {"sklearn", "scipy", "pandas", "onnx"}


def name(path):
    return path.relative_to(ROOT).as_posix()


def test_imports_point_one_way():
    """The contracts stand in pyproject.toml."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_a_room_holds_three_to_twelve_modules_and_a_sign(room):
    modules = [path for path in room.glob("*.py") if path.name != "__init__.py"]
    assert 3 <= len(modules) <= MOST_MODULES
    sign = ast.parse((room / "__init__.py").read_text())
    assert ast.get_docstring(sign)
    assert len(sign.body) == 1, "a sign imports nothing"


@pytest.mark.parametrize("folder", HOUSE)
def test_the_top_of_a_folder_holds_no_more_than_a_room(folder):
    modules = [path for path in (ROOT / folder).glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES


@pytest.mark.parametrize("folder", HOUSE)
def test_what_a_sign_says_to_start_at_is_there(folder):
    for room in (path for path in ROOMS if path.is_relative_to(ROOT / folder)):
        sign = ast.get_docstring(ast.parse((room / "__init__.py").read_text()))
        start = sign.partition("Start at `")[2].partition("`")[0]
        assert (room / start).is_file(), f"{name(room)} starts at {start!r}"


def test_a_module_is_read_in_one_go():
    long = {name(path): len(path.read_text().splitlines()) for path in ALL}
    assert {path: lines for path, lines in long.items() if lines > MOST_LINES} == {}


def test_no_name_hides_a_module_of_python():
    """A command and Streamlit's page have their own folder first on the path."""
    names = {name(path): path.stem for path in MODULES} | {name(room): room.name for room in ROOMS}
    names = {path: own for path, own in names.items() if path.count("/") == 1}
    assert {path for path, own in names.items() if own in sys.stdlib_module_names} == set()


def reads_environment(path):
    found = ast.walk(ast.parse(path.read_text()))
    names = (node.attr for node in found if isinstance(node, ast.Attribute))
    return not {"environ", "getenv"}.isdisjoint(names)


def test_only_settings_read_the_environment():
    assert {name(path) for path in MODULES if reads_environment(path)} == READERS | FOR_OTHERS


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("serving.application", TRAINING | {"fastapi", "PIL"}),
        ("serving.fastapi_app", TRAINING),
        ("reporting.exporter.pass_thread", TRAINING | {"evidently", "plotly"}),
        ("reporting.__main__", TRAINING | {"evidently", "numpy", "sqlalchemy"}),
        ("scripts.retraining.run_training", {"pandas", "pyarrow"}),
        (
            "scripts.trainer",
            TRAINING | {"onnxruntime", "mlflow", "dvclive", "matplotlib", "skops", "pyarrow"},
        ),
    ],
)
def test_a_start_loads_nothing_that_can_wait(module, unwanted):
    """A promotion noted through the gate's module once made each start three seconds longer."""
    ask = f"import sys, {module}; print({unwanted} & set(sys.modules))"
    told = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "set()\n"


def test_tests_have_the_rooms_of_what_they_test():
    places = {path.parent.relative_to(ROOT / "tests") for path in TESTS}
    rooms = {path for path in places if path.parts and path.parts[0] in FOLDERS}
    assert {path.as_posix() for path in rooms if not (ROOT / path).is_dir()} == {"webapp/without"}


def test_a_room_of_tests_and_a_module_of_them_are_read_in_one_go():
    rooms = Counter(name(path.parent) for path in TESTS if not path.name.startswith(("__", "conf")))
    long = {name(path) for path in TESTS if len(path.read_text().splitlines()) > MOST_TEST_LINES}
    assert {room for room, modules in rooms.items() if modules > MOST_MODULES} == set()
    assert long == set()
