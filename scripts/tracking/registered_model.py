"""Our model in MLflow's registry: its versions, their aliases, and what became of each."""

from typing import Any

VERSION, CHAMPION = "boucle.version", "boucle.champion"
JUDGED = "boucle.judgement"  # of a version trained elsewhere: the last decision that was told


class RegisteredModel:
    """A version has our number as a tag, beside the one that MLflow gives it."""

    def __init__(self, client: Any, name: str) -> None:
        """`client` is MLflow's, whose own errors every method raises while the server is away."""
        self._client = client
        self._name = name

    def create_if_absent(self) -> None:
        if not self._client.search_registered_models(f"name = '{self._name}'"):
            self._client.create_registered_model(self._name)

    def add(self, number: str, source: str, run: str, tags: dict[str, str]) -> None:
        """A version, whose model is at `source`; known by our number of it."""
        tags = {VERSION: number, **tags}
        self._client.create_model_version(self._name, source, run, tags=tags)

    def version_of(self, number: str) -> str | None:
        """MLflow's own number of one of our versions."""
        query = f"name = '{self._name}' and tags.`{VERSION}` = '{number}'"
        found = self._client.search_model_versions(query)
        return str(found[0].version) if found else None

    def our_version_of(self, own: str) -> str | None:
        """Our number of one of MLflow's versions; None when it is not one of ours."""
        number = self._client.get_model_version(self._name, own).tags.get(VERSION)
        return None if number is None else str(number)

    def aliases(self) -> dict[str, str]:
        """Each alias and MLflow's own number of the version that it names."""
        model = self._client.get_registered_model(self._name)
        return {name: str(own) for name, own in model.aliases.items()}

    def last_champion(self) -> str | None:
        """The one that we named last: where the alias names another, somebody moved it."""
        model = self._client.get_registered_model(self._name)
        own = model.tags.get(CHAMPION)
        return None if own is None else str(own)

    def set_aliases(self, wanted: dict[str, str | None]) -> None:
        """By our numbers; a version that MLflow does not hold gets none."""
        named = self.aliases()
        for alias, number in wanted.items():
            own = self.version_of(number) if number else None
            if own is None:
                if alias in named and number is None:
                    self._client.delete_registered_model_alias(self._name, alias)
                continue
            if alias == "champion" and self.last_champion() != own:
                self._client.set_registered_model_tag(self._name, CHAMPION, own)
            if named.get(alias) != own:
                self._client.set_registered_model_alias(self._name, alias, own)

    def created_at(self, own: str) -> int:
        return int(self._client.get_model_version(self._name, own).creation_timestamp)

    def address_of(self, own: str) -> str:
        """Under which MLflow's client loads a version."""
        return f"models:/{self._name}/{own}"

    def told_judgement(self, own: str) -> str | None:
        tags = self._client.get_model_version(self._name, own).tags
        return None if JUDGED not in tags else str(tags[JUDGED])

    def tell(self, own: str, reason: str, judgement: str = "") -> None:
        """What became of a version that somebody wanted live, where MLflow shows it."""
        self._client.update_model_version(self._name, own, description=reason)
        if judgement:
            self._client.set_model_version_tag(self._name, own, JUDGED, judgement)
