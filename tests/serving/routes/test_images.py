"""Pictures: in JSON as base64, and as uploads."""

import base64
import io
import random
import zlib

import pytest
from PIL import Image, ImageOps


def draw(kind="PNG", size=(8, 8)):
    picture = Image.new("L", size)
    picture.paste(255, (size[0] // 2 - 1, 0, size[0] // 2 + 1, size[1]))
    buffer = io.BytesIO()
    picture.save(buffer, format=kind)
    return buffer.getvalue()


def in_json(server, picture):
    text = base64.b64encode(picture).decode()
    return server.client.post("/predict", json={"image": text})


def bomb():
    """A PNG of a few kilobytes that says it holds 400 million pixels."""
    header = b"IHDR" + (20_000).to_bytes(4) * 2 + bytes([8, 0, 0, 0, 0])
    data = b"IDAT" + zlib.compress(bytes(1_000_000))
    chunks = [
        len(c[4:]).to_bytes(4) + c + zlib.crc32(c).to_bytes(4) for c in (header, data, b"IEND")
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.fixture(scope="module")
def sample(digits):
    return (digits.folder / "data" / "samples" / "digit_7_1.png").read_bytes()


def test_a_sample_is_recognised(digits_server, sample):
    assert in_json(digits_server, sample).json()["prediction"] == "7"


@pytest.mark.parametrize("wrap", ["{}", "data:image/png;base64,{}", "{}\n"])
def test_base64_may_come_as_a_data_url_or_with_line_ends(digits_server, sample, wrap):
    text = wrap.format(base64.encodebytes(sample).decode())
    assert digits_server.client.post("/predict", json={"image": text}).json()["prediction"] == "7"


def test_an_upload_is_answered_as_base64_is(digits_server, sample):
    answer = digits_server.client.post("/predict/file", files={"file": ("7.png", sample)})
    (prediction,) = answer.json()["predictions"]
    assert prediction["probabilities"] == in_json(digits_server, sample).json()["probabilities"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(8, 8), (300, 200)])
def test_png_and_jpeg_of_any_size_are_taken(digits_server, kind, size):
    files = {"file": ("picture", draw(kind, size))}
    assert digits_server.client.post("/predict/file", files=files).status_code == 200


def test_pixels_by_name_are_taken_too(digits_server):
    schema = digits_server.client.get("/schema").json()
    assert schema["image"] == {"width": 8, "height": 8, "colour": False, "maximum": 16.0}
    assert digits_server.predict({f["name"]: f["example"] for f in schema["features"]})


@pytest.mark.parametrize(
    "picture", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", draw()[:50], draw("JPEG")[:100], bomb()]
)
def test_what_is_no_sound_picture_is_refused(digits_server, picture):
    for answer in (
        in_json(digits_server, picture),
        digits_server.client.post("/predict/file", files={"file": ("x.png", picture)}),
    ):
        assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "image")


def test_a_refused_picture_is_not_repeated(digits_server):
    damaged = draw()[:33] + b"\x00\x00\x00\x05SECRSECRET" + draw()[50:]
    assert "SECR" not in in_json(digits_server, damaged).text


def test_text_that_is_not_base64_is_refused(digits_server):
    answer = digits_server.client.post("/predict", json={"image": "not base64!"})
    assert answer.json()["error"]["details"] == [{"field": "image", "reason": "is not base64"}]


def test_a_tabular_model_takes_no_picture(cancer_server, sample):
    reason = in_json(cancer_server, sample).json()["error"]["details"][0]["reason"]
    assert reason == "is not what this model takes; send features"


def test_pictures_in_a_batch(digits_server, sample):
    rows = [{"image": base64.b64encode(sample).decode()}, [0.0] * 64]
    answer = digits_server.client.post("/predict/batch", json={"rows": rows})
    assert answer.json()["predictions"][0]["prediction"] == "7"


def negative(picture):
    buffer = io.BytesIO()
    ImageOps.invert(Image.open(io.BytesIO(picture)).convert("L")).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_digit_in_black_on_white_is_seen_as_the_others_are(digits_server, sample):
    """It was '3, 19 % sure', without a hint."""
    answer = in_json(digits_server, negative(sample)).json()
    assert "negative" in answer["understood"]["image"]
    assert "warnings" not in answer
    assert answer["probabilities"] == in_json(digits_server, sample).json()["probabilities"]


def test_the_samples_are_taken_as_they_are(digits, digits_server):
    for path in sorted((digits.folder / "data" / "samples").glob("*.png")):
        answer = in_json(digits_server, path.read_bytes()).json()
        assert answer.keys() == {"prediction_id", "prediction", "probabilities", "model_version"}


@pytest.mark.parametrize("colour", [0, 200])
def test_of_a_blank_picture_nothing_can_be_told_which_is_said(digits_server, colour):
    buffer = io.BytesIO()
    Image.new("L", (8, 8), colour).save(buffer, "PNG")
    (warning,) = in_json(digits_server, buffer.getvalue()).json()["warnings"]
    assert "looks like nothing" in warning


def test_what_looks_like_nothing_that_was_learned_is_said_to_be_so(digits_server):
    noise = Image.frombytes("L", (8, 8), random.Random(0).randbytes(64))
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    (warning,) = in_json(digits_server, buffer.getvalue()).json()["warnings"]
    assert "nothing that was learned" in warning


def test_feedback_with_its_picture_sees_the_same(digits_server, sample):
    given = {"image": base64.b64encode(negative(sample)).decode(), "feedback_id": "negative-1"}
    body = {**given, "prediction": "7", "target": "7"}
    assert digits_server.client.post("/feedback", json=body).status_code == 201
    again = {**body, "image": base64.b64encode(sample).decode()}
    assert digits_server.client.post("/feedback", json=again).status_code == 200
