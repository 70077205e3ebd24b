"""Waits for what a recorder or a server does in its own time."""

import time


def wait_until(found, seconds=60):
    """The first answer that is true; what is raised meanwhile, of a server that is away, is not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if answer := found():
                return answer
        except Exception as error:
            answer = error
        time.sleep(0.3)
    raise AssertionError(answer)
