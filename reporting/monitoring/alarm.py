"""An alarm that holds: two windows in a row drifted that share no row. The exporter keeps one each.

A pass comes every minute and looks at nearly the rows of the last; its second opinion counts only
when every row of the window that drifted first has left the window.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Confirmation:
    """`last_row` ends the window that was judged last; `holds` once two of them drifted."""

    last_row: int | None = None
    drifted: bool = False
    holds: bool = False

    def after(self, first_row: int, last_row: int, drifted: bool) -> "Confirmation":
        """The alarm after a pass over these rows (seq). A pass without a verdict is not told."""
        if self.drifted and self.last_row is not None and first_row <= self.last_row:
            return self
        return Confirmation(last_row, drifted, self.drifted and drifted)

    def promote(self) -> "Confirmation":
        """Another version is live, with its own reference: an alarm that holds is asked at once.

        One that does not yet hold keeps its first opinion; the second comes from the new reference.
        """
        return replace(self, last_row=None) if self.holds else self
