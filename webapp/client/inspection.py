"""How serving would read an uploaded table for training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class InspectedTable:
    header: Sequence[str]
    rows: int
    columns: Sequence[Mapping[str, Any]]
    labels: Mapping[str, int]
    notes: Sequence[str]
    trouble: str
    settings: str

    @property
    def warnings(self) -> list[str]:
        return [
            f"{column['name']}: {warning}"
            for column in self.columns
            for warning in column["warnings"]
        ]


def read_inspection(body: Mapping[str, Any]) -> InspectedTable:
    fields = ("header", "rows", "columns", "labels", "notes", "trouble", "settings")
    return InspectedTable(*(body[name] for name in fields))
