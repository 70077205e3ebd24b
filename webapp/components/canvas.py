"""A field to draw in with mouse, pen or finger. It sends strokes, not pixels."""

from collections.abc import Callable
from typing import Any

import streamlit as st

NAME = "boucle_canvas"
HTML = """
<canvas width="280" height="280" role="img"></canvas>
<div class="buttons">
<button type="button" class="ask"></button><button type="button" class="clear"></button>
</div>
"""
CSS = """
canvas { background: #fff; border: 1px solid #9aa0a6; border-radius: 0.6rem; touch-action: none;
  cursor: crosshair; display: block; }
div.buttons { display: flex; gap: 0.6rem; margin-top: 0.6rem; }
button { font: inherit; padding: 0.4rem 0.9rem; border-radius: 0.6rem; cursor: pointer;
  border: 1px solid var(--st-border-color); background: var(--st-background-color);
  color: var(--st-text-color); }
.ask { background: var(--st-primary-color); border-color: var(--st-primary-color); color: #fff; }
"""
JS = """
const MOST_POINTS = 5000;
export default function ({ data, parentElement, setTriggerValue }) {
  const canvas = parentElement.querySelector("canvas");
  canvas.setAttribute("aria-label", data.title);  // in another language, perhaps
  parentElement.querySelector(".ask").textContent = data.ask;
  parentElement.querySelector(".clear").textContent = data.clear;
  if (canvas.dataset.ready) return;
  canvas.dataset.ready = "yes";
  const pen = canvas.getContext("2d");
  pen.lineWidth = 20; pen.lineCap = pen.lineJoin = "round"; pen.strokeStyle = "#111";
  let strokes = [], drawing = false, points = 0;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const go = (event) => {
    if (points++ > MOST_POINTS) return;
    const here = place(event), stroke = strokes[strokes.length - 1];
    const before = stroke.length ? stroke[stroke.length - 1] : here;
    stroke.push(here);
    pen.beginPath(); pen.moveTo(...before); pen.lineTo(...here); pen.stroke();
  };
  canvas.onpointerdown = (event) => {
    drawing = true; strokes.push([]); canvas.setPointerCapture(event.pointerId); go(event);
  };
  canvas.onpointermove = (event) => { if (drawing) go(event); };
  canvas.onpointerup = canvas.onpointercancel = () => { drawing = false; };
  parentElement.querySelector(".clear").onclick = () => {
    strokes = []; points = 0; pen.clearRect(0, 0, canvas.width, canvas.height);
  };
  parentElement.querySelector(".ask").onclick = () => {
    if (strokes.length) setTriggerValue("strokes", strokes);
  };
}
"""


def show_canvas(title: str, ask: str, clear: str, on_drawn: Callable[[], None]) -> Any:
    """The `strokes` of the result are what was just drawn, or None."""
    draw = st.components.v2.component(NAME, html=HTML, css=CSS, js=JS)
    words = {"title": title, "ask": ask, "clear": clear}
    return draw(key="canvas", data=words, on_strokes_change=on_drawn)
