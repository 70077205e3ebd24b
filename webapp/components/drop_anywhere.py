"""While a file is dragged over the window, the uploader covers it, so it can be dropped anywhere.

It also reports a file that is too large, which the uploader would refuse in the browser without
telling Python.
"""

from collections.abc import Callable

import streamlit as st

NAME, KEY = "boucle_drop", "drop"
CSS = ":host, div { display: none; }"
JS = """
const ZONE = '[data-testid="stFileUploaderDropzone"]', OVER = "boucle-over";
const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const cover = (on) => {
  for (const zone of document.querySelectorAll(ZONE)) zone.classList.toggle(OVER, on);
};
const state = (window.boucleDrop ??= { watched: false, most: 0, tell: () => {} });
const look = (element, files) => {
  if (!element.closest?.('[data-testid="stFileUploader"]')) return;
  const large = [...(files ?? [])].find((file) => file.size > state.most);
  if (large) state.tell(large.name);
};
export default function ({ data: [most], parentElement, setTriggerValue }) {
  state.most = most;
  state.tell = (name) => { if (parentElement.isConnected) setTriggerValue("refused", name); };
  if (state.watched) return;
  state.watched = true;
  let depth = 0;
  window.addEventListener("dragenter", (event) => {
    if (holdsFiles(event) && depth++ === 0) cover(true);
  });
  window.addEventListener("dragleave", (event) => {
    if (holdsFiles(event) && --depth <= 0) { depth = 0; cover(false); }
  });
  window.addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  window.addEventListener("drop", (event) => {
    if (holdsFiles(event)) event.preventDefault();
    look(event.target, event.dataTransfer?.files);
    depth = 0;
    setTimeout(() => cover(false));
  }, true);
  window.addEventListener("change", (event) => look(event.target, event.target.files), true);
}
"""
BYTES = 1024 * 1024  # bytes in a megabyte of Streamlit


def watch_uploads(most_megabytes: int, on_refused: Callable[[], None]) -> None:
    """Calls back for a file that is larger; then `read_refused` has its name."""
    draw = st.components.v2.component(NAME, html="<div></div>", css=CSS, js=JS)
    # in a list: Streamlit asks pandas whether a value of a mapping is a data frame
    draw(key=KEY, data=[most_megabytes * BYTES], on_refused_change=on_refused)


def read_refused() -> str:
    return str(st.session_state[KEY].refused or "")
