"""What one visitor has entered and received. It is kept in Streamlit's session, for all pages."""

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
    """Keeps everything while serving is away.

    Streamlit runs each click in a new thread, while that of the click before runs on until it
    shows something. Whatever must be sent once holds the `lock` until it is noted as sent.
    """

    lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    model: dict[str, Any] | None = None
    schema: Schema | None = None
    trouble: str = ""  # why the model could not be read from serving

    asked: Observation | None = None
    pending: bool = False  # `asked` has no answer yet
    predictions: list[Prediction] = field(default_factory=list)
    problem: str = ""  # why there is no prediction

    targets: dict[str, str] = field(default_factory=dict)  # by prediction: what it should have been
    receipts: dict[str, Receipt] = field(default_factory=dict)
    file_answers: dict[str, Any] = field(default_factory=dict)  # by the file's first prediction
    objections: dict[str, str] = field(default_factory=dict)  # by prediction: why no target

    explanations: dict[str, Explanation] = field(default_factory=dict)  # by prediction

    followed: int | None = None  # the retraining whose progress is shown
    outcome: Retraining | None = None

    admin_key: str = ""
    refusal: str = ""  # why serving refused an action of the administrator
    fields: dict[str, Value] = field(default_factory=dict)
    uploads: int = 0  # how many files were uploaded; each gets a new uploader

    def refresh_model(self, client: Client) -> None:
        """Read which version is live, and its schema if that may differ."""
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
        """Show why there is no prediction, as of a file that cannot be read."""
        with self.lock:
            self.asked, self.pending = None, False
            self.predictions, self.problem = [], reason


def current_session() -> Session:
    if "visit" not in st.session_state:
        st.session_state.visit = Session()
    visit: Session = st.session_state.visit
    return visit
