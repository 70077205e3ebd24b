"""The pages that look back, by AppTest against a real serving."""

import datetime
import io

import pyarrow.parquet
import pytest
import requests
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.support.processes.servers import wait_for
from tests.webapp.tables import tables_of
from webapp.client.records import Listed
from webapp.history_page.download import offer_downloads, write_parquet


def history_page():
    from webapp.client.serving import Client
    from webapp.history_page import page
    from webapp.session import current_session
    from webapp.settings import load_settings

    page.show(Client(load_settings()), current_session())


@pytest.fixture
def predicted(here):
    schema = requests.get(f"{here.serving}/schema", timeout=10).json()
    row = {feature["name"]: feature["example"] for feature in schema["features"]}
    return requests.post(f"{here.serving}/predict", json=row, timeout=10).json()


def run(page=history_page):
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    return app


def open_record(prediction):
    app = run()
    app.text_input("find").set_value(prediction["prediction_id"]).run()
    assert not app.exception
    return app


def text_of(app):
    return "\n".join(element.value for element in app.markdown)


def test_the_newest_prediction_is_on_top(predicted):
    newest = tables_of(run())[0][0]
    assert newest["id"] == predicted["prediction_id"]
    assert newest["predicted"] == predicted["prediction"]


def test_a_record_is_opened_by_its_id_and_answered(predicted, here):
    app = open_record(predicted)
    assert f"## {predicted['prediction']}" in text_of(app)
    app.button(f"correct-{predicted['prediction_id']}-None").click().run()
    path = f"{here.serving}/predictions/{predicted['prediction_id']}"
    assert requests.get(path, timeout=10).json()["feedback"]["target"] == predicted["prediction"]


def test_an_answer_is_corrected(predicted, here):
    number, label = predicted["prediction_id"], predicted["prediction"]
    body = {"prediction_id": number, "target": label}
    requests.post(f"{here.serving}/feedback", json=body, timeout=10).raise_for_status()
    other = "malignant" if label == "benign" else "benign"
    app = open_record(predicted)
    app.selectbox(f"correct-to-{number}-{label}").set_value(other).run()
    app.button(f"correct-{number}-{label}").click().run()
    assert f"Answer: **{other}**" in text_of(app)
    assert f"{label} became {other}" in text_of(app)


def test_filters_are_followed(predicted):
    app = run()
    app.text_input("history-version").set_value("9999").run()
    assert "No prediction is like this" in app.info[0].value


def test_an_id_that_nobody_has_is_told(here):
    app = open_record({"prediction_id": "0" * 32})
    assert "no such prediction" in app.warning[0].value


def overview_page():
    import streamlit as st

    from webapp.client.serving import Client
    from webapp.overview_page import page
    from webapp.session import current_session
    from webapp.settings import load_settings

    own = st.Page(lambda: None, title="here", url_path="here", default=True)
    st.navigation([own], position="hidden")
    st.session_state.pages = {"model": own, "monitoring": own}
    page.show(Client(load_settings()), current_session())


def test_the_overview_shows_lights_and_curves(predicted, here):
    history = f"{here.serving}/history"
    wait_for(lambda: requests.get(history, timeout=10).json()["points"])
    app = run(overview_page)
    assert [text for text in ("Service", "Inputs", "Quality", "Loop") if text in text_of(app)]
    assert [heading.value for heading in app.header][:2] == ["Quality", "Predictions"]


def test_without_serving_the_overview_says_so(monkeypatch, here):
    monkeypatch.setenv("SERVING_URL", "http://127.0.0.1:9")
    assert "Look at service" in text_of(run(overview_page))


HEADER = ("time", "prediction", "confidence", "target", "corrected", "version", "prediction_id")


def test_a_parquet_file_holds_what_was_listed():
    one = Listed("a1", 1.5, "0001", "=SUM(A1)", 0.9, None, False)
    row = [one.at, one.prediction, one.confidence, one.target, one.corrected, one.version, one.id]
    table = pyarrow.parquet.read_table(io.BytesIO(write_parquet(HEADER, [row, row])))
    moment = datetime.datetime.fromtimestamp(1.5, datetime.UTC)
    assert table.to_pylist() == [dict(zip(HEADER, [moment, *row[1:]], strict=True))] * 2


def test_a_csv_file_has_times_that_a_spreadsheet_reads(monkeypatch):
    """They were seconds since 1970."""
    given = []
    monkeypatch.setattr(st, "download_button", lambda *words, **_: given.append(words[1]))
    offer_downloads([Listed("a1", 1.5, "0001", "high", 0.9, None, False)], "risk")
    assert given[0].decode("utf-8-sig").splitlines()[1].startswith("1970-01-01 00:00:01,high,")


def test_a_subject_is_found(here, predicted):
    number = predicted["prediction_id"]
    features = requests.get(f"{here.serving}/predictions/{number}", timeout=10).json()["features"]
    body = {"features": features, "subject": "order-17"}
    said = requests.post(f"{here.serving}/predict", json=body, timeout=10).json()
    app = open_record({"prediction_id": "order-17"})
    assert [row["id"] for row in tables_of(app)[0]] == [said["prediction_id"]]
    assert "order" in text_of(open_record(said))


def test_what_was_refused_is_said_of_its_own_prediction_only(predicted, here):
    """The sentence stood beside every other record too, and on the page Predict."""
    app = open_record(predicted)
    app.session_state["visit"].objections["another"] = "Refused."
    assert not app.run().error


def test_the_way_back_from_a_prediction_that_the_address_names(predicted, here):
    """There was none: the page went on showing it, whatever was cleared or clicked."""
    app = AppTest.from_function(history_page, default_timeout=30)
    app.query_params["id"] = predicted["prediction_id"]
    app.run()
    assert f"## {predicted['prediction']}" in text_of(app)
    app.button("all").click().run()
    assert not app.exception
    assert tables_of(app)[0][0]["id"] == predicted["prediction_id"]


def test_the_page_predict_knows_what_was_corrected_here(predicted, here):
    """It went on saying what was answered first."""
    number = predicted["prediction_id"]
    app = open_record(predicted)
    app.button(f"correct-{number}-None").click().run()
    assert app.session_state["visit"].receipts[number].target == predicted["prediction"]
