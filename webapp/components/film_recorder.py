"""Records a short film with the camera, and sends the file as the browser writes it."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

import streamlit as st

NAME = "boucle_film"
SECONDS = 5
HTML = """
<video width="280" muted playsinline></video>
<div><button type="button" class="record"></button></div>
<p role="alert"></p>
"""
CSS = """
video { background: #111; border-radius: 0.6rem; display: block; margin-bottom: 0.6rem; }
button { font: inherit; padding: 0.4rem 0.9rem; border-radius: 0.6rem; cursor: pointer;
  background: var(--st-primary-color); border: 1px solid var(--st-primary-color); color: #fff; }
p { color: var(--st-text-color); }
"""
JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const video = parentElement.querySelector("video");
  const button = parentElement.querySelector(".record");
  button.words = data;  // in another language, perhaps
  video.setAttribute("aria-label", data.title);
  if (button.dataset.ready) return button.say();
  button.dataset.ready = "yes";
  const said = parentElement.querySelector("p");
  let recorder = null, starting = false;
  const say = button.say = () => {
    button.textContent = recorder ? button.words.stop : button.words.record;
  };
  say();
  const send = (film) => {
    const reader = new FileReader();
    reader.onload = () => setTriggerValue("film", reader.result.split("base64,").pop());
    reader.readAsDataURL(film);
  };
  const start = async () => {
    if (starting) return;  // a double click would leave a camera on
    starting = true;
    let stream;
    try { stream = await navigator.mediaDevices.getUserMedia({ video: true }); }
    catch { said.textContent = button.words.refused; return; }
    finally { starting = false; }
    said.textContent = "";
    video.srcObject = stream;
    video.play();
    const parts = [];
    recorder = new MediaRecorder(stream, { videoBitsPerSecond: 1000000 });
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      video.srcObject = null;
      recorder = null;
      say();
      send(new Blob(parts));
    };
    recorder.start();
    say();
    const mine = recorder;
    setTimeout(() => { if (recorder === mine) mine.stop(); }, data.seconds * 1000);
  };
  button.onclick = () => { if (recorder) recorder.stop(); else start(); };
}
"""


def show_film_recorder(words: dict[str, str], on_recorded: Callable[[], None]) -> Any:
    """`words`: title, record, stop, refused. `read_film` returns what was just recorded."""
    draw = st.components.v2.component(NAME, html=HTML, css=CSS, js=JS)
    data = {**words, "seconds": SECONDS}
    return draw(key="film", data=data, on_film_change=on_recorded)


def read_film() -> bytes:
    """The recorded film, empty if there is none or it is not valid."""
    try:
        return base64.b64decode(st.session_state["film"].film or "", validate=True)
    except (binascii.Error, ValueError):
        return b""
