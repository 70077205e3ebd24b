"""A click ends the run of the page wherever that shows something; the next run goes on."""

import contextlib
import threading

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, RerunException

from webapp.client.observations import Row
from webapp.client.responses import Prediction, Receipt
from webapp.predict_page.file_answers import Answered, send_rest
from webapp.predict_page.result import ask_serving
from webapp.session import Session

ONE = Prediction("a1", "high", {"high": 0.75, "low": 0.25}, "0001", [])


class Serving:
    def __init__(self):
        self.asked = []

    def predict(self, asked):
        self.asked.append(asked)
        return [ONE]

    def answer(self, prediction_id, target):
        self.asked.append(prediction_id)
        return Receipt(target, False)


class Bar:
    """Of progress; the click comes when it moves first."""

    clicked = False

    def progress(self, share, text):
        if not Bar.clicked:
            Bar.clicked = True
            raise RerunException(RerunData())

    def empty(self):
        pass


def test_what_was_answered_is_not_asked_again(monkeypatch):
    """The spinner went, the run ended there, and the next one asked a second time."""

    @contextlib.contextmanager
    def spinner(text):
        yield
        raise RerunException(RerunData())

    monkeypatch.setattr(st, "spinner", spinner)
    serving, visit = Serving(), Session()
    visit.ask(Row([1.0]))
    with pytest.raises(RerunException):
        ask_serving(serving, visit)
    ask_serving(serving, visit)
    assert (len(serving.asked), visit.predictions) == (1, [ONE])


def test_another_question_meanwhile_gets_its_own_answer(monkeypatch):
    """The answer to the first picture stood beside the second."""
    heard, go = threading.Event(), threading.Event()

    class Slow(Serving):
        def predict(self, asked):
            heard.set()
            assert go.wait(30)
            return super().predict(asked)

    monkeypatch.setattr(st, "spinner", lambda text: contextlib.nullcontext())
    serving, visit = Slow(), Session()
    visit.ask(Row([1.0]))
    first = threading.Thread(target=ask_serving, args=(serving, visit))
    second = threading.Thread(target=visit.ask, args=(Row([2.0]),))
    first.start()
    assert heard.wait(30)
    second.start()
    second.join(0.2)  # it waits
    go.set()
    first.join(30)
    second.join(30)
    ask_serving(serving, visit)
    assert [one.features for one in serving.asked] == [[1.0], [2.0]]


def test_the_rest_of_a_file_is_recorded_after_a_click(monkeypatch):
    """It stopped amid the file, and nothing said so."""
    monkeypatch.setattr(Bar, "clicked", False)
    monkeypatch.setattr(st, "progress", lambda share, text: Bar())
    given = [(Prediction(f"a{n}", "high", {}, "0001", []), "high") for n in range(50)]
    serving, found = Serving(), Answered()
    with pytest.raises(RerunException):
        send_rest(serving, Session(), given, found)
    send_rest(serving, Session(), given, found)
    assert serving.asked == [one.id for one, _ in given]
    assert (found.recorded, found.right) == (50, 50)
