"""Decodes pictures in a process of its own: one a line in, its pixels a line out.

Started by `serving/helpers/pictures.py`; ends when its standard input does.
"""

from pipeline.data.images import decode_image, measure_image
from pipeline.data.observation import InvalidObservation
from serving.helpers.line_answers import answer_lines
from serving.helpers.pictures import Decoded, Picture, Unfit

MOST_BYTES = 768 * 1024**2  # of memory: a picture of 25 million pixels takes up to 500 MB


def main() -> None:
    answer_lines(MOST_BYTES, Picture, answer)


def answer(picture: Picture) -> Decoded | Unfit:
    try:
        pixels = measure_image(picture.content, picture.most_pixels)
        return Decoded(decode_image(picture.shape, picture.content).tolist(), pixels)
    except InvalidObservation as error:
        return Unfit(error.reason)
    except MemoryError:
        return Unfit("takes too much memory to decode")


if __name__ == "__main__":
    main()
