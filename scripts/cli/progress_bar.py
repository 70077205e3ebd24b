"""Shows how far long work has come."""

from typing import NoReturn

from tqdm import tqdm


class ProgressBar:
    """Shows each stage of long work as a bar; silent where nobody looks at a terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None
        self._stage = ""

    def __call__(self, stage: str, share: float) -> None:
        if stage != self._stage:
            self.close()
            form = "{desc:16} {percentage:3.0f}% |{bar:30}| {elapsed}"
            self._bar = tqdm(total=1.0, desc=stage, bar_format=form, disable=None)
            self._stage = stage
        if self._bar is not None:
            self._bar.update(share - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
