"""A folder of images is read, or refused with the file and the reason."""

import pytest
from PIL import Image

from pipeline.data.schema import ImageShape
from pipeline.datasets.image_folder import read_image_folder
from pipeline.progress import no_progress
from pipeline.tables.table import InvalidDataset

SHAPE = ImageShape(4, 4)


def draw(path, size=(5, 5)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, 90).save(path)


def read(folder):
    return read_image_folder(folder, SHAPE, no_progress)


def test_the_folder_above_is_the_label_whatever_lies_between(tmp_path):
    draw(tmp_path / "cat" / "1.png")
    draw(tmp_path / "dog" / "spring" / "2.JPG")
    rows, labels = read(tmp_path)
    assert (rows.shape, labels) == ((2, 16), ["cat", "dog"])


def test_hidden_files_and_other_files_are_passed_over(tmp_path):
    draw(tmp_path / "cat" / "1.png")
    (tmp_path / "cat" / "._1.png").write_text("what a Mac leaves behind")
    (tmp_path / "cat" / "notes.txt").write_text("no picture")
    (tmp_path / ".cache").mkdir()
    assert read(tmp_path)[1] == ["cat"]


def test_progress_is_told(tmp_path):
    draw(tmp_path / "cat" / "1.png")
    draw(tmp_path / "cat" / "2.png")
    told = []
    read_image_folder(tmp_path, SHAPE, lambda stage, share: told.append((stage, share)))
    assert told == [("reading images", 0.5), ("reading images", 1.0)]


def test_an_unreadable_image_is_named(tmp_path):
    draw(tmp_path / "cat" / "1.png")
    (tmp_path / "cat" / "2.png").write_bytes(b"no picture")
    with pytest.raises(InvalidDataset, match=r"cat/2\.png: is not a PNG or JPEG picture"):
        read(tmp_path)


def test_a_cut_image_is_named(tmp_path):
    draw(tmp_path / "cat" / "1.png", (50, 50))
    path = tmp_path / "cat" / "1.png"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InvalidDataset, match=r"cat/1\.png: is damaged"):
        read(tmp_path)


def test_an_image_outside_the_labels_is_named(tmp_path):
    draw(tmp_path / "stray.png")
    with pytest.raises(InvalidDataset, match=r"stray\.png: lies in no label's folder"):
        read(tmp_path)


def test_a_folder_without_images_is_named(tmp_path):
    with pytest.raises(InvalidDataset, match="holds no PNG or JPEG file; expected"):
        read(tmp_path)


def test_a_label_without_images_is_named(tmp_path):
    draw(tmp_path / "cat" / "1.png")
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog" / "1.gif").write_bytes(b"GIF89a")
    with pytest.raises(InvalidDataset, match=r"dog: holds no PNG or JPEG file\."):
        read(tmp_path)


@pytest.mark.parametrize("name", [b" ", b"a\nb", b"caf\xe9"])
def test_a_label_that_cannot_be_printed_is_refused(tmp_path, name):
    draw(tmp_path / name.decode(errors="surrogateescape") / "1.png")
    with pytest.raises(InvalidDataset, match="has no name to print"):
        read(tmp_path)
