"""The queue of one visitor, pressed at faster than serving answers."""

import threading

from webapp.client.records import Lent
from webapp.review_page.queue import Queue

ONE, TWO = (Lent(name, "high", "unsure", 9e9) for name in ("a1", "a2"))


class Slow:
    """Answers when it is told to."""

    def __init__(self):
        self.sent, self.heard, self.go = [], threading.Event(), threading.Event()

    def skip(self, prediction_id):
        self.sent.append(prediction_id)
        self.heard.set()
        assert self.go.wait(30)


def test_a_key_pressed_twice_before_the_first_is_answered_counts_once():
    """The page ended with an error: list.remove(x): x not in list."""
    serving, queue = Slow(), Queue([ONE, TWO])
    failed = []

    def press():
        try:
            queue.skip(serving, ONE)
        except ValueError as error:
            failed.append(error)

    first, second = threading.Thread(target=press), threading.Thread(target=press)
    first.start()
    assert serving.heard.wait(30)
    second.start()
    second.join(0.2)  # it waits
    serving.go.set()
    first.join(30)
    second.join(30)
    assert (serving.sent, queue.waiting, failed) == (["a1"], [TWO], [])
