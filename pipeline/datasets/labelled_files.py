"""Finds the label of each file of a dataset: its folder's name, or what a table beside it says."""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pipeline.columns.column_text import find_case_variants
from pipeline.data.schema import Kind
from pipeline.datasets.source_files import is_ours, is_remains, kind_of
from pipeline.extractors.file_types import ENDINGS, ONE
from pipeline.setting_tables import DatasetSettings
from pipeline.tables.csv_table import read_csv_table
from pipeline.tables.table import InvalidDataset, Table

SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval"}
SPLITS |= {"apprentissage", "entrainement", "entraînement", "evaluation", "évaluation"}
TABLES = {".csv", ".tsv", ".txt"}


@dataclass(frozen=True)
class LabelledFiles:
    """The files of a folder in the order of their names."""

    kind: Kind
    folder: Path
    paths: tuple[Path, ...]
    labels: tuple[str, ...]
    notes: tuple[str, ...]


def find_files(folder: Path, wanted: DatasetSettings) -> LabelledFiles:
    notes: list[str] = []
    folder = _descend(folder, notes)
    files = [path for path in sorted(folder.rglob("*")) if is_ours(path, folder)]
    kind: Kind = kind_of(files) if wanted.kind == "auto" else wanted.kind
    observed = [path for path in files if path.suffix.lower() in ENDINGS[kind]]
    if not observed:
        raise InvalidDataset(
            f"{folder}: holds no {ONE[kind]} ({', '.join(sorted(ENDINGS[kind]))})."
        )
    tables = [path for path in files if path.parent == folder and path.suffix.lower() in TABLES]
    others = [path for path in files if path not in {*observed, *tables}]
    if others:
        kinds = ", ".join(sorted({path.suffix.lower() or path.name for path in others})[:5])
        what = "A file is" if len(others) == 1 else f"{len(others)} files are"
        notes.append(f"{what} no {ONE[kind]} that can be read ({kinds}).")
    named = _labels_of_table(tables, folder, observed, wanted.target, notes)
    found = named or _labels_of_folders(folder, observed, ONE[kind], notes)
    paths = tuple(path for path in observed if path in found)
    return LabelledFiles(kind, folder, paths, tuple(found[path] for path in paths), tuple(notes))


def _descend(folder: Path, notes: list[str]) -> Path:
    """Into the one folder that a zip file or a download often is, if the labels are in there."""
    inside = [path for path in folder.iterdir() if not is_remains(path)]
    while len(inside) == 1 and inside[0].is_dir():
        deeper = [path for path in inside[0].iterdir() if not is_remains(path)]
        if not any(path.is_dir() for path in deeper):
            break
        notes.append(f"The labels are looked for in its folder '{inside[0].name}'.")
        folder, inside = inside[0], deeper
    return folder


def _labels_of_folders(
    folder: Path, files: list[Path], one: str, notes: list[str]
) -> dict[Path, str]:
    for path in files:
        if path.parent == folder:
            raise InvalidDataset(
                f"{path}: lies in no label's folder; expected a folder of {one}s for each label, "
                f"or {one}s and a CSV of file and label."
            )
    splits = _find_splits(folder, files)
    if splits:
        said = ", ".join(sorted(splits))
        notes.append(f"The folders {said} are taken together, not as labels.")
    found = {path: path.relative_to(folder).parts[1 if splits else 0] for path in files}
    if not splits:
        _refuse_empty(folder, set(found.values()), one)
    for label in set(found.values()):
        if not label.strip() or not label.isprintable():
            raise InvalidDataset(f"{folder}: the folder {label!r} has no name to print; rename it.")
    labels = {path: unicodedata.normalize("NFC", label) for path, label in found.items()}
    _note_case(set(labels.values()), notes)
    return labels


def _find_splits(folder: Path, files: list[Path]) -> set[str]:
    """The folders train, test and the like, which hold those of the labels."""
    parts = [path.relative_to(folder).parts for path in files]
    tops = {one[0] for one in parts}
    splits = {one[0] for one in parts if one[0].lower() in SPLITS and len(one) > 2}
    if splits and splits != tops:
        others = ", ".join(f"'{name}'" for name in sorted(tops - splits)[:3])
        said = ", ".join(f"'{name}'" for name in sorted(splits))
        raise InvalidDataset(
            f"{folder}: {said} hold the folders of the labels, and {others} stand beside them; "
            f"take these out, or the labels' folders out of {said}."
        )
    return splits


def _note_case(labels: set[str], notes: list[str]) -> None:
    for texts in find_case_variants(Counter(sorted(labels))).values():
        said = " and ".join(f"'{text}'" for text in texts)
        notes.append(f"Mind: the labels {said} differ in capitals alone.")


def _refuse_empty(folder: Path, labels: set[str], one: str) -> None:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in labels and not is_remains(path):
            raise InvalidDataset(f"{path}: holds no {one} that can be read.")


def _labels_of_table(
    tables: list[Path], folder: Path, files: list[Path], target: str, notes: list[str]
) -> dict[Path, str]:
    """By a table beside the pictures, if one of its columns names most of them."""
    known = _by_name(folder, files)
    for path in tables:
        table = read_csv_table(path)
        for column in table.header:
            cells = [cell.strip() for cell in table.column(column)]
            named = [cell for cell in cells if _find(known, cell)]
            if 2 * len(named) <= len(cells):
                continue
            label = _label_column(table, column, target)
            notes.append(f"The labels stand in {path.name}, columns '{column}' and '{label}'.")
            if missing := len(cells) - len(named):
                what = "A row" if missing == 1 else f"{missing} rows"
                name = "names" if missing == 1 else "name"
                notes.append(f"{what} of {path.name} {name} a file that is not there.")
            if unnamed := len(files) - len(set(named)):
                what = "A file is" if unnamed == 1 else f"{unnamed} files are"
                notes.append(f"{what} not named in {path.name}.")
            pairs = zip(cells, table.column(label), strict=True)
            return {
                found: text.strip()
                for cell, text in pairs
                if (found := _find(known, cell)) and text.strip()
            }
    return {}


def _by_name(folder: Path, files: list[Path]) -> dict[str, Path]:
    """Each file by its path in the folder, and by its bare name where that is its alone."""
    counts = Counter(path.name for path in files) + Counter(path.stem for path in files)
    known = {name: path for path in files for name in (path.stem, path.name) if counts[name] < 2}
    return known | {path.relative_to(folder).as_posix(): path for path in files}


def _find(known: dict[str, Path], cell: str) -> Path | None:
    return known.get(cell.removeprefix("./").replace("\\", "/"))


def _label_column(table: Table, files: str, target: str) -> str:
    others = [name for name in table.header if name != files]
    if target in others:
        return target
    if len(others) != 1:
        raise InvalidDataset(
            f"{table.name}: names the files in '{files}'; set dataset.target to the column of the "
            f"labels, one of {', '.join(others[:10])}."
        )
    return others[0]
