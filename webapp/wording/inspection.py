"""What is said of the columns of a table that somebody looks at before training on it."""

from webapp.texts import mark
from webapp.wording.sentences import translate_by

SENTENCES = (
    mark("number"),
    mark("integer"),
    mark("category"),
    mark("boolean"),
    mark("date"),
    mark("text"),
    mark("number in {unit}"),
    mark("integer in {unit}"),
    mark("left out, as the settings say"),
    mark("left out: every cell is empty"),
    mark("left out: almost every cell is empty"),
    mark("left out: one value in all rows"),
    mark("left out: the first column has no name, as the index of pandas or R"),
    mark("left out: it counts the rows"),
    mark("left out: it names single rows"),
    mark("left out: it says the same as the target"),
    mark('a number that begins with 0 is a code; type = "number" if it counts'),
    mark('{date} is read as a date; type = "number" if it is none'),
    mark("{date} is read as a date, {order}"),
    mark("{cell} is read as {number}"),
    mark("{cell} is read as {number} and may be {other}; decimal sets it"),
    mark("spaces around {number} cells are taken away"),
    mark("the {most} most frequent of {number} values"),
    mark("{number} of its words are counted: {words} ..."),
    mark("unknown by its words: {words} cells"),
    mark("{name}: {rest}"),
    mark("its dates may be day or month first and are read day first; else set order = {order}"),
    mark("{values} differ in capitals alone; dataset.merge_case = true joins them"),
    mark("its numbers have several units; they are read as categories"),
    mark("it holds numbers and text, and is read as categories"),
    mark(
        "{value} in {number} cells is far from the rest ({low} to {high}); if it means unknown, "
        "set missing = {missing}"
    ),
    mark("{value} is far from the rest (99 % are below {usual})"),
    mark("it looks like an identifier, and is learned from as there is nothing else"),
    mark("it alone foretells the target: is it known before? If not, put it in dataset.ignore"),
    mark("{number} rows without a label in '{target}' are left out"),
    mark("Spaces around {number} labels are taken away"),
    mark(
        "Mind: the labels {labels} differ in capitals alone; dataset.merge_case = true joins them"
    ),
    mark("The labels {labels} are joined"),
    mark("{number} rows of rare labels ({labels}) are joined as '{name}'"),
    mark("{number} rows of rare labels ({labels}) are left out"),
    mark("Every row has the label '{label}'; two are needed"),
    mark("is empty; a header line and rows are expected"),
    mark("holds a header and no rows"),
    mark("{cells} cells, the header has {expected}"),
)


def say_finding(sentence: str) -> str:
    return translate_by(SENTENCES, sentence)
