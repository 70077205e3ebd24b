"""The file of answers that a table can be downloaded as."""

import streamlit as st

from webapp.client.responses import Prediction
from webapp.predict_page.result import write_answers

WARNED = ["depth 9 is above all that was learned (5)"]


def test_names_and_warnings_are_in_the_language_of_the_page(monkeypatch):
    one = Prediction("a1", "high", {"high": 0.75, "low": 0.25}, "0002", WARNED)
    monkeypatch.setitem(st.session_state, "language", "fr")
    written = write_answers(["depth"], [["9"]], ["risque pr\u00e9dit", "probabilit\u00e9"], [one])
    header, row = written.decode("utf-8-sig").splitlines()
    assert header == (
        "depth,risque pr\u00e9dit,probabilit\u00e9,version,avertissements,id de la pr\u00e9diction"
    )
    assert (
        row == "9,high,0.75,0002,depth 9 est au-dessus de tout ce qui a \u00e9t\u00e9 appris (5),a1"
    )
