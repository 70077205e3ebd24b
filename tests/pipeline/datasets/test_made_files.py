"""The datasets that are made at first use: the same by seed, and whole or not there."""

import csv
import io
import wave
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from pipeline.datasets import made_files
from pipeline.datasets.load import load_dataset
from pipeline.datasets.made_films import MOVES, make_moves
from pipeline.datasets.made_sounds import TONES, make_tones
from pipeline.datasets.made_texts import HEADER, make_reviews


@pytest.fixture
def few(monkeypatch):
    counts = {"tones": 2 * len(TONES), "moves": 2 * len(MOVES), "reviews": 300}
    monkeypatch.setattr(made_files, "COUNTS", counts)


@pytest.mark.parametrize("make", [make_tones, make_moves])
def test_the_same_seed_makes_the_same_files_and_another_others(make):
    first, again, other = (list(make(3, seed)) for seed in (5, 5, 6))
    for (label, one), (_, same), (_, different) in zip(first, again, other, strict=True):
        assert np.array_equal(one, same)
        assert not np.array_equal(one, different), label


def test_more_of_them_begin_with_the_same():
    for make in (make_tones, make_moves):
        assert np.array_equal(next(make(1))[1], next(make(100))[1])
    assert list(make_reviews(3)) == list(islice(make_reviews(100), 3))


def test_a_tone_fits_into_a_wav_file():
    for _, samples in make_tones(len(TONES)):
        assert 16_000 <= len(samples) <= 1.4 * 16_000
        assert 0.01 < np.abs(samples).max() <= 1.0


@pytest.mark.parametrize(("name", "labels"), [("tones", TONES), ("moves", MOVES)])
def test_a_folder_for_each_label_is_written_once(few, tmp_path, name, labels):
    folder = made_files.made_folder(name, tmp_path)
    assert folder == tmp_path / name
    assert {path.name for path in folder.iterdir()} == set(labels)
    assert all(len(list(path.iterdir())) == 2 for path in folder.iterdir())
    before = folder.stat().st_mtime_ns
    assert made_files.made_folder(name, tmp_path).stat().st_mtime_ns == before
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_that_was_not_finished_is_not_there(few, tmp_path):
    def stop(_stage, share):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made_files.made_folder("tones", tmp_path, stop)
    assert list(tmp_path.iterdir()) == []


def test_of_two_who_make_a_folder_the_first_wins(few, tmp_path):
    def overtake(_stage, share):
        if share == 1.0:
            (tmp_path / "tones" / "bell").mkdir(parents=True)

    folder = made_files.made_folder("tones", tmp_path, overtake)
    assert [path.name for path in folder.iterdir()] == ["bell"]
    assert list(tmp_path.iterdir()) == [folder]


def test_what_was_written_is_what_was_made():
    _, samples = next(make_tones(1))
    with wave.open(io.BytesIO(made_files.encode_wav(samples))) as file:
        assert file.getparams()[:4] == (1, 2, 16_000, len(samples))
        read = np.frombuffer(file.readframes(len(samples)), "<i2") / 32767.0
    assert np.abs(read - samples).max() < 1e-4
    _, frames = next(make_moves(1))
    with Image.open(io.BytesIO(made_files.encode_gif(frames))) as film:
        assert (film.n_frames, film.info["duration"]) == (len(frames), 100)
        film.seek(len(frames) - 1)
        last = np.asarray(film.convert("RGB"), dtype=float)
    assert np.abs(last - frames[-1]).mean() < 8.0


def test_reviews_are_a_table_of_text_product_and_price(few, tmp_path):
    path = made_files.made_table(tmp_path)
    content = path.read_bytes()
    rows = list(csv.reader(io.StringIO(content.decode())))
    assert (tuple(rows[0]), len(rows)) == (HEADER, 301)
    assert made_files.made_table(tmp_path).read_bytes() == content


def test_reviews_are_read_as_words_a_category_and_a_number(few, settings):
    dataset = load_dataset(settings(dataset__source="reviews"))
    names = [feature.name for feature in dataset.schema.features if not feature.text]
    assert (names, dataset.schema.labels) == (["product", "price"], ("negative", "positive"))
    assert "review: great" in [feature.name for feature in dataset.schema.features]
