"""Input of a sound or a film: a sample, a file, the microphone or the camera."""

import base64
from pathlib import Path

import streamlit as st

from webapp.client.observations import Recording
from webapp.client.schema import Schema
from webapp.client.serving import Client
from webapp.components.film_recorder import read_film, show_film_recorder
from webapp.predict_page.samples import MOST_SAMPLES, offer_samples
from webapp.predict_page.uploads import take_file
from webapp.session import Session
from webapp.texts import mark, say
from webapp.widgets.pictures import show_picture

FILE = {"audio": mark("Sound"), "video": mark("Film")}
RECORD = {"audio": mark("Microphone"), "video": mark("Camera")}
UPLOAD = {
    "audio": mark("Or upload a sound: WAV, FLAC, OGG, Opus, MP3, M4A"),
    "video": mark("Or upload a film: MP4, WebM, MKV, MOV, AVI, GIF"),
}
MOST_BYTES = 3_000_000  # of a sample that is played on the page


def enter_media(client: Client, visit: Session, schema: Schema) -> None:
    """Show one input at a time, so that the browser does not ask for the microphone needlessly."""
    kind, ways = schema.kind, [FILE[schema.kind], RECORD[schema.kind]]
    way = st.segmented_control(
        say("Way in"), ways, default=ways[0], key="way", format_func=say, required=True
    )
    if way != ways[1]:
        if kind == "audio":
            _offer_sounds(client.settings.samples, schema, visit)
        else:
            offer_samples(client.settings.samples, schema, visit)
        take_file(visit, schema, say(UPLOAD[kind]))
    elif kind == "audio":
        _record_sound(visit)
    else:
        _record_film(visit)
    if schema.most_seconds:
        limit = say("Up to {seconds} seconds.", seconds=f"{schema.most_seconds:g}")
        st.markdown(f":small[:gray[{limit}]]")


def _offer_sounds(folder: Path, schema: Schema, visit: Session) -> None:
    """A button for each of a few samples, which are played with their prediction."""
    if not folder.is_dir():
        return
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in schema.endings]
    small = [path for path in paths if path.stat().st_size <= MOST_BYTES]
    chosen = small[:: max(1, -(-len(small) // MOST_SAMPLES))]
    if not chosen:
        return
    st.markdown(f"**{say('Click a sample')}**")
    with st.container(horizontal=True, gap="small", key="samples"):
        for path in chosen:
            name = path.stem.removeprefix(f"{schema.target}_").replace("_", " ")
            st.button(
                name,
                key=f"sample-{path.name}",
                icon=":material/graphic_eq:",
                on_click=_ask_about,
                args=(visit, path),
            )


def _ask_about(visit: Session, path: Path) -> None:
    visit.ask(Recording(path.name, path.read_bytes(), "audio"))


def _record_sound(visit: Session) -> None:
    sound = st.audio_input(say("Record a sound"), key="microphone")
    if sound is None or st.session_state.get("sound") == sound.file_id:
        return
    st.session_state["sound"] = sound.file_id
    visit.ask(Recording("recording.wav", sound.getvalue(), "audio"))


def _record_film(visit: Session) -> None:
    def take() -> None:
        if content := read_film():
            visit.ask(Recording("recording.webm", content, "video"))

    words = {
        "title": say("What the camera sees"),
        "record": say("Record"),
        "stop": say("Stop"),
        "refused": say("The browser gives no camera. It may need to be allowed, and https."),
    }
    show_film_recorder(words, take)


def show_recording(asked: Recording, preview: bytes | None) -> None:
    """Play it, and show the preview, a picture of what was heard or seen."""
    if preview is not None:
        show_picture(preview, asked.name)
    if asked.kind == "audio":
        st.audio(asked.content)
    elif asked.content.startswith(b"GIF8"):
        picture = base64.b64encode(asked.content).decode()
        st.markdown(f"![{asked.name}](data:image/gif;base64,{picture})")
    else:
        st.video(asked.content)
