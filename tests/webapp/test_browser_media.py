"""Sounds and films on the page: clicked, uploaded, played and recorded, in Chromium."""

import re

import pytest
from playwright.sync_api import expect

from pipeline.datasets import made_files
from tests.support.models_and_records.installations import make_installation
from tests.webapp.conftest import run_stack
from tests.webapp.test_browser import SECONDS, upload, visit, wait_for

pytestmark = pytest.mark.slow
pytest.importorskip("av", reason="needs PyAV; make media installs it")
SURE = re.compile(r"sure · version 0001")


def run_page(source, folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made_files, "COUNTS", {"tones": 48, "moves": 48})
        made = make_installation(folder, source, EMBEDDING__METHOD="features")
    for stack in run_stack(made):
        stack.start_page()
        yield stack


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    yield from run_page("tones", tmp_path_factory.mktemp("tones"))


@pytest.fixture(scope="module")
def moves(tmp_path_factory):
    yield from run_page("moves", tmp_path_factory.mktemp("moves"))


@pytest.fixture
def sounds(chromium, tones):
    yield from visit(chromium, tones)


@pytest.fixture
def films(chromium, moves):
    yield from visit(chromium, moves)


def is_shown(page):
    """The answer, and a picture of what was heard or seen."""
    wait_for(page, SURE)
    expect(page.locator(".st-key-result img").first).to_be_visible(timeout=SECONDS)


def test_a_sample_sound_is_answered_drawn_and_can_be_played(sounds):
    sounds.locator(".st-key-samples button").first.click()
    is_shown(sounds)
    expect(sounds.locator(".st-key-result audio")).to_be_visible(timeout=SECONDS)
    sounds.locator(".st-key-result audio").evaluate(
        "(audio) => { audio.muted = true; audio.play() }"
    )
    sounds.wait_for_function("document.querySelector('.st-key-result audio').currentTime > 0")


def test_a_sound_is_uploaded_and_its_answer_recorded(sounds, tones):
    upload(sounds, next((tones.folder / "data/samples").glob("label_drum_1.wav")))
    is_shown(sounds)
    sounds.get_by_role("button", name=re.compile("^Yes, it is")).click()
    wait_for(sounds, "Thank you.")


def test_the_microphone_is_a_way_in(sounds):
    sounds.get_by_text("Microphone").click()
    button = sounds.locator("[data-testid=stAudioInputActionButton]")
    button.click()
    sounds.wait_for_timeout(1_500)  # so long it records
    button.click()
    is_shown(sounds)


def test_what_is_no_sound_is_refused_in_words(sounds, tmp_path):
    (tmp_path / "x.wav").write_bytes(b"RIFF no sound")
    upload(sounds, tmp_path / "x.wav")
    wait_for(sounds, re.compile("no sound that can be read"))


def test_a_sample_film_is_answered_and_shown_in_the_history(films, moves):
    films.locator(".st-key-samples button").first.click()
    is_shown(films)
    films.goto(f"{moves.page}/history")
    films.get_by_role("radio", name="Select").first.click()
    expect(films.locator(".st-key-record img").first).to_be_visible(timeout=SECONDS)


def test_the_camera_records_a_film(films):
    films.get_by_text("Camera", exact=True).click()
    button = films.locator("button.record")
    button.click()
    films.wait_for_timeout(1_500)
    button.click()
    is_shown(films)
    expect(films.locator(".st-key-result video")).to_be_visible(timeout=SECONDS)


def test_a_double_click_asks_for_one_camera(films):
    """The first one stayed on: nothing stopped it any more."""
    films.get_by_text("Camera", exact=True).click()
    button = films.locator("button.record")
    expect(button).to_be_visible(timeout=SECONDS)
    films.evaluate(COUNT_CAMERAS)
    button.evaluate("(button) => { button.click(); button.click(); }")
    expect(button).to_have_text("Stop", timeout=SECONDS)
    films.get_by_text("Français").click()
    expect(button).to_have_text("Arrêter", timeout=SECONDS)
    button.click()
    wait_for(films, "Est-ce juste")
    assert films.evaluate("window.cameras") == 1


COUNT_CAMERAS = """() => {
  const devices = navigator.mediaDevices, open = devices.getUserMedia.bind(devices);
  window.cameras = 0;
  devices.getUserMedia = (wanted) => { window.cameras += 1; return open(wanted); };
}"""
