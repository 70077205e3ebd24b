"""A network of the user's own: what it takes is read off its file, its numbers are the features."""

import numpy as np
import pytest

from pipeline.data.observation import InvalidObservation
from pipeline.extractors.network import load_network, open_network
from pipeline.settings import InvalidSetting
from tests.support.made_data.networks import (
    save_broken_network,
    save_picture_network,
    save_sound_network,
)

RED = np.tile([255.0, 0.0, 0.0], 16 * 16)


@pytest.mark.parametrize("last", [False, True])
def test_size_and_place_of_the_channels_are_read_off_the_file(tmp_path, last):
    network = open_network(save_picture_network(tmp_path / "n.onnx", last=last))
    how = network.extraction("image", (), ())
    assert (how.picture.width, how.picture.height, how.picture.colour) == (16, 16, True)
    assert network.describe(how, RED).shape == (12,)


def test_channels_last_or_first_make_the_same_features(tmp_path):
    found = []
    for last in (False, True):
        network = open_network(save_picture_network(tmp_path / "n.onnx", last=last))
        found.append(network.describe(network.extraction("image", (), ()), RED))
    assert np.allclose(*found)


def test_a_picture_is_normalised_as_the_settings_say(tmp_path):
    network = open_network(save_picture_network(tmp_path / "n.onnx"))
    plain = network.extraction("image", (), ())
    centred = network.extraction("image", (1.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    assert network.describe(plain, RED).any()
    assert not network.describe(centred, RED).any()


def test_a_sound_is_given_as_long_as_it_is_or_as_the_network_takes_it(tmp_path):
    free = open_network(save_sound_network(tmp_path / "n.onnx"))
    assert free.extraction("audio", (), ()).samples == 0
    fixed = open_network(save_sound_network(tmp_path / "n.onnx", 800))
    assert fixed.extraction("audio", (), ()).samples == 800
    loud = free.describe(free.extraction("audio", (), ()), np.full(500, -0.5))
    assert np.allclose(loud, [0.5, -0.5])


@pytest.mark.parametrize(
    ("kind", "shape", "reason"),
    [
        ("image", ["batch", 5, 8, 8], "one or three channels"),
        ("image", ["batch", 3, "h", "w"], "of a fixed size"),
        ("image", ["batch", 10], r"expected a picture, as \(batch, channels"),
        ("audio", ["batch", 3, 8, 8], "samples of a sound"),
        ("video", ["batch", 3, 8, 8], "expected a picture"),
    ],
)
def test_a_network_for_something_else_is_refused(tmp_path, kind, shape, reason):
    path = tmp_path / "n.onnx"
    if len(shape) == 4:
        save_picture_network(path, channels=shape[1], shape=shape)
    else:
        save_sound_network(path, shape[1])
    with pytest.raises(InvalidSetting, match=reason):
        open_network(path).extraction(kind, (), ())


def test_numbers_for_another_count_of_channels_are_refused(tmp_path):
    network = open_network(save_picture_network(tmp_path / "n.onnx"))
    with pytest.raises(InvalidSetting, match="takes 3 channels"):
        network.extraction("image", (0.5,), (0.5,))


def test_what_is_no_network_is_refused(tmp_path):
    (tmp_path / "n.onnx").write_bytes(b"no network")
    with pytest.raises(InvalidSetting, match=r"n\.onnx is no network that can be run"):
        open_network(tmp_path / "n.onnx")
    with pytest.raises(InvalidSetting, match="No such file"):
        open_network(tmp_path / "none.onnx")


def test_an_answer_that_is_no_number_is_the_file_s_fault(tmp_path):
    network = load_network(save_broken_network(tmp_path / "n.onnx").read_bytes())
    with pytest.raises(InvalidObservation, match="no number"):
        network.describe(network.extraction("audio", (), ()), np.ones(4))
