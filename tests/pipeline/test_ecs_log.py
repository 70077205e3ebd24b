"""A line of a log in the names of the schema."""

import json
import logging

from pipeline.ecs_log import FIELDS, EcsFormatter


def line(message, **more):
    record = logging.LogRecord("here", logging.WARNING, "f.py", 1, message, (), None)
    for name, value in more.items():
        setattr(record, name, value)
    return json.loads(EcsFormatter("serving").format(record))


def test_a_sentence_has_its_level_and_who_speaks():
    said = line("The store is away")
    assert (said["message"], said["log.level"]) == ("The store is away", "warning")
    assert (said["service.name"], said["event.dataset"]) == ("boucle", "boucle.serving")


def test_a_request_has_the_names_of_the_schema():
    facts = {"method": "GET", "handler": "/model", "status": 200, "ms": 1.5, "request_id": "a1"}
    said = line("request", **{FIELDS: {**facts, "rows": 3}})
    assert said["http.response.status_code"] == 200
    assert (said["event.duration"], said["trace.id"]) == (1_500_000, "a1")
    assert (said["url.path"], said["boucle.log.rows"]) == ("/model", 3)


def test_an_error_brings_its_trace():
    try:
        raise ValueError("no")
    except ValueError as error:
        said = line("It failed", exc_info=(type(error), error, error.__traceback__))
    assert "ValueError: no" in said["error.stack_trace"]
