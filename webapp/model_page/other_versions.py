"""The versions that could be put live. Those found to be worse come last, with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.client.responses import Retraining
from webapp.texts import say
from webapp.wording.trainer import say_reason

WORSE = ("rejected", "rolled back")


@dataclass(frozen=True)
class OtherVersion:
    number: str
    state: str = ""  # rejected or rolled back, where it was
    reason: str = ""

    @property
    def title(self) -> str:
        return f"{self.number} · {say(self.state)}" if self.state else self.number

    @property
    def why(self) -> str:
        said = say_reason(self.reason.removeprefix(f"{self.state}: "))
        return f"{said[:1].upper()}{said[1:]}"


def list_others(
    versions: Sequence[Mapping[str, Any]], decisions: Sequence[Retraining]
) -> list[OtherVersion]:
    """The newest first, but those with a reason against them at the end."""
    usable = [one for one in versions if not one["live"] and "refused" not in one]
    described = [_describe(one, decisions) for one in usable]
    return sorted(described, key=lambda one: bool(one.state))


def _describe(version: Mapping[str, Any], decisions: Sequence[Retraining]) -> OtherVersion:
    """By the latest decision about it, else by its manifest, for old decisions are not listed."""
    number, told = str(version["version"]), str(version.get("decision") or "")
    last = next((one for one in decisions if one.version == number and not one.by_hand), None)
    if last is not None:
        told = last.reason if last.reason.startswith(last.state) else f"{last.state}: {last.reason}"
    state = next((one for one in WORSE if told.startswith(one)), "")
    return OtherVersion(number, state, told if state else "")
