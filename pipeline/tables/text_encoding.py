"""How the text of a file is encoded, by evidence over all of it. No guess that could be wrong.

Bytes that are no UTF-8 are Windows-1252, of which latin-1 is a part, unless most of what is beyond
ASCII is UTF-8: then the file is damaged, and to read it otherwise would spell each name wrong.
UTF-16 without its mark is told by every other byte being nought.
"""

import codecs
import itertools
import re
from collections.abc import Iterable

UTF8, WINDOWS = "utf-8-sig", "cp1252"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UNDEFINED = frozenset("\udc81\udc8d\udc8f\udc90\udc9d")  # bytes, escaped: none of Windows-1252
ESCAPED = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of a byte that is no UTF-8
FEWEST_LETTERS, MOSTLY = 10, 0.8


class UnknownEncoding(Exception):
    """Not text, or damaged."""


def find_encoding(content: Iterable[bytes]) -> str:
    """Python's name for the encoding of a file that is given in parts."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    letters = bytes_escaped = 0  # beyond ASCII
    kinds: set[str] = set()
    binary = False
    for number, part in enumerate(itertools.chain(content, [b""])):
        if number == 0 and part.startswith(UTF16_MARKS):
            return "utf-16"
        if number == 0 and (unmarked := _find_unmarked(part)):
            return unmarked
        text = decoder.decode(part, final=not part)
        escaped = ESCAPED.findall(text)
        letters += len(text) - len(text.encode("ascii", "ignore")) - len(escaped)
        bytes_escaped += len(escaped)
        kinds.update(escaped)
        binary = binary or b"\0" in part
        if kinds and (binary or kinds & UNDEFINED):
            raise UnknownEncoding
    if letters > bytes_escaped > 0:
        raise UnknownEncoding
    return WINDOWS if kinds else UTF8


def _find_unmarked(part: bytes) -> str:
    """UTF-16 of text that is mostly Latin, by where its noughts are."""
    first, second = part[:1000:2], part[1:1000:2]
    if len(second) < FEWEST_LETTERS:
        return ""
    shares = [side.count(0) / len(side) for side in (first, second)]
    if min(shares) > 0.05 or max(shares) < MOSTLY:
        return ""
    return "utf-16-be" if shares[0] > shares[1] else "utf-16-le"
