"""What Elasticsearch 9 is told of the events: how they are mapped, kept, and who may write them."""

from typing import Any

from pipeline.events.schema import FIELDS

STREAM = "logs-boucle.events-default"
PATTERN = "logs-boucle.events-*"
NAME, ROLE, USER = "boucle-events", "boucle-events-writer", "boucle-events"
LONGEST_KEYWORD = 1_024  # of a label or a category; a longer one is kept but not found
MAPPINGS: dict[str, dict[str, Any]] = {
    "keyword": {"type": "keyword", "ignore_above": LONGEST_KEYWORD},
    "text": {"type": "match_only_text"},
    "flattened": {"type": "flattened", "ignore_above": LONGEST_KEYWORD},
}


def write_policy(days: int) -> dict[str, Any]:
    """A day or ten gigabytes in one index, then deleted after so many days."""
    rollover = {"max_age": "1d", "max_primary_shard_size": "10gb"}
    hot = {"actions": {"rollover": rollover}}
    gone = {"min_age": f"{days}d", "actions": {"delete": {}}}
    return {"policy": {"phases": {"hot": hot, "delete": gone}}}


def write_mappings() -> dict[str, Any]:
    """Strict: an event with a field that is not in the schema is refused."""
    properties = {field.name: MAPPINGS.get(field.kind, {"type": field.kind}) for field in FIELDS}
    return {"template": {"mappings": {"dynamic": "strict", "properties": properties}}}


def write_settings() -> dict[str, Any]:
    """One node has no place for a copy."""
    lifecycle = {"name": NAME}
    return {"template": {"settings": {"index": {"lifecycle": lifecycle, "number_of_replicas": 0}}}}


def write_index_template() -> dict[str, Any]:
    return {
        "index_patterns": [PATTERN],
        "data_stream": {},
        "composed_of": [f"{NAME}-mappings", f"{NAME}-settings"],
        "priority": 500,  # that of Elasticsearch's own for logs-*-* is 100
    }


def write_role() -> dict[str, Any]:
    """To append, and nothing else: neither to read nor to change what is there."""
    return {"indices": [{"names": [PATTERN], "privileges": ["create_doc", "auto_configure"]}]}
