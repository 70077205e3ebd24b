"""The kinds of panels that the dashboards are made of, each as Grafana's JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
SOURCE = {"type": "prometheus", "uid": "boucle-prometheus"}
GOOD, FAIR, BAD, PLAIN = "green", "orange", "red", "text"


@dataclass(frozen=True)
class Steps:
    """The colour of a value: `first` up to the first limit, then that of the limit below it."""

    first: str = PLAIN
    limits: tuple[tuple[float, str], ...] = ()

    def as_json(self) -> Json:
        steps: list[Json] = [{"value": None, "color": self.first}]
        steps += [{"value": value, "color": colour} for value, colour in self.limits]
        return {"mode": "absolute", "steps": steps}


NO_LIMIT = Steps()


def rising(fair: float, bad: float) -> Steps:
    """Good below `fair`, bad from `bad` on."""
    return Steps(GOOD, ((fair, FAIR), (bad, BAD)))


def falling(bad: float, fair: float) -> Steps:
    """Bad below `bad`, good from `fair` on."""
    return Steps(BAD, ((bad, FAIR), (fair, GOOD)))


YES_IS_BAD = Steps(GOOD, ((1, BAD),))
YES_IS_GOOD = Steps(BAD, ((1, GOOD),))


@dataclass(frozen=True)
class Panel:
    """One panel: what it shows, how to read it, and how wide it is (of 24 columns)."""

    title: str
    description: str
    kind: str
    queries: Mapping[str, str]  # legend -> PromQL
    unit: str = "short"
    steps: Steps = NO_LIMIT
    width: int = 12
    defaults: Json = field(default_factory=dict)
    options: Json = field(default_factory=dict)
    extra: Json = field(default_factory=dict)
    instant: bool = False

    def as_json(self, number: int, place: Json) -> Json:
        defaults = {"unit": self.unit, "thresholds": self.steps.as_json(), **self.defaults}
        return {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "datasource": SOURCE,
            "gridPos": place,
            "targets": [self._target(n, *query) for n, query in enumerate(self.queries.items())],
            "fieldConfig": {"defaults": defaults, "overrides": self.extra.get("overrides", [])},
            "options": self.options,
            **{name: value for name, value in self.extra.items() if name != "overrides"},
        }

    def _target(self, number: int, legend: str, query: str) -> Json:
        target = {"refId": chr(65 + number), "datasource": SOURCE, "expr": query}
        if self.kind == "table":
            return {**target, "instant": True, "format": "table"}
        return {
            **target,
            "legendFormat": legend,
            "instant": self.instant,
            "range": not self.instant,
        }


def stat(
    title: str,
    description: str,
    query: str,
    unit: str = "short",
    steps: Steps = NO_LIMIT,
    *,
    width: int = 4,
    legend: str = "",
    words: Mapping[int, str] | None = None,
    text: str = "auto",
    decimals: int | None = None,
) -> Panel:
    """One number, coloured by what it means; `words` says some values in words.

    It is asked of this moment: what was true a while ago must not stand there as if it still were.
    """
    said = [
        {"type": "value", "options": {f"{value:g}": {"text": word, "index": n}}}
        for n, (value, word) in enumerate((words or {}).items())
    ]
    defaults: Json = {"mappings": said, "noValue": "no data yet", "color": {"mode": "thresholds"}}
    if decimals is not None:
        defaults["decimals"] = decimals
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "none",
        "textMode": text,
        "justifyMode": "auto",
    }
    queries = {legend: query}
    return Panel(
        title, description, "stat", queries, unit, steps, width, defaults, options, instant=True
    )


def lines(
    title: str,
    description: str,
    queries: Mapping[str, str],
    unit: str = "short",
    steps: Steps = NO_LIMIT,
    *,
    width: int = 12,
    stacked: bool = False,
    least: float | None = None,
    most: float | None = None,
    at_least_to: float | None = None,
    logarithmic: bool = False,
) -> Panel:
    """Values over time; limits are drawn as dashed lines.

    `at_least_to`: so far the axis always goes, so that a flat 0 looks like one.
    """
    custom: Json = {
        "lineWidth": 2,
        "fillOpacity": 25 if stacked else 8,
        "showPoints": "never",
        "spanNulls": 60_000,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if steps.limits else "off"},
    }
    if at_least_to is not None:
        custom["axisSoftMax"] = at_least_to
    if logarithmic:
        custom["scaleDistribution"] = {"type": "log", "log": 10}
    limits = {name: value for name, value in (("min", least), ("max", most)) if value is not None}
    defaults = {"custom": custom, "color": {"mode": "palette-classic"}, **limits}
    options = {
        "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return Panel(title, description, "timeseries", queries, unit, steps, width, defaults, options)


def bars(
    title: str,
    description: str,
    queries: Mapping[str, str],
    unit: str = "short",
    steps: Steps = NO_LIMIT,
    *,
    width: int = 12,
    least: float = 0,
    most: float | None = None,
) -> Panel:
    """One bar for each label, now."""
    limits = {"min": least} if most is None else {"min": least, "max": most}
    defaults = {**limits, "noValue": "no data yet", "color": {"mode": "thresholds"}}
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "displayMode": "basic",
        "orientation": "horizontal",
        "valueMode": "color",
        "namePlacement": "left",
        "sizing": "auto",
    }
    return Panel(
        title, description, "bargauge", queries, unit, steps, width, defaults, options, instant=True
    )


def table(
    title: str,
    description: str,
    query: str,
    columns: Sequence[str],
    value: str | None = None,
    *,
    width: int = 12,
) -> Panel:
    """The labels of each series in columns, and in the last its value, if that has a name.

    All of it is text: with any other unit Grafana reads version 0013 as the number 13.
    """
    order = {name: place for place, name in enumerate([*columns, "Value"])}
    renamed = {name: name.replace("_", " ") for name in columns} | {"Value": value or ""}
    organize = {
        "excludeByName": {"Time": True, "__name__": True, "Value": value is None},
        "indexByName": order,
        "renameByName": renamed,
    }
    transformations = [{"id": "organize", "options": organize}]
    return Panel(
        title,
        description,
        "table",
        {"": query},
        unit="string",
        width=width,
        extra={"transformations": transformations},
        options={"cellHeight": "sm", "showHeader": True},
    )
