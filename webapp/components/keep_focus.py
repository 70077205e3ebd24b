"""Keeps the focus near its place when the focused element disappears, as a pressed button may.

Otherwise users of keyboards and screen readers are back at the top after each action.
"""

import streamlit as st

NAME = "boucle_focus"
CSS = ":host, div { display: none; }"
JS = """
const PATIENCE = 250;  // milliseconds in which what went away may come back
const KEYED = /(^| )(st-key-\\S+)/;
const state = (window.boucleFocus ??= { watched: false, key: "", above: [], timer: 0 });

function remember(element) {
  state.key = KEYED.exec(element.closest("[class*=st-key-]")?.className ?? "")?.[2] ?? "";
  state.above = [];
  for (let one = element; one && one !== document.body; one = one.parentElement)
    state.above.push(one);
}
function restore() {
  const [lost] = state.above;
  if (!lost || lost.isConnected || document.activeElement !== document.body) return;
  const again = state.key && document.querySelector(`.${CSS.escape(state.key)} button`);
  const near = again || state.above.find((one) => one.isConnected);
  if (!near) return;
  if (near !== again && !near.matches("button, input, a, textarea")) near.tabIndex = -1;
  near.focus({ preventScroll: true });
}
export default function () {
  if (state.watched) return;
  state.watched = true;
  document.addEventListener("focusin", (event) => remember(event.target));
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest && !event.target.closest("button, input, a, textarea, [tabindex]"))
      state.above = [];  // a click on nothing gives the focus up
  });
  new MutationObserver(() => {
    clearTimeout(state.timer);
    state.timer = setTimeout(restore, PATIENCE);
  }).observe(document.body, { subtree: true, childList: true });
}
"""


def keep_focus() -> None:
    st.components.v2.component(NAME, html="<div></div>", css=CSS, js=JS)(key="focus")
