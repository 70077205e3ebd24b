"""Numbers that one process leaves for the next; `create_schema` makes them."""

from sqlalchemy import Connection, func, select, update

from pipeline.store.tables import predictions, state

SUMMED = "history_predictions"  # the last prediction that the sums of curves have taken


def read_state(connection: Connection, name: str) -> int:
    """A number that one process left for the next; 0 if none did."""
    return int(connection.scalar(select(state.c.value).where(state.c.name == name)) or 0)


def write_state(connection: Connection, name: str, value: int) -> None:
    connection.execute(update(state).where(state.c.name == name).values(value=value))


def move_state(connection: Connection, name: str, before: int, after: int) -> bool:
    """Set a number that is still what it was before; False where another process was quicker."""
    mine = (state.c.name == name) & (state.c.value == before)
    return connection.execute(update(state).where(mine).values(value=after)).rowcount == 1


def follow_predictions(connection: Connection) -> None:
    """Follow a table of predictions that rows were taken from: SQLite gives numbers out again."""
    newest = connection.scalar(select(func.max(predictions.c.seq))) or 0
    if newest < read_state(connection, SUMMED):
        write_state(connection, SUMMED, newest)
