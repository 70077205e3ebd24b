"""Forgets what is on record about a subject, with serving up or down.

`make erase SUBJECT=order-17`. Predictions and reviews go, their feedback is emptied,
`prod_data.csv` follows within a moment, and the next training does not see it. Versions that were
trained before, reports and backups keep what they hold.
"""

import argparse

from pipeline.history.subjects import Erased, erase_subject
from pipeline.settings import Settings, load_settings
from pipeline.store.database import connect, create_schema
from scripts.cli.command import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subject", required=True, help="as the caller of /predict named it")
    options = parser.parse_args()
    found = erase(load_settings(), options.subject)
    print(f"Erased {found.predictions:,} predictions and {found.answers:,} answers.")


def erase(settings: Settings, subject: str) -> Erased:
    """In one transaction. SQLite overwrites what it deletes."""
    engine = connect(settings.store)
    try:
        create_schema(engine)
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete = ON")
                connection.commit()
            with connection.begin():
                return erase_subject(connection, subject, "admin")
    finally:
        engine.dispose()


if __name__ == "__main__":
    run(main)
