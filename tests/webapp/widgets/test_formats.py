import pytest

from webapp.widgets.formats import ago, label, number, percent, plain


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7_300, "2 hours ago"),
        (200_000, "2 days ago"),
    ],
)
def test_a_time_is_told_as_a_person_would(seconds, words):
    assert ago(1_000_000 - seconds, now=1_000_000) == words


def test_a_share_that_is_not_known_is_not_zero():
    assert percent(None) == "-"
    assert percent(0.0) == "0.0\u202f%"


def test_numbers_are_short():
    assert [number(value) for value in (0.000123456789, 28.11, 2008, 25_010)] == [
        "0.000123457",
        "28.11",
        "2008",
        "25,010",
    ]


def test_text_from_data_is_no_markup():
    assert plain("*a* :red[b] $c$") == r"\*a\* \:red\[b\] \$c\$"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("sepal length (cm)", "sepal length (cm)"),
        ("1. class", "1\\. class"),
        ("# rooms", "\\# rooms"),
        ("a*b*c $x$ [y](z)", "a\\*b\\*c \\$x\\$ \\[y\\](z)"),
        ("at:noon:", "at\\:noon:"),
    ],
)
def test_a_label_escapes_no_more_than_it_must(name, shown):
    assert label(name) == shown
