"""A folder of images is read, or refused with the file and the reason."""

import shutil
import zipfile

import pytest
from PIL import Image

from pipeline.datasets.media_folder import load_folder
from pipeline.datasets.source_files import holds_files, kind_of_source
from pipeline.progress import no_progress
from pipeline.setting_tables import DatasetSettings, MediaSettings
from pipeline.tables.table import InvalidDataset


def draw(path, size=(5, 5)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, 90).save(path)


def read_all(source, progress=no_progress, **wanted):
    settings = DatasetSettings(source=str(source), image_size=4, **wanted)
    return load_folder(settings, MediaSettings(), progress)


def read(folder, **wanted):
    found = read_all(folder, **wanted)
    return found.rows, found.targets.tolist()


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


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "gif", "bmp", "tiff"])
def test_all_usual_kinds_of_pictures_are_read(tmp_path, ending):
    draw(tmp_path / "cat" / f"1.{ending}")
    assert abs(read(tmp_path)[0] - 90).max() < 3


def test_files_that_are_no_pictures_are_told(tmp_path):
    draw(tmp_path / "cat" / "1.png")
    (tmp_path / "cat" / "2.heic").write_bytes(b"heic")
    (tmp_path / "cat" / "Thumbs.db").write_bytes(b"what Windows leaves behind")
    assert read_all(tmp_path).notes == ("A file is no picture that can be read (.heic).",)


def test_parts_for_training_and_test_are_no_labels(tmp_path):
    draw(tmp_path / "train" / "cat" / "1.png")
    draw(tmp_path / "test" / "dog" / "1.png")
    found = read_all(tmp_path)
    assert (found.targets.tolist(), found.notes) == (
        ["dog", "cat"],
        ("The folders test, train are taken together, not as labels.",),
    )


def test_parts_with_anything_else_beside_them_are_refused(tmp_path):
    for part in ("apprentissage/cat", "test/cat", "more"):
        draw(tmp_path / part / "1.png")
    said = "'apprentissage', 'test' hold the folders of the labels, and 'more' stand beside them"
    with pytest.raises(InvalidDataset, match=said):
        read(tmp_path)


def test_names_of_labels_that_look_alike_are_one_or_told(tmp_path):
    for label in ("bo\u00eete", "boi\u0302te", "Box", "box"):
        draw(tmp_path / label / "1.png")
        draw(tmp_path / label / "2.png")
    found = read_all(tmp_path)
    assert set(found.targets.tolist()) == {"bo\u00eete", "Box", "box"}
    assert found.notes == ("Mind: the labels 'Box' and 'box' differ in capitals alone.",)


def test_labels_lie_in_the_one_folder_that_a_download_is(tmp_path):
    draw(tmp_path / "data" / "cat" / "1.png")
    draw(tmp_path / "data" / "dog" / "1.png")
    (tmp_path / "__MACOSX").mkdir()
    assert read(tmp_path)[1] == ["cat", "dog"]


@pytest.mark.parametrize("name", ["images/1.png", "1.png", "1", "./images/1.png"])
def test_labels_stand_in_a_table_beside_the_pictures(tmp_path, name):
    draw(tmp_path / "images" / "1.png")
    draw(tmp_path / "images" / "2.png")
    (tmp_path / "labels.csv").write_text(f"file,label\n{name},cat\nimages/2.png,dog\n")
    found = read_all(tmp_path)
    assert found.targets.tolist() == ["cat", "dog"]
    assert found.notes == ("The labels stand in labels.csv, columns 'file' and 'label'.",)


def test_pictures_that_the_table_does_not_name_are_told(tmp_path):
    for name in "123":
        draw(tmp_path / f"{name}.png")
    table = "file;split;target\n1.png;a;cat\n2.png;a;dog\nlost.png;b;dog\n"
    (tmp_path / "labels.csv").write_text(table)
    found = read_all(tmp_path)
    assert found.targets.tolist() == ["cat", "dog"]
    assert found.notes[1:] == (
        "A row of labels.csv names a file that is not there.",
        "A file is not named in labels.csv.",
    )


def test_a_table_of_many_columns_needs_a_target(tmp_path):
    draw(tmp_path / "1.png")
    (tmp_path / "labels.csv").write_text("file,size,kind\n1.png,3,cat\n")
    with pytest.raises(InvalidDataset, match=r"set dataset\.target to .*, one of size, kind"):
        read(tmp_path)
    assert read(tmp_path, target="kind")[1] == ["cat"]


def test_a_zip_file_of_folders_is_read(tmp_path):
    draw(tmp_path / "in" / "cat" / "1.png")
    draw(tmp_path / "in" / "dog" / "1.png")
    shutil.make_archive(str(tmp_path / "pets"), "zip", tmp_path / "in")
    assert read(tmp_path / "pets.zip")[1] == ["cat", "dog"]


def test_a_workbook_with_a_picture_in_it_is_a_table(tmp_path):
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/media/image1.png"):
            archive.writestr(name, "x")
    assert not holds_files(tmp_path / "book.xlsx")


def test_the_limit_of_a_frame_of_film_is_none_of_a_picture(tmp_path):
    """A phone's photo has more pixels than a film."""
    draw(tmp_path / "cat" / "1.png", (200, 200))
    wanted = DatasetSettings(source=str(tmp_path), image_size=4)
    found = load_folder(wanted, MediaSettings(pixels=10_000), no_progress)
    assert found.rows.shape == (1, 16)


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("a.wav", "b.MP3", "c.png"), "audio"),
        (("a.mp4", "b.webm", "c.jpg"), "video"),
        (("a.png", "b.gif"), "image"),
        (("notes.txt",), "image"),
    ],
)
def test_what_most_files_are_is_the_kind_of_a_folder_and_of_a_zip(tmp_path, names, kind):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(b"x")
    shutil.make_archive(str(tmp_path / "all"), "zip", folder)
    assert kind_of_source(folder) == kind_of_source(tmp_path / "all.zip") == kind


def test_a_folder_of_moving_gifs_is_one_of_films(tmp_path):
    frames = [Image.new("L", (8, 8), shade) for shade in (0, 200)]
    for number in range(2):
        path = tmp_path / f"{number}.gif"
        frames[0].save(path, save_all=True, append_images=frames[1:])
    assert kind_of_source(tmp_path) == "video"


def test_progress_is_told(tmp_path):
    draw(tmp_path / "cat" / "1.png")
    draw(tmp_path / "cat" / "2.png")
    told = []
    read_all(tmp_path, lambda stage, share: told.append((stage, share)))
    assert told == [("reading pictures", 0.5), ("reading pictures", 1.0)]


def test_an_unreadable_image_is_named(tmp_path):
    draw(tmp_path / "cat" / "1.png")
    (tmp_path / "cat" / "2.png").write_bytes(b"no picture")
    (note,) = read_all(tmp_path).notes
    assert note.startswith("A picture cannot be read and is left out: cat/2.png is no picture")
    with pytest.raises(InvalidDataset, match=r"dataset\.unreadable allows 0: cat/2\.png is no"):
        read(tmp_path, unreadable=0)


def test_a_cut_image_is_named(tmp_path):
    draw(tmp_path / "cat" / "1.png", (50, 50))
    path = tmp_path / "cat" / "1.png"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InvalidDataset, match=r"cat/1\.png is damaged"):
        read(tmp_path)


def test_an_image_outside_the_labels_is_named(tmp_path):
    draw(tmp_path / "stray.png")
    with pytest.raises(InvalidDataset, match=r"stray\.png: lies in no label's folder"):
        read(tmp_path)


def test_a_folder_without_images_is_named(tmp_path):
    with pytest.raises(InvalidDataset, match="holds no picture"):
        read(tmp_path)


def test_a_label_without_images_is_named(tmp_path):
    draw(tmp_path / "cat" / "1.png")
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog" / "1.heic").write_bytes(b"heic")
    with pytest.raises(InvalidDataset, match=r"dog: holds no picture that can be read\."):
        read(tmp_path)


@pytest.mark.parametrize("name", [b" ", b"a\nb", b"caf\xe9"])
def test_a_label_that_cannot_be_printed_is_refused(tmp_path, name):
    draw(tmp_path / name.decode(errors="surrogateescape") / "1.png")
    with pytest.raises(InvalidDataset, match="has no name to print"):
        read(tmp_path)
