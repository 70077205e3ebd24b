"""Numbers that one process leaves for the next, such as how far a copy has come."""

from sqlalchemy import Connection, insert, select, update

from pipeline.store.tables import state


def read_state(connection: Connection, name: str) -> int:
    """A number that one process left for the next; 0 if none did."""
    return int(connection.scalar(select(state.c.value).where(state.c.name == name)) or 0)


def write_state(connection: Connection, name: str, value: int) -> None:
    changed = update(state).where(state.c.name == name).values(value=value)
    if not connection.execute(changed).rowcount:
        connection.execute(insert(state).values(name=name, value=value))
