"""How the text of a file is encoded, by evidence over all of it. No guess that could be wrong.

Bytes that are no UTF-8 are Windows-1252, of which latin-1 is a part, unless most of what is beyond
ASCII is UTF-8: then the file is damaged, and to read it otherwise would spell each name wrong.
"""

import codecs
from collections.abc import Iterable

UTF8, WINDOWS = "utf-8-sig", "cp1252"
MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
UNDEFINED = frozenset(b"\x81\x8d\x8f\x90\x9d")  # in Windows-1252
ESCAPED = range(0xDC80, 0xDD00)  # what surrogateescape makes of a byte that is no UTF-8


class UnknownEncoding(Exception):
    """Not text, or damaged."""


def find_encoding(content: Iterable[bytes]) -> str:
    """Python's name for the encoding of a file that is given in parts."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    known = 0
    others: list[int] = []
    first, binary = True, False
    for part in content:
        if first and part[:2] in MARKS:
            return MARKS[part[:2]]
        first = False
        binary = binary or b"\0" in part
        text = decoder.decode(part)
        if not text.isascii():
            beyond = [ord(letter) for letter in text if letter > "\x7f"]
            strange = [code - 0xDC00 for code in beyond if code in ESCAPED]
            known += len(beyond) - len(strange)
            others += strange
    others += [ord(letter) - 0xDC00 for letter in decoder.decode(b"", final=True)]
    if not others:
        return UTF8
    if binary or known > len(others) or not UNDEFINED.isdisjoint(others):
        raise UnknownEncoding
    return WINDOWS
