"""Templates and searches speak of the fields that events have."""

import json
import re

import pytest

from pipeline.events.schema import FIELDS, KINDS
from scripts.elastic.saved_objects import SEARCHES, write_objects
from scripts.elastic.templates import write_index_template, write_mappings


def test_every_field_is_mapped_and_no_other_is_taken():
    mappings = write_mappings()["template"]["mappings"]
    assert mappings["dynamic"] == "strict"
    assert mappings["properties"].keys() == {field.name for field in FIELDS}


def test_the_template_is_of_a_data_stream():
    assert "data_stream" in write_index_template()


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search.id)
def test_a_search_asks_for_fields_that_there_are(search):
    asked = re.findall(r"([\w.@]+) *[:<>]", re.sub(r'"[^"]*"', "", search.query))
    for name in (*asked, *search.columns, search.sort):
        assert name in KINDS, name


def test_what_objects_refer_to_is_among_them():
    objects = [json.loads(line) for line in write_objects().splitlines()]
    known = {(one["type"], one["id"]) for one in objects}
    assert len(known) == len(objects)
    for one in objects:
        assert all((two["type"], two["id"]) in known for two in one["references"])
