"""What the services write in English is said in French, and what nobody foresaw stays as it is."""

import ast
import re
import tomllib
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import streamlit as st

from pipeline.columns.column_choice import LEFT_OUT
from pipeline.data_tests.result import Check, DataTest, describe_failed
from pipeline.retraining.evaluation import Pairing
from pipeline.retraining.gate import Evidence, judge
from pipeline.retraining.shadow import decide
from pipeline.settings import RetrainingSettings
from serving.routing.error_handlers import ANSWERS
from tests.support.processes.servers import ROOT
from webapp.wording.inspection import say_finding
from webapp.wording.reporting import say_change
from webapp.wording.serving import translate
from webapp.wording.trainer import STAGES, say_reason, say_trigger

LABELS = ["no", "yes"]
TARGETS = np.array(["no", "yes"] * 100)


FILES = tomllib.loads((ROOT / "tests/data/files.toml").read_text(encoding="utf-8"))["case"]
OF_SETTINGS = ("dataset.bins cuts", "dataset.ignore names", "dataset.sheet is")  # not on the page
IN_ENGLISH = ("an object is expected", "is not valid JSON: ")  # Python's own words


def refusals():
    all_of_them = [case["refused"] for case in FILES if "refused" in case]
    return [one for one in all_of_them if not any(word in one for word in OF_SETTINGS + IN_ENGLISH)]


def notes():
    return [note for case in FILES for note in case.get("notes", ())]


@pytest.fixture(autouse=True)
def french(monkeypatch):
    monkeypatch.setitem(st.session_state, "language", "fr")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Age 4000 is above all that was learned (80)", "Age 4000 est au-dessus de"),
        ("plan 'gold' is not among the values that were learned", "plan 'gold' ne fait pas partie"),
        ("mean_radius: must be a number, or empty if unknown.", "mean_radius\u00a0: il faut un"),
        ("features: 3 values given, 4 expected.", "Les variables\u00a0: 3 valeurs"),
        ("mean radius 5.25 is above all that was learned (4.99)",
         "mean radius 5,25 est au-dessus de tout ce qui a été appris (4,99)"),
        ("x -1e+06 is below all that was learned (0.5)", "x -1e+06 est"),
        ("The body is larger than 10,000,000 bytes.", "La demande dépasse 10\u202f000"),
        ("The key does not open this.", "Cette clé"),
        ("a: must be a date such as 31/01/2024 (day first) or null.",
         "a\u00a0: il faut une date comme 31/01/2024 (le jour d'abord) ou null."),
        ("a: is missing (2 missing; 1 given that GET /schema does not list: 'b'; null says unknown)"
         ".", "a\u00a0: manque (2 manquants\xa0; 1 donnés"),
        ("Something new.", "Something new."),
        ("Something new: 7.", "Something new\u00a0: 7."),
    ],
)  # fmt: skip
def test_what_serving_says_of_a_request(said, words):
    assert translate(said).startswith(words)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("image: is damaged or cut short.", "The picture is damaged or cut short."),
        ("file.line 3.depth: must be a number.", "Line 3 of the file, depth: must be a number."),
        ("is odd: is missing.", "is odd: is missing."),
    ],
)
def test_in_english_the_name_of_a_part_begins_the_sentence(monkeypatch, said, words):
    monkeypatch.setitem(st.session_state, "language", "en")
    assert translate(said) == words


def test_every_answer_that_serving_has_a_sentence_for():
    for _, sentence in ANSWERS.values():
        assert not sentence or translate(sentence) != sentence, sentence


def pairing(challenger_wrong, live_wrong):
    """Where each of two versions is wrong on the targets."""
    turned = np.where(TARGETS == "no", "yes", "no")
    said = [TARGETS.copy() for _ in range(2)]
    for answers, wrong in zip(said, (challenger_wrong, live_wrong), strict=True):
        answers[wrong] = turned[wrong]
    return Pairing(TARGETS, *said)


NOTHING, MANY, ALL_YES = np.zeros(200, bool), np.arange(200) < 120, TARGETS == "yes"


@pytest.mark.parametrize("recent", [(NOTHING, MANY), (MANY, NOTHING), (ALL_YES, NOTHING)])
def test_every_verdict_of_the_gate_and_of_the_shadow(recent):
    evidence = Evidence(holdout=pairing(*recent), judges=pairing(*recent))
    for decision in (
        judge(LABELS, evidence, RetrainingSettings()).reason,
        decide("0002", "0001", LABELS, pairing(*recent)).reason,
    ):
        assert "it " not in say_reason(decision), say_reason(decision)


def test_that_its_probabilities_are_further_off_is_said_too():
    recent = replace(pairing(NOTHING, NOTHING), squared=(np.full(200, 0.4), np.full(200, 0.1)))
    assert "plus éloignées" in say_reason(decide("0002", "0001", LABELS, recent).reason)
    evidence = Evidence(holdout=pairing(NOTHING, NOTHING), judges=recent)
    assert "plus éloignées" in say_reason(judge(LABELS, evidence, RetrainingSettings()).reason)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "rolled back: on 90 rows since its promotion 0003 was right in 60%, its parent 0002 "
            "would have been in 80%",
            "retour en arrière\xa0: sur 90 lignes depuis sa promotion, 0003 a eu raison dans 60%",
        ),
        (
            "failed after 3 attempts: the training took longer than 600 s and was stopped",
            "échec après 3 essais\xa0: l'apprentissage a duré plus de 600 s",
        ),
        (
            "promoted: no worse: on 9 recent rows it alone is right on 1, the live version alone "
            "on 0; data tests failed: range of 'x' is 3 of 9 rows, at most 0 allowed",
            "promue\xa0: pas moins bonne\xa0: sur 9 lignes récentes, elle seule a raison sur 1",
        ),
        ("something new", "something new"),
    ],
)
def test_other_reasons_of_a_decision(said, words):
    assert say_reason(said).startswith(words)


@pytest.mark.parametrize("check", get_args(Check))
@pytest.mark.parametrize("limits", [{"most": 3}, {"least": 3}, {"least": 3, "most": 9}])
def test_which_data_tests_failed(check, limits):
    failed = [DataTest(check, subject, 7, 1_200, **limits) for subject in ("x", "", "y", "z")]
    said = say_reason(f"rejected: the new feedback failed data tests: {describe_failed(failed)}.")
    assert not {"rows", "allowed", "more", "least"} & set(re.findall(r"\w+", said)), said
    assert "lignes" in said


def test_who_decided_is_named_where_the_reason_does_not_say_it():
    assert say_trigger("by hand", "admin") == "à la main (clé admin)"
    assert say_trigger("by hand", "command line") == "à la main (ligne de commande)"
    assert say_trigger("every 50 rows", "count") == "toutes les 50 lignes"


def literals(folder, call, place):
    """The plain texts that stand at a place of the calls of a function."""
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(node, "func", None), "id", "")
            given = node.args[place : place + 1] if name == call else []
            yield from (one.value for one in given if isinstance(one, ast.Constant))


def test_every_stage_of_a_retraining():
    told = {
        *literals("pipeline/retraining", "progress", 0),
        *literals("pipeline/model", "progress", 0),
    }
    assert told <= set(STAGES)


@pytest.mark.parametrize(
    "what", ["sd higher", "of the rows more are 'gold'", "of the rows far outside the range"]
)
def test_what_the_amount_of_a_change_is_of(what):
    assert say_change(what) != what


@pytest.mark.parametrize("sentence", sorted({*refusals(), *notes()}))
def test_what_a_table_is_refused_for_is_said_in_french(sentence):
    reason = sentence.partition(": ")[2] or sentence
    assert reason.rstrip(".") not in say_finding(sentence)


@pytest.mark.parametrize(
    "finding",
    [
        *LEFT_OUT.values(),
        "number in EUR",
        "price: -999 in 7 cells is far from the rest (1 to 80); if it means unknown, set missing "
        '= ["-999"]',
        "12/03/2024 is read as a date, day first",
        "3 rows without a label in 'target' are left out.",
    ],
)
def test_what_is_said_of_a_column(finding):
    assert say_finding(finding) != finding


def test_the_order_of_a_date_is_said_in_french_too():
    assert "first" not in say_finding("12/03/2024 is read as a date, day first")
