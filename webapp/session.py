"""What one visitor has entered and been told. Lives in Streamlit's session, for every page."""

import threading
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from webapp.client.observations import Observation
from webapp.client.records import Explanation
from webapp.client.responses import Prediction, Receipt, Retraining
from webapp.client.schema import Schema, Value
from webapp.client.serving import Client, ServingError


@dataclass
class Session:
    """Nothing here is forgotten because serving is away.

    Streamlit answers a click in a new thread at once, while the one before still runs up to where
    it shows something. What sends a thing once holds the `lock` until it is noted as sent.
    """

    lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    model: dict[str, Any] | None = None
    schema: Schema | None = None
    trouble: str = ""  # why the model could not be looked at, while it cannot

    asked: Observation | None = None
    pending: bool = False  # asked, but not answered yet
    predictions: list[Prediction] = field(default_factory=list)
    problem: str = ""  # why there is no prediction

    targets: dict[str, str] = field(default_factory=dict)  # by prediction: what it should have been
    receipts: dict[str, Receipt] = field(default_factory=dict)
    file_answers: dict[str, Any] = field(default_factory=dict)  # by the file's first prediction
    objections: dict[str, str] = field(default_factory=dict)  # why no target, by prediction

    explanations: dict[str, Explanation] = field(default_factory=dict)  # by prediction

    followed: int | None = None  # the retraining whose progress is shown
    outcome: Retraining | None = None

    admin_key: str = ""
    refusal: str = ""  # why the administration did not happen
    fields: dict[str, Value] = field(default_factory=dict)
    uploads: int = 0  # how many files were taken; each needs an uploader of its own

    def look(self, client: Client) -> None:
        """See which version is live; the schema is asked for again only where it may differ."""
        try:
            self.model = client.model()
            if self.schema is None or self.schema.embedding_id != self.model["embedding_id"]:
                self.schema = client.schema(self.model["embedding_id"])
                self.fields = {}
            self.trouble = ""
        except ServingError as error:
            self.trouble = str(error)

    def ask(self, observation: Observation) -> None:
        with self.lock:
            self.asked, self.pending = observation, True
            self.predictions, self.problem = [], ""

    def refuse(self, reason: str) -> None:
        """A file that cannot even be asked about."""
        with self.lock:
            self.asked, self.pending = None, False
            self.predictions, self.problem = [], reason


def current_session() -> Session:
    if "visit" not in st.session_state:
        st.session_state.visit = Session()
    visit: Session = st.session_state.visit
    return visit
