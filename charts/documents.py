"""Writes the chart's schema and README from values.yaml and the settings: `make docs`."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipeline.settings import Settings

CHART = Path(__file__).parent / "boucle"
SET_BY_CHART = {  # from where its volumes are and what its values say
    "access": {"hosts"},
    "artifacts": {"folder", "cache", "signing_key"},
    "logs": {"folder"},
    "reporting": {"host", "port", "ui_port", "reports", "workspace"},
    "retraining": {"memory_mb"},
    "serving": {"host", "port", "published", "workers", "replicas", "require_keys", "keys"},
    "store": {"url", "password_file", "spool"},
}
FREE = {"labels", "dashboardLabels", "annotations", "parent", "requests", "limits"}  # any names
CHOICES = {
    "image.pullPolicy": ["IfNotPresent", "Always", "Never"],
    "storage.accessMode": ["ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"],
    "serving.serviceType": ["ClusterIP", "NodePort", "LoadBalancer"],
}
KINDS: dict[type, str] = {bool: "boolean", int: "integer", str: "string", list: "array"}
LINE = re.compile(r"(?P<indent> *)(?P<name>\w+):(?: (?P<value>.*))?")


def write_schema(values: Mapping[str, Any]) -> dict[str, Any]:
    """A wrong value is refused by helm, before anything is installed."""
    settings = Settings.model_json_schema()
    tables = settings["$defs"]
    for name, chart_sets in SET_BY_CHART.items():
        table = settings["properties"][name]["$ref"].rpartition("/")[2]
        for setting in chart_sets:
            del tables[table]["properties"][setting]
    del settings["properties"]["paths"], tables["PathSettings"]
    schema = _describe(values, "")
    schema["properties"]["config"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": settings["properties"],
    }
    draft = {"$schema": "http://json-schema.org/draft-07/schema#"}
    return {**draft, **schema, "$defs": _untitled(tables)}


def _describe(value: Any, path: str) -> dict[str, Any]:
    name = path.rpartition(".")[2]
    if path in CHOICES:
        return {"enum": CHOICES[path]}
    if isinstance(value, Mapping):
        if name in FREE:
            return {"type": "object"}
        properties = {
            key: _describe(one, f"{path}.{key}".lstrip(".")) for key, one in value.items()
        }
        if not path:
            properties["global"] = {"type": "object"}  # helm's own
        return {"type": "object", "additionalProperties": False, "properties": properties}
    kind = {"type": KINDS[type(value)]}
    return {**kind, "minimum": 0} if kind["type"] == "integer" else kind


def _untitled(schema: Any) -> Any:
    """Without the titles that repeat the names; a property may be called title, too."""
    if isinstance(schema, Mapping):
        return {
            key: _untitled(value)
            for key, value in schema.items()
            if not (key == "title" and isinstance(value, str))
        }
    return [_untitled(one) for one in schema] if isinstance(schema, list) else schema


def list_values(text: str) -> Iterator[tuple[str, str, str]]:
    """Path, default and meaning of each value: the comment above it says the meaning."""
    path: list[str] = []
    meaning = ""
    for line in text.splitlines():
        if line.lstrip().startswith("# "):
            meaning = line.strip("# ")
            continue
        if found := LINE.fullmatch(line):
            path = [*path[: len(found["indent"]) // 2], found["name"]]
            if meaning:
                yield ".".join(path), found["value"] or "see values.yaml", meaning
        meaning = ""


def write_readme(text: str) -> str:
    rows = "\n".join(
        f"| `{path}` | `{default}` | {meaning.replace('|', chr(92) + '|')} |"
        for path, default, meaning in list_values(text)
    )
    return f"""# boucle

The whole loop in a cluster: serving, trainer, page, reporting, CronJobs and, for trials,
PostgreSQL. [docs/kubernetes.md](../../docs/kubernetes.md) leads from nothing to a prediction.

```bash
helm install boucle charts/boucle --namespace loop --create-namespace --wait
```

| value | default | meaning |
| --- | --- | --- |
{rows}

Written by `python -m charts.documents` from values.yaml.
"""


def write_all() -> dict[Path, str]:
    text = (CHART / "values.yaml").read_text()
    schema = json.dumps(write_schema(yaml.safe_load(text)), indent=1, sort_keys=True)
    return {
        CHART / "values.schema.json": f"{schema}\n",
        CHART / "README.md": write_readme(text),
    }


if __name__ == "__main__":
    for path, content in write_all().items():
        path.write_text(content)
