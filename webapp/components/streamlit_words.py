"""Translates Streamlit's own words (Upload, Take Photo, Fullscreen), which have no setting.

Only a text that is in `WORDS` as a whole is translated; `…` stands for a part that varies. Texts
outside of Streamlit's own elements are left alone, because data may contain any word. So are the
names of fields, which are those of features.
"""

import streamlit as st

from webapp.texts import current_language, mark, say

NAME = "boucle_words"
WORDS = (
    mark("Add files"),
    mark("An error has occurred, please try again."),
    mark("App pages"),
    mark("Choose an option"),
    mark("Clear photo"),
    mark("Clear recording"),
    mark("Clear value"),
    mark("Close"),
    mark("Close fullscreen"),
    mark("Collapse sidebar"),
    mark("Copy Vega-Lite spec"),
    mark("Download as PNG"),
    mark("Download as WAV"),
    mark("Drag and drop a file here"),
    mark("Expand sidebar"),
    mark("File must be …MB or smaller."),
    mark("file upload"),
    mark("Fullscreen"),
    mark("Help for …"),
    mark("Hide password"),
    mark("Learn how to allow access."),
    mark("Link to heading"),
    mark("Main menu"),
    mark("No results"),
    mark("Open"),
    mark("Pause"),
    mark("Play"),
    mark("Press Ctrl+Enter to apply"),
    mark("Press Enter to apply"),
    mark("progress"),
    mark("Record"),
    mark("Remove …"),
    mark("Reset"),
    mark("Running..."),
    mark("Scroll tabs left"),
    mark("Scroll tabs right"),
    mark("Shortcut …"),
    mark("Show password"),
    mark("Sidebar"),
    mark("Skip to main content"),
    mark("Start recording"),
    mark("Stop recording"),
    mark("Stop script"),
    mark("Switch camera"),
    mark("Take Photo"),
    mark("This app would like to use your camera."),
    mark("This app would like to use your microphone."),
    mark("Upload"),
    mark("Upload …"),
    mark("Uploading..."),
    mark("Vega visualization"),
    mark("…MB per file"),
)
CSS = ":host, div { display: none; }"
JS = """
const ATTRIBUTES = ["aria-label", "title", "placeholder", "alt"];
const PARTS = ["stFileUploader", "stCameraInput", "stAudioInput", "InputInstructions",
               "stTooltipContent", "stElementToolbar", "stSelectboxVirtualDropdown",
               "stSkipToContent"]
  .map((name) => `[data-testid="${name}"]`).join() + ", kbd";
const NAMED = "input:not([type=file]), textarea, [role=spinbutton]";
const state = (window.boucleWords ??= {
  whole: new Map(), around: [], spoken: "[]", watched: false,
});

function learn(pairs) {
  state.whole = new Map(pairs.filter(([from]) => !from.includes("…")));
  state.around = pairs.filter(([from]) => from.includes("…"));
}
function translate(text) {
  const found = state.whole.get(text.trim());
  if (found !== undefined) return found;
  for (const [from, to] of state.around) {
    const [before, after] = from.split("…");
    const end = text.length - after.length;
    if (end > before.length && text.startsWith(before) && text.endsWith(after))
      return to.replace("…", () => text.slice(before.length, end));
  }
}
function sayText(node) {
  if (!node.parentElement?.closest(PARTS)) return;
  const found = translate(node.data);
  if (found !== undefined && found !== node.data) node.data = found;
}
function sayNames(element) {
  for (const name of ATTRIBUTES) {
    const value = element.getAttribute(name);
    if (!value || (name === "aria-label" && element.matches(NAMED))) continue;
    const found = translate(value);
    if (found !== undefined && found !== value) element.setAttribute(name, found);
  }
}
function sayAll(root) {
  if (root.nodeType === Node.TEXT_NODE) return sayText(root);
  if (root.nodeType !== Node.ELEMENT_NODE) return;
  sayNames(root);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.TEXT_NODE) sayText(node); else sayNames(node);
  }
}
function watch() {
  if (state.watched) return;
  state.watched = true;
  new MutationObserver((changes) => {
    if (state.whole.size === 0) return;
    for (const { type, target, addedNodes } of changes) {
      if (type === "childList") addedNodes.forEach(sayAll);
      else if (type === "attributes") sayNames(target);
      else sayText(target);
    }
  }).observe(document.body, {
    subtree: true, childList: true, characterData: true, attributeFilter: ATTRIBUTES,
  });
}
export default function ({ data }) {
  document.documentElement.lang = data[1];
  const said = JSON.stringify(data[0]), before = state.spoken;
  if (said === before) return;
  state.spoken = said;
  for (const pairs of [JSON.parse(before).map(([from, to]) => [to, from]), data[0]]) {
    learn(pairs);
    sayAll(document.body);
  }
  watch();
}
"""


def speak_for_streamlit() -> None:
    pairs = [[word, say(word)] for word in WORDS]
    said = [pair for pair in pairs if pair[0] != pair[1]]
    # in a list: Streamlit asks pandas whether a value of a mapping is a data frame
    st.components.v2.component(NAME, html="<div></div>", css=CSS, js=JS)(
        key="words", data=[said, current_language()]
    )
