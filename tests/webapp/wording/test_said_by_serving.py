"""Whatever serving can say of a request is French on the French page: read from its code."""

import pytest
import streamlit as st
from pydantic import ValidationError

from pipeline.extractors.media_files import AUDIO, VIDEO
from pipeline.extractors.pictures import UNREADABLE
from serving.schemas.bodies import FeedbackBody, Rows
from tests.support.processes.servers import ROOT
from tests.webapp.wording.said_sentences import sentences_of
from webapp.wording.serving import translate

OF_FIELD = {"Invalid": 1, "InvalidObservation": 1, "Unfit": 0, "Unreadable": 0}
WHOLE = {"HTTPException": 1, "NotFound": 0, "Conflict": 0, "UntrustedArtifact": 0}
STORE = ROOT / "pipeline/store/feedback_log.py"
PLACES = ("serving", "pipeline/data", "pipeline/extractors", "pipeline/registry")
ELSEWHERE = {"7", "7, 7: 7", "7: 7 7", "Not recorded: 7"}  # whose words are made by others
NOT_SHOWN = {"There is nothing at this path."}  # the page asks for no such path
NEVER_SAID = {  # a part that another sentence takes up
    "must be a number",
    "must be a number with a decimal comma",
    "must be true or false",
    "must be a date such as 7 (7), or empty if unknown, or empty if unknown",
}


def said(calls):
    paths = [path for place in PLACES for path in sorted((ROOT / place).rglob("*.py"))]
    found = {text for path in paths for text in sentences_of(path, calls)}
    known = found - NOT_SHOWN - NEVER_SAID
    return sorted(text for text in known if text.rstrip(".") not in ELSEWHERE)


@pytest.fixture(autouse=True)
def french(monkeypatch):
    monkeypatch.setitem(st.session_state, "language", "fr")


@pytest.mark.parametrize("reason", [*said(OF_FIELD), UNREADABLE, AUDIO, VIDEO])
@pytest.mark.parametrize("field", ["depth", "file"])
def test_what_can_be_wrong_with_a_field(field, reason):
    assert reason not in translate(f"{field}: {reason}.")


@pytest.mark.parametrize("sentence", said(WHOLE))
def test_what_can_be_wrong_with_a_request(sentence):
    assert sentence.rstrip(".") not in translate(sentence)


@pytest.mark.parametrize(
    "reason", sorted(sentences_of(STORE, {"FeedbackReceipt": 9, "_compare": 3}))
)
def test_why_feedback_is_not_recorded(reason):
    assert reason not in translate(f"Not recorded: {reason}.")


def test_they_are_found_at_all():
    assert len(said(OF_FIELD)) > 40
    assert len(said(WHOLE)) > 25


def messages(model, body):
    with pytest.raises(ValidationError) as refused:
        model.model_validate(body)
    return {str(one["msg"]).removeprefix("Value error, ") for one in refused.value.errors()}


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (Rows, {"rows": []}),
        (Rows, {"rows": [{}] * 1001}),
        (Rows, {"rows": [7]}),
        (Rows, {"rows": [[1]], "subjects": []}),
        (FeedbackBody, {"target": "a" * 5000, "subject": ""}),
        (FeedbackBody, {"target": None, "subject": "a" * 5000}),
        (FeedbackBody, {"target": "a"}),
        (FeedbackBody, {"target": "a", "features": []}),
        (FeedbackBody, {"target": "a", "prediction_id": "a", "prediction": "b"}),
        (FeedbackBody, {}),
    ],
)
def test_what_pydantic_says_of_what_the_page_sends(model, body):
    for message in messages(model, body):
        assert message not in translate(f"rows: {message}."), message


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("file.header", "L'en-tête du fichier"),
        ("file.line 5", "La ligne 5 du fichier"),
        ("file.line 5.depth", "La ligne 5 du fichier, depth"),
        ("rows.4.depth", "La ligne 5, depth"),
        ("features", "Les variables"),
        ("image", "L'image"),
        ("query.version", "La version"),
        ("depth", "depth"),
        ("a.b", "a.b"),
    ],
)
def test_a_field_is_named_as_a_person_would(field, named):
    assert translate(f"{field}: names a column twice.").startswith(f"{named}\u00a0: ")


def test_a_column_that_is_called_as_a_part_of_a_request_keeps_its_name():
    assert translate("target: must be a number or null.").startswith("target\u00a0: ")
    assert translate("target: is not a label of this dataset; the labels are a.").startswith("La r")
