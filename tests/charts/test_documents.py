"""What is written of the chart's values is what they are."""

import json

import pytest
import yaml

from charts.documents import CHART, list_values, write_all

VALUES = (CHART / "values.yaml").read_text()


@pytest.mark.parametrize("path", write_all(), ids=lambda path: path.name)
def test_schema_and_readme_are_those_of_the_values(path):
    assert path.read_text() == write_all()[path], "python -m charts.documents"


def test_each_value_has_its_meaning():
    told = {path for path, _, _ in list_values(VALUES)}
    groups = {"image", "secrets", "storage", "store", "postgres", "serving", "trainer", "webapp"}
    groups |= {
        "reporting",
        "cronJobs",
        "monitoring",
        "ingress",
        "gateway",
        "networkPolicy",
        "restore",
        "artifacts",
    }
    for name, value in yaml.safe_load(VALUES).items():
        inner = {f"{name}.{key}" for key in value} if name in groups else {name}
        assert inner - told <= {"serving.autoscaling"}


def test_settings_that_the_chart_makes_are_no_values():
    tables = json.loads((CHART / "values.schema.json").read_text())["$defs"]
    assert "url" not in tables["StoreSettings"]["properties"]
    assert "every" in tables["RetrainingSettings"]["properties"]
