"""A file is read in the encoding that it has, or not at all."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.tables.text_encoding import UTF16_MARKS, UnknownEncoding, find_encoding

FRENCH = "prénom,ville\nZoë,Genève\nÉloïse,Nîmes\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("ascii", "utf-8-sig"),
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("latin-1", "cp1252"),
        ("cp1252", "cp1252"),
    ],
)
def test_what_a_french_table_is_saved_in(encoding, found):
    text = "prenom,ville\n" if encoding == "ascii" else FRENCH
    assert find_encoding([text.encode(encoding)]) == found


def test_a_euro_sign_of_windows():
    assert "1 €".encode("cp1252").decode(find_encoding(["1 €".encode("cp1252")])) == "1 €"


@pytest.mark.parametrize(
    "content",
    [
        FRENCH.encode() + b"Gen\xe8ve\n",
        b"PAR1\x15\x04\x15\xd0\x00\x00",
        b"caf\x81\n",
    ],
    ids=["UTF-8 with a damaged byte", "Parquet", "no letter of Windows-1252"],
)
def test_what_is_damaged_or_no_text_is_not_guessed(content):
    with pytest.raises(UnknownEncoding):
        find_encoding([content])


@given(st.text(), st.integers(1, 5))
def test_utf8_is_utf8_however_it_is_cut(text, size):
    content = text.encode("utf-8", "ignore")
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    assert find_encoding(parts) == "utf-8-sig"


@given(st.text(st.characters(codec="cp1252"), min_size=1), st.sampled_from(["utf-16", "cp1252"]))
def test_what_is_found_reads_the_text_back_or_is_refused(text, encoding):
    content = text.encode(encoding)
    assume(encoding == "utf-16" or not content.startswith(UTF16_MARKS))
    try:
        found = find_encoding([content])
    except UnknownEncoding:
        return
    if found == encoding:
        assert content.decode(found) == text
    else:  # by chance it is UTF-8 throughout, which nobody could tell apart
        assert found == "utf-8-sig"
        content.decode("utf-8")
