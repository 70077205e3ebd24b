"""Templates and searches speak of the fields that events have."""

import json
import re

import pytest

from pipeline.events.schema import FIELDS, KINDS
from scripts.elastic.dashboards import COLUMNS, DASHBOARDS
from scripts.elastic.lens import Chart
from scripts.elastic.saved_objects import SEARCHES, write_objects
from scripts.elastic.templates import write_index_template, write_mappings
from tests.support.processes.servers import ROOT


def asked_by(query):
    return re.findall(r"([\w.@]+) *[:<>]", re.sub(r'"[^"]*"', "", query))


def test_every_field_is_mapped_and_no_other_is_taken():
    mappings = write_mappings()["template"]["mappings"]
    assert mappings["dynamic"] == "strict"
    assert mappings["properties"].keys() == {field.name for field in FIELDS}


def test_the_template_is_of_a_data_stream():
    assert "data_stream" in write_index_template()


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search.id)
def test_a_search_asks_for_fields_that_there_are(search):
    for name in (*asked_by(search.query), *search.columns, search.sort):
        assert name in KINDS, name
    assert KINDS[search.sort] in {"date", "float", "long"}


CHARTS = [
    panel for board in DASHBOARDS for row in board.rows for panel in row if isinstance(panel, Chart)
]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
def test_a_chart_shows_fields_that_there_are_and_can_be_counted(chart):
    assert {*asked_by(chart.query)} <= KINDS.keys()
    assert not chart.split or KINDS[chart.split] in {"keyword", "boolean"}
    for figure in chart.figures:
        assert figure.operation == "count" or KINDS[figure.field] in {"float", "long"}
    state = chart.describe("view")["state"]
    layer = state["datasourceStates"]["formBased"]["layers"]["layer"]
    drawn = state["visualization"]["layers"][0]
    shown = [drawn["xAccessor"], *drawn["accessors"], drawn.get("splitAccessor", "time")]
    assert {*shown} == layer["columns"].keys() == {*layer["columnOrder"]}


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.id)
def test_the_panels_of_a_dashboard_fill_its_rows(board):
    panels = json.loads(board.describe("view")["attributes"]["panelsJSON"])
    wide = {}
    for panel in panels:
        grid = panel["gridData"]
        wide[grid["y"]] = wide.get(grid["y"], 0) + grid["w"]
    assert {*wide.values()} == {COLUMNS}


def test_what_objects_refer_to_is_among_them():
    objects = [json.loads(line) for line in write_objects().splitlines()]
    known = {(one["type"], one["id"]) for one in objects}
    assert len(known) == len(objects)
    for one in objects:
        assert all((two["type"], two["id"]) in known for two in one["references"])


def test_links_of_the_runbooks_lead_to_searches():
    linked = re.findall(r"discover#/view/([\w-]+)", (ROOT / "docs/runbooks.md").read_text())
    assert linked
    assert {*linked} <= {search.id for search in SEARCHES}
