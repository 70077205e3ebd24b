"""Makes Enter press the first button of the page, unless the focused element uses Enter itself.

Streamlit's own shortcut ignores the focus: Enter on "Skip" said that a prediction is right.
"""

import streamlit as st

NAME = "boucle_enter"
CSS = ":host, div { display: none; }"
JS = """
const TAKES_IT = "button, input, textarea, select, summary, a, [role=button], "
  + "[role=combobox], [role=option], [role=slider], [role=tab], [role=dialog] *";
const state = (window.boucleEnter ??= { heard: false });

export default function () {
  if (state.heard) return;
  state.heard = true;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.repeat || event.ctrlKey || event.metaKey || event.altKey)
      return;
    const button = document.querySelector("[class*=st-key-enter-] button");
    const taker = event.target.closest(TAKES_IT);
    const here = taker?.pathname === location.pathname;  // the link that led to this page
    if (!button || (taker && !here)) return;
    event.preventDefault();
    button.click();
  });
}
"""


def hear_enter() -> None:
    """Enter presses the button whose key begins with "enter-"."""
    st.components.v2.component(NAME, html="<div></div>", css=CSS, js=JS)(key="hear-enter")
