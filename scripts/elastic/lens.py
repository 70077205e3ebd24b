"""Charts over time as Kibana's Lens keeps them."""

from dataclasses import dataclass
from typing import Any, Literal

from pipeline.events.schema import KINDS

Json = dict[str, Any]
LAYER, TIME, SPLIT = "layer", "time", "split"
MOST_SPLITS = 12
Shape = Literal["line", "bar_stacked", "bar_percentage_stacked"]


@dataclass(frozen=True)
class Figure:
    """A number of each moment; without a field, how many events there were."""

    label: str
    field: str = "___records___"
    operation: Literal["count", "sum", "max", "percentile"] = "count"
    percentile: int = 50

    def describe(self) -> Json:
        of_percentile = {"percentile": self.percentile}
        return {
            "label": self.label,
            "customLabel": True,
            "dataType": "number",
            "operationType": self.operation,
            "sourceField": self.field,
            "isBucketed": False,
            "scale": "ratio",
            "params": of_percentile if self.operation == "percentile" else {"emptyAsNull": True},
        }


@dataclass(frozen=True)
class Chart:
    """Figures over time of the events that a KQL query finds, each value of `split` apart."""

    title: str
    query: str
    figures: tuple[Figure, ...] = (Figure("events"),)
    split: str = ""
    shape: Shape = "line"

    def describe(self, view: str) -> Json:
        """By value, for a panel of a dashboard."""
        numbers = {f"figure{place}": one.describe() for place, one in enumerate(self.figures)}
        columns = {TIME: _over_time(), **numbers}
        if self.split:
            columns = {SPLIT: _split(self.split, next(iter(numbers))), **columns}
        reference = {
            "type": "index-pattern",
            "id": view,
            "name": f"indexpattern-datasource-layer-{LAYER}",
        }
        source = {"layers": {LAYER: {"columns": columns, "columnOrder": list(columns)}}}
        return {
            "title": "",
            "type": "lens",
            "visualizationType": "lnsXY",
            "references": [reference],
            "state": {
                "visualization": self._draw(list(numbers)),
                "query": {"language": "kuery", "query": self.query},
                "filters": [],
                "datasourceStates": {"formBased": source},
                "internalReferences": [],
                "adHocDataViews": {},
            },
        }

    def _draw(self, accessors: list[str]) -> Json:
        """How the columns look."""
        layer = {
            "layerId": LAYER,
            "layerType": "data",
            "seriesType": self.shape,
            "xAccessor": TIME,
            "accessors": accessors,
            **({"splitAccessor": SPLIT} if self.split else {}),
        }
        return {
            "layers": [layer],
            "legend": {"isVisible": True, "position": "right"},
            "preferredSeriesType": self.shape,
            "valueLabels": "hide",
            "fittingFunction": "None",
            "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        }


def _over_time() -> Json:
    return {
        "label": "@timestamp",
        "dataType": "date",
        "operationType": "date_histogram",
        "sourceField": "@timestamp",
        "isBucketed": True,
        "scale": "interval",
        "params": {"interval": "auto", "includeEmptyRows": True, "dropPartials": False},
    }


def _split(field: str, by: str) -> Json:
    return {
        "label": field,
        "dataType": "boolean" if KINDS[field] == "boolean" else "string",
        "operationType": "terms",
        "sourceField": field,
        "isBucketed": True,
        "scale": "ordinal",
        "params": {
            "size": MOST_SPLITS,
            "orderBy": {"type": "column", "columnId": by},
            "orderDirection": "desc",
            "otherBucket": True,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
        },
    }
