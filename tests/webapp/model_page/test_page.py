"""The pages about the model and about what is watched, by AppTest against a real serving."""

import time

import pytest
import requests
from streamlit.testing.v1 import AppTest

from tests.support.processes.servers import free_port, wait_for
from tests.webapp.tables import tables_of
from webapp.client.serving import Client
from webapp.model_page.admin import activate
from webapp.model_page.page import link_of
from webapp.session import Session
from webapp.settings import load_settings


def model_page():
    from webapp.client.serving import Client
    from webapp.model_page import page
    from webapp.session import current_session
    from webapp.settings import load_settings

    page.show(Client(load_settings()), current_session())


def monitoring_page():
    from webapp.client.serving import Client
    from webapp.monitoring_page import page
    from webapp.session import current_session
    from webapp.settings import load_settings

    page.show(Client(load_settings()), current_session())


def run(page):
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    return app


def test_the_live_version_is_shown_with_its_scores(here):
    app = run(model_page)
    assert app.header[0].value == "Version 0001 is live"
    assert [metric.label for metric in app.metric] == ["Balanced accuracy", "Accuracy", "F1"]


def test_the_administration_asks_for_the_key(here):
    app = run(model_page)
    assert "retrain" not in [button.key for button in app.button]
    app.text_input("admin_key").set_value("wrong").run()
    app.button("retrain").click().run()
    assert "does not open" in app.error[0].value


@pytest.mark.slow
def test_a_retraining_by_hand_is_followed_to_the_new_version(here):
    app = run(model_page)
    app.text_input("admin_key").set_value(here.installation.key("admin")).run()
    app.button("retrain").click().run()
    assert app.button("retrain").disabled
    here.start_trainer()
    deadline = time.monotonic() + 60
    while not app.success and time.monotonic() < deadline:
        time.sleep(0.2)
        app.run()
    assert "Version 0002 is live" in app.success[0].value
    assert "promoted" in "".join(element.value for element in app.markdown)


def test_another_version_does_not_go_live_without_being_confirmed(here):
    newest = here.installation.train()
    wait_for(lambda: requests.get(f"{here.serving}/model", timeout=5).json()["version"] == newest)
    app = run(model_page)
    app.text_input("admin_key").set_value(here.installation.key("admin")).run()
    app.selectbox("another").set_value("0001").run()
    app.button("activate").click().run()
    assert app.button("confirm").label == "Put version 0001 live"
    assert live_version(here) == newest


def test_an_activation_that_is_refused_says_why(here):
    visit, client = Session(), Client(load_settings())
    activate(client, visit, "wrong", "0001")
    assert "does not open" in visit.refusal
    activate(client, visit, here.installation.key("admin"), "0001")
    assert (visit.refusal, live_version(here)) == ("", "0001")


def test_a_version_links_to_its_run_and_to_nothing_else():
    assert link_of({"run_url": "https://mlflow.example.org/#/runs/1"})
    for none in ({}, {"run_url": None}, {"run_url": "javascript:alert(1)"}):
        assert not link_of(none)


def live_version(stack):
    return (stack.folder / "artifacts/CURRENT").read_text().split()[0]


def test_without_reporting_the_page_says_so(here, monkeypatch):
    monkeypatch.setenv("REPORTING_URL", f"http://127.0.0.1:{free_port()}")
    app = run(monitoring_page)
    assert "Reporting is not running" in app.info[0].value.replace("\\", "")
    assert "No report has been written yet" in app.info[1].value


def test_a_table_is_looked_at_before_anybody_trains_on_it(here):
    rows = "".join(f"{n};{n % 9},5 €;{'aabba'[n % 5]}\n" for n in range(30))
    page = AppTest.from_function(model_page, default_timeout=30).run()
    content = f"n;prix;target\n{rows}".encode()
    page.file_uploader(key="inspect").set_value(("a.csv", content, "text/csv")).run()
    assert not page.exception
    assert [row["what it is"] for row in tables_of(page)[-1]] == [
        "left out: it counts the rows",
        "number in €; '0,5 €' is read as 0.5",
    ]
    page.selectbox(key="inspect-target").set_value("target").run()
    assert not page.exception
    assert 'target = "target"' in page.code[0].value


def test_a_file_that_is_no_table_is_refused_in_words(here):
    page = AppTest.from_function(model_page, default_timeout=30).run()
    page.file_uploader(key="inspect").set_value(("a.csv", b"%PDF-1.7", "text/csv")).run()
    assert "is a PDF; save the table as CSV" in page.error[0].value
