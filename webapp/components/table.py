"""A table that sorts by a click on a column name, scrolls, and sends the row that is chosen."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

NAME = "boucle_table"
# The text; or the text, the number that it is sorted by, and the address of its link.
Cell = str | tuple[str, float | None, str]
HTML = '<div class="table" role="region" tabindex="0"></div>'
CSS = """
.table { max-height: 26rem; overflow: auto; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); }
table { border-spacing: 0; width: max-content; min-width: 100%; font-size: 0.875rem;
  color: var(--st-text-color); }
thead > tr > * { position: sticky; top: 0; z-index: 1; padding: 0; text-align: left;
  font-weight: 500; background: var(--st-secondary-background-color); }
th button { all: unset; box-sizing: border-box; position: relative; width: 100%;
  padding: 0.45rem 0.75rem; cursor: pointer; white-space: nowrap; }
th button::after { position: absolute; right: 0.1rem; font-size: 0.7rem; line-height: 1.9; }
th[aria-sort=ascending] button::after { content: "▲"; }
th[aria-sort=descending] button::after { content: "▼"; }
th button:hover { text-decoration: underline; }
tbody td { padding: 0.4rem 0.75rem; max-width: 26rem; border-top: 1px solid var(--st-border-color);
  overflow-wrap: break-word; font-variant-numeric: tabular-nums; }
tr .number { text-align: right; white-space: nowrap; }
tbody .mark { width: 1px; padding-right: 0; }
.choices tbody tr { cursor: pointer; }
.choices tbody tr:hover td { background: var(--st-secondary-background-color); }
.choices tbody tr.chosen td { background:
  color-mix(in srgb, var(--st-primary-color) 14%, transparent); }
input { accent-color: var(--st-primary-color); margin: 0; vertical-align: middle; cursor: inherit; }
a { color: var(--st-link-color); }
:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: -2px; }
"""
JS = """
const PART = 100;  // rows that are made at once; scrolling brings more
const make = (name, parent, text = "") => {
  const made = parent.appendChild(document.createElement(name));
  made.textContent = text;
  return made;
};
const weigh = ([text, order]) => order ?? (text.trim() ? Number(text) : NaN);
const compare = (one, other, words) => {
  const [low, high] = [weigh(one), weigh(other)];
  if (Number.isNaN(low) && Number.isNaN(high)) return words.compare(one[0], other[0]);
  return Number.isNaN(low) ? 1 : Number.isNaN(high) ? -1 : low - high;
};

export default function ({ data: [data], parentElement, setStateValue }) {
  const box = parentElement.querySelector(".table"), { columns, choose } = data;
  const told = JSON.stringify([data.title, columns, data.rows, choose]);
  if (box.told === told) return;
  box.told = told;
  if (box.chosen === undefined) box.chosen = data.chosen;
  box.setAttribute("aria-label", data.title);
  box.replaceChildren();
  const rows = data.rows.map((row) => row.map((cell) => Array.isArray(cell) ? cell : [cell]));
  const words = new Intl.Collator(data.language, { numeric: true });
  const table = make("table", box), head = make("tr", make("thead", table));
  const body = make("tbody", table), lines = new Map();
  let order = [...rows.keys()], shown = 0, sorted = null, falling = false;
  table.className = choose ? "choices" : "";

  const mark = () => {
    for (const [place, line] of lines) {
      line.classList.toggle("chosen", place === box.chosen);
      line.querySelector("input").checked = place === box.chosen;
    }
  };
  const take = (place) => {
    box.chosen = place === box.chosen ? null : place;
    mark();
    setStateValue("row", box.chosen);
  };
  const draw = (place) => {
    const line = make("tr", body);
    if (choose) {
      const cell = make("td", line), input = make("input", cell);
      cell.className = "mark";
      input.type = "radio";
      input.name = "row";
      const said = rows[place].map((cell) => cell[0]).join(", ");
      input.setAttribute("aria-label", `${choose} ${said}`);
      line.onclick = (event) => {
        if (event.detail > 1) mark();  // the second half of a double click
        else take(place);
      };
      lines.set(place, line);
    }
    for (const [text, order = null, link = ""] of rows[place]) {
      const cell = make("td", line, link ? "" : text);
      if (order !== null) cell.className = "number";
      if (!/^https?:/.test(link)) continue;
      const anchor = make("a", cell, text);
      anchor.href = link;
      anchor.target = "_blank";
      anchor.rel = "noopener noreferrer";
    }
  };
  const drawPart = () => {
    for (const place of order.slice(shown, shown + PART)) draw(place);
    shown += PART;
    mark();
  };
  const drawAnew = () => {
    body.replaceChildren();
    lines.clear();
    shown = 0;
    drawPart();
  };
  const sort = (place, header) => {
    falling = sorted === place && !falling;
    sorted = place;
    order.sort((one, other) => compare(rows[one][place], rows[other][place], words));
    if (falling) order.reverse();
    for (const one of head.children) one.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", falling ? "descending" : "ascending");
    drawAnew();
  };

  if (choose) make("td", head).className = "mark";
  columns.forEach((name, place) => {
    const header = make("th", head), button = make("button", header, name);
    header.scope = "col";
    if (rows.some((row) => Number.isFinite(row[place][1]))) header.className = "number";
    button.type = "button";
    button.onclick = () => sort(place, header);
  });
  box.onscroll = () => {
    const ahead = box.scrollHeight - box.scrollTop - box.clientHeight;
    if (shown < rows.length && ahead < 600) drawPart();
  };
  box.onkeydown = (event) => {
    if (event.key === "Escape" && box.chosen !== null) take(box.chosen);
  };
  drawPart();
}
"""


def show_cells(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    language: str,
    key: str | None = None,
    choose: str = "",
) -> int | None:
    """Returns the index of the chosen row. Rows can be chosen if `choose` describes that."""
    draw = st.components.v2.component(NAME, html=HTML, css=CSS, js=JS)
    before: Any = st.session_state.get(key, {}) if key else {}
    told = {"title": title, "columns": columns, "rows": rows, "language": language}
    more = {"choose": choose, "chosen": before.get("row")}
    # in a list: Streamlit asks pandas whether a value of a mapping is a data frame
    chosen = draw(key=key, data=[{**told, **more}], on_row_change=_pass).row
    return chosen if isinstance(chosen, int) and 0 <= chosen < len(rows) else None


def _pass() -> None:
    """Does nothing: Streamlit keeps only states that have a callback."""
