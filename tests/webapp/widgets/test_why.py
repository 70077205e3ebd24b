"""What spoke for a prediction: in a sentence, and on a picture."""

import io

import numpy as np
from PIL import Image

from webapp.client.records import Contribution, Explanation
from webapp.widgets.why import tell
from webapp.widgets.why_map import draw_map, is_picture


def test_a_sentence_names_the_few_that_mattered():
    told = tell(
        Explanation(
            "yes",
            0.9,
            0.4,
            [
                Contribution("Sex", 0.3, "female"),
                Contribution("Age", -0.1, 22.0),
                Contribution("Fare", 0.2, None),
            ],
        )
    )
    assert "For it speak Sex \\(female\\), Fare." in told
    assert "Against it speak Age \\(22\\)." in told


def png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(np.array(pixels, dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def test_blocks_are_coloured_by_what_they_added():
    parts = [Contribution("pixel_0_0", 0.2), Contribution("pixels_0_1_to_1_1", -0.2)]
    assert is_picture(parts)
    drawn = np.asarray(draw_map(parts, png([[0, 0], [0, 0]])), dtype=int)
    green, orange, untouched = drawn[10, 10], drawn[10, -10], drawn[-10, 10]
    assert green[1] > green[0]
    assert orange[0] > orange[1]
    assert untouched.sum() == 0


def test_features_are_no_picture():
    assert not is_picture([Contribution("pixel_0_0", 0.1), Contribution("Age", 0.1)])
