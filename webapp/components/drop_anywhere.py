"""While a file is dragged over the window the uploader covers it, so that any place takes it."""

import streamlit as st

NAME = "boucle_drop"
CSS = ":host, div { display: none; }"
JS = """
const ZONE = '[data-testid="stFileUploaderDropzone"]', OVER = "boucle-over";
const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const cover = (on) => {
  for (const zone of document.querySelectorAll(ZONE)) zone.classList.toggle(OVER, on);
};
export default function () {
  if (window.boucleDrop) return;
  window.boucleDrop = true;
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
    depth = 0;
    setTimeout(() => cover(false));
  });
}
"""


def allow_drop_anywhere() -> None:
    st.components.v2.component(NAME, html="<div></div>", css=CSS, js=JS)(key="drop")
