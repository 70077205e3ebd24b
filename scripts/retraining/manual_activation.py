"""A version that a command put live, in the log of decisions."""

import sys

from sqlalchemy.exc import SQLAlchemyError

from pipeline.settings import Settings
from pipeline.store.database import connect, create_schema
from pipeline.store.decision_log import record_manual_activation
from pipeline.store.records import StoreUnavailable


def note_by_hand(settings: Settings, version: str, before: list[str]) -> None:
    """Put into the decision log that a version went live by a command."""
    engine = connect(settings.store)
    try:
        create_schema(engine)
        with engine.begin() as connection:
            record_manual_activation(connection, version, before, "command line")
    except (SQLAlchemyError, StoreUnavailable) as error:
        reason = str(error).splitlines()[0]
        print(f"The store is away, so the decision is not on record: {reason}", file=sys.stderr)
    finally:
        engine.dispose()
