"""What a helper process does: a question a line in, its answer a line out, within its memory."""

import contextlib
import resource
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

Question = TypeVar("Question")


def answer_lines(most_bytes: int, kind: type[Question], answer: Callable[[Question], Any]) -> None:
    """Until standard input ends, which it does when serving does."""
    resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
    decode = msgspec.json.Decoder(kind).decode
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):  # serving has ended
        for line in sys.stdin.buffer:
            sys.stdout.buffer.write(msgspec.json.encode(answer(decode(line))) + b"\n")
            sys.stdout.buffer.flush()
