"""An alarm that holds: two windows in a row drifted that share no row. The exporter keeps them.

A pass comes every minute and looks at nearly the rows of the last; its second opinion counts only
when every row of the window that drifted first has left the window. Each column has an alarm of its
own: what holds is that the same feature moved in both.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Confirmation:
    """`last_row` ends the window that was judged last; `holds` once two of them drifted."""

    last_row: int | None = None
    drifted: bool = False
    holds: bool = False
    since: float | None = None  # when the first of the windows that drifted was looked at

    def after(
        self, first_row: int, last_row: int, drifted: bool, at: float | None = None
    ) -> "Confirmation":
        """The alarm after a pass over these rows (seq). A pass without a verdict is not told."""
        if self.drifted and self.last_row is not None and first_row <= self.last_row:
            return self
        begun = at if self.since is None else self.since
        since = begun if drifted else None
        return Confirmation(last_row, drifted, self.drifted and drifted, since)

    def promote(self) -> "Confirmation":
        """Another version is live, with its own reference: an alarm that holds is asked at once.

        One that does not yet hold keeps its first opinion; the second comes from the new reference.
        """
        return replace(self, last_row=None) if self.holds else self


@dataclass(frozen=True)
class Alarms:
    """One for each column, by name."""

    columns: Mapping[str, Confirmation] = field(default_factory=dict)

    def after(
        self,
        first_row: int,
        last_row: int,
        drifted: Mapping[str, bool],
        at: float,
        silent: Collection[str] = (),
    ) -> "Alarms":
        """A column without a verdict keeps its alarm, unless another version does not have it."""
        known = {
            name: self.columns.get(name, Confirmation()).after(first_row, last_row, found, at)
            for name, found in drifted.items()
        }
        kept = {name: alarm for name, alarm in self.columns.items() if name in silent}
        return Alarms({**kept, **known})

    def promote(self) -> "Alarms":
        return Alarms({name: alarm.promote() for name, alarm in self.columns.items()})

    @property
    def held(self) -> dict[str, float | None]:
        """The columns whose alarm holds, and since when."""
        return {name: alarm.since for name, alarm in self.columns.items() if alarm.holds}

    @property
    def holds(self) -> bool:
        return bool(self.held)
