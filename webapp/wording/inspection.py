"""Translates the notes about columns of an inspected table."""

from webapp.texts import mark, say
from webapp.wording.sentences import translate_by

SENTENCES = (
    mark("is not valid JSON"),
    mark(
        "{cell} of row {row} holds a list or an object; a table has one value in a cell. "
        "pandas writes one with orient='records'"
    ),
    mark("cannot be unpacked ({error})"),
    mark("cannot be unpacked"),
    mark("is a damaged Parquet file ({error})"),
    mark("is a damaged Parquet file"),
    mark("is a damaged zip file"),
    mark("is no text in UTF-8, as JSON must be"),
    mark("is a LibreOffice file; save it as .xlsx or CSV"),
    mark("is a pickle, which can run any command; save the table as CSV or Parquet"),
    mark(
        "{file}, column '{column}': holds {kind}; a table has one value in a cell. Leave "
        "it out of the file"
    ),
    mark("one table is expected in a zip file; it has none"),
    mark("{file}: one table is expected in a zip file; it holds {number} tables: {names}"),
    mark("is a web page and not a table; perhaps it asks for a login"),
    mark("is a SQLite database; set dataset.source to sqlite:///FILE and dataset.query"),
    mark("is a PDF; save the table as CSV"),
    mark("is an Excel file of the old form; save it as .xlsx or CSV"),
    mark("has a cell to the right of the header's last column; the header is row {row}"),
    mark("{mark} expected after {other}"),
    mark("Its first sheet is read; others are {names}. dataset.sheet names one"),
    mark("{cell} is no {kind}, as dataset.columns says"),
    mark("{file}, line {line}, column '{column}': {rest}"),
    mark("{file}, row {line}, column '{column}': {rest}"),
    mark("{file}, line {line}: {rest}"),
    mark("{file}, row {line}: {rest}"),
    mark("line {line}: {rest}"),
    mark(
        "{cell} is not a finite number, as {share} of the column's cells are. Mend or "
        "empty it; if it means unknown, name it in dataset.missing; if the column holds "
        "names, put it in dataset.categorical"
    ),
    mark(
        "{cell} is not a finite number, as {share} of the column's cells are; nor are {others}. "
        "Mend or empty them; what means unknown is named in dataset.missing; if the column holds "
        "names, put it in dataset.categorical"
    ),
    mark(
        "{cell} is no date written as the others of the column are ({date}). Mend or empty it; if "
        "it means unknown, name it in dataset.missing; if the column holds names, put it in "
        "dataset.categorical"
    ),
    mark(
        "{cell} is no number written as the others of the column are. Write all with a "
        "decimal point, or all with a decimal comma"
    ),
    mark("the name of column {column} holds a NUL"),
    mark("has no target column '{target}'. Its columns are {columns}. Set dataset.target"),
    mark("the target '{target}' is empty in every row"),
    mark(
        "'{target}' has {distinct} different numbers in {rows} rows: it looks like an "
        "amount, and classes are predicted. dataset.bins = 3 makes three classes of it "
        "(low, middle, high); if its numbers are names, put it in dataset.categorical"
    ),
    mark(
        "{distinct} labels in {rows} rows. A label is the name of a class that many rows "
        "share. Set dataset.target to another column"
    ),
    mark(
        "the label {label} has a single row, and two are needed. dataset.rare_labels = "
        '"drop" leaves such rows out, "join" makes one label of them'
    ),
    mark(
        "{number} labels ({labels}) have each a single row, and two are needed. "
        'dataset.rare_labels = "drop" leaves such rows out, "join" makes one label of '
        "them"
    ),
    mark('a quotation mark (") is opened there and not closed'),
    mark("is no text in UTF-8, UTF-16 or Windows-1252"),
    mark("the column '{column}' stands there {times} times. Line 1 is the header"),
    mark(
        "column {place} of {all} has no name. Line 1 is the header; is it a title? Then take it out"
    ),
    mark("{cells} cells, the header has {expected}. Is line {line} a title? Then take it out"),
    mark(
        "has a cell to the right of the header's last column; the header is row {row}. Is row "
        "{row2} a title? Then take it out"
    ),
    mark("holds a formula and not its value; open the file in Excel or LibreOffice and save it"),
    mark("holds a NUL"),
    mark("is a damaged Excel file ({error})"),
    mark("reading Excel needs openpyxl, which is not installed here; save it as CSV"),
    mark("is not valid JSON: {error}"),
    mark("holds no rows"),
    mark("cannot be read"),
    mark("{number} more columns cannot be read"),
    mark("It is text in {encoding}, not in UTF-8, and was read so"),
    mark("A semicolon stands between its columns"),
    mark("A tab stands between its columns"),
    mark("A vertical bar stands between its columns"),
    mark("1 line is passed over above its header"),
    mark("{number} lines are passed over above its header"),
    mark("{number} empty columns without a name are left out"),
    mark("An empty column is left out"),
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
    mark("left out: of too many values each is rare"),
    mark("left out: its numbers have several units"),
    mark("left out: it says the same as the target"),
    mark('a number that begins with 0 is a code; type = "number" if it counts'),
    mark('{date} is read as a date; type = "number" if it is none'),
    mark("{date} is read as a date, {written}"),
    mark("{cell} is read as {number} and may be {other}; decimal sets it"),
    mark("{cell} is read as {number}"),
    mark("spaces around {number} cells are taken away"),
    mark("the {most} most frequent of {number} values"),
    mark("{number} of its words are counted: {words}"),
    mark(
        "names of persons, of which only the forms of address are counted: {words}; "
        'type = "text" counts all words'
    ),
    mark("unknown by its words: {words} cells"),
    mark("its dates may be day or month first and are read day first; else set order = {order}"),
    mark("{values} differ in capitals alone; dataset.merge_case = true joins them"),
    mark("its numbers have several units; they are read as categories"),
    mark("it holds numbers and text, and is read as categories"),
    mark("it holds dates and text, and is read as categories"),
    mark(
        "if it holds names of persons, put it in dataset.ignore: they foretell nothing for others"
    ),
    mark("each row has a number of its own; if it only names the row, put it in dataset.ignore"),
    mark("its numbers rise from row to row; if they count the rows, put it in dataset.ignore"),
    mark(
        "{value} in {number} cells is far from the rest ({low} to {high}); if it means unknown, "
        "set missing = {missing}"
    ),
    mark("{value} is far from the rest (99 % are below {usual})"),
    mark("it looks like an identifier, and is learned from as there is nothing else"),
    mark("it alone foretells the target: is it known before? If not, put it in dataset.ignore"),
    mark("A row without a label in '{target}' is left out"),
    mark("{number} rows without a label in '{target}' are left out"),
    mark(
        "Mind: '{label}' is a label, of {number} rows; if it means unknown, set missing = {missing}"
    ),
    mark("Spaces around {number} labels are taken away"),
    mark(
        "Mind: the labels {labels} differ in capitals alone; dataset.merge_case = true joins them"
    ),
    mark("The labels {labels} are joined"),
    mark("{number} rows of rare labels ({labels}) are joined as '{name}'"),
    mark("{number} rows of rare labels ({labels}) are left out"),
    mark("Every row has the label '{label}'; two are needed"),
    mark(
        "too few rows to split: a holdout of {share} of {rows} rows has {held}, and each of "
        "{labels} labels needs one there; more rows, fewer labels or a larger "
        "embedding.test_share are needed"
    ),
    mark("has no column to learn '{target}' from. {rest}"),
    mark("is empty; a header line and rows are expected"),
    mark("holds a header and no rows"),
    mark("{cells} cells, the header has {expected}"),
    mark("{name}: {rest}"),
)


def say_finding(sentence: str) -> str:
    return translate_by(SENTENCES, sentence, {"written": say})
