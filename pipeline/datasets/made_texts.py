"""The built-in dataset `reviews`: invented opinions about products; used by `made_files.py`."""

import re
from collections.abc import Iterator

import numpy as np

HEADER = ("review", "product", "price", "sentiment")
SENTIMENT = "sentiment"
SENTIMENTS = ("negative", "positive")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
PRODUCTS: dict[str, tuple[str, ...]] = {
    "headphones": ("sound", "bass", "battery", "cable", "fit", "case"),
    "kettle": ("lid", "handle", "base", "switch", "spout", "noise"),
    "backpack": ("zip", "strap", "fabric", "lining", "size", "colour"),
    "lamp": ("switch", "light", "stand", "shade", "cable", "colour"),
    "novel": ("plot", "ending", "cover", "print", "language", "pace"),
    "boots": ("sole", "leather", "lacing", "fit", "heel", "colour"),
}
PRICES = dict(zip(PRODUCTS, (60.0, 35.0, 50.0, 25.0, 12.0, 90.0), strict=True))
GOOD = """great good excellent lovely solid perfect superb splendid delightful reliable fantastic
    nice beautiful impressive brilliant decent wonderful pleasant handy flawless"""
BAD = """bad poor awful terrible sloppy cheap disappointing useless horrible ugly annoying shoddy
    weak dreadful faulty mediocre worthless unpleasant dull ridiculous"""
ADVERBS = ("", "", "really ", "very ", "quite ", "rather ", "just ", "simply ", "so ")
PRAISE = (
    "The {part} is {adverb}{good}.",
    "{adverb}{good} {part}.",
    "I love the {part}.",
    "The {part} is not {bad} at all.",
    "I have no complaints about the {part}.",
    "Nothing {bad} about the {part}.",
    "The {part} is better than I expected.",
    "Works well, and the {part} still looks like new after {count} months.",
    "The {part} was worth every penny.",
    "Even the {part} is {good}, which is rare for the price.",
    "My old one had a {bad} {part}, this one does not.",
    "I would buy it again for the {part} alone.",
    "Never had a problem with the {part}.",
)
COMPLAINTS = (
    "The {part} is {adverb}{bad}.",
    "{adverb}{bad} {part}.",
    "I hate the {part}.",
    "The {part} is not {good} at all.",
    "I have many complaints about the {part}.",
    "Nothing {good} about the {part}.",
    "The {part} is worse than I expected.",
    "Worked well, but the {part} looked worn after {count} weeks.",
    "The {part} was not worth the money.",
    "Even the {part} is {bad}, which is a shame for the price.",
    "My old one had a {good} {part}, this one does not.",
    "I would not buy it again, because of the {part}.",
    "I had a problem with the {part} from the first day.",
)
ASIDES = (
    "I bought it for my {person}.",
    "Delivery took {count} days.",
    "I use it nearly every day.",
    "I have had this {product} for {count} months.",
    "My {person} has the same one.",
    "I compared {count} others before.",
    "It came in a plain box.",
    "This is my second {product} of that kind.",
)
VERDICTS = (
    ("I sent it back.", "Would not recommend.", "Never again.", "Save your money.", "Avoid."),
    ("I am keeping it.", "Would recommend.", "Any time again.", "Good buy.", "No regrets."),
)
PEOPLE = ("sister", "brother", "mother", "father", "neighbour", "daughter", "son", "friend")
JOINTS = ("But ", "However, ", "Then again, ", "Still, ")


def make_reviews(count: int, seed: int = 0) -> Iterator[tuple[str, ...]]:
    """Rows under HEADER, as text; about half of them are positive."""
    for place in range(count):
        rng = np.random.default_rng([seed, place])
        product = str(rng.choice(list(PRODUCTS)))
        positive = int(rng.random() < 0.5)
        price = PRICES[product] * np.exp(0.3 * rng.normal() + 0.05 * positive)
        text = _write(product, positive, rng)
        yield text, product, f"{price:.2f}", SENTIMENTS[positive]


def _write(product: str, positive: int, rng: np.random.Generator) -> str:
    """Mostly of one mind, though hardly ever altogether."""
    opinions = int(rng.integers(2, 7))
    against = min(int(rng.binomial(opinions, 0.18)), (opinions - 1) // 2)
    sides = [1 - positive] * against + [positive] * (opinions - against)
    rng.shuffle(sides)
    sentences = list[str]()
    for place, side in enumerate(sides):
        turned = place > 0 and side != sides[place - 1] and rng.random() < 0.6
        sentences.append(_say((COMPLAINTS, PRAISE)[side], product, rng, turned))
    for _ in range(int(rng.integers(0, 3))):
        sentences.insert(int(rng.integers(len(sentences) + 1)), _say(ASIDES, product, rng))
    if rng.random() < 0.35:
        sentences.append(str(rng.choice(VERDICTS[positive])))
    return _type(" ".join(sentences), rng)


def _say(
    patterns: tuple[str, ...], product: str, rng: np.random.Generator, turned: bool = False
) -> str:
    sentence = str(rng.choice(patterns)).format(
        part=rng.choice(PRODUCTS[product]),
        good=rng.choice(GOOD.split()),
        bad=rng.choice(BAD.split()),
        adverb=rng.choice(ADVERBS),
        count=rng.integers(2, 12),
        person=rng.choice(PEOPLE),
        product=product,
    )
    if turned:
        start = sentence if sentence.startswith("I ") else sentence[0].lower() + sentence[1:]
        return str(rng.choice(JOINTS)) + start
    return sentence[0].upper() + sentence[1:]


def _type(text: str, rng: np.random.Generator) -> str:
    """As people type: some carefully, some without capitals, many with typos."""
    if rng.random() < 0.2:
        text = text.lower()
    if rng.random() < 0.15:
        text = text.replace(".", "!")
    if rng.random() < 0.5:
        return text
    rate = rng.uniform(0.0, 0.2)
    return re.sub(r"[A-Za-z]{4,}", lambda word: _mistype(word[0], rate, rng), text)


def _mistype(word: str, rate: float, rng: np.random.Generator) -> str:
    if rng.random() >= rate:
        return word
    place = int(rng.integers(1, len(word) - 1))
    start, letter, end = word[:place], word[place], word[place + 1 :]
    ways = (
        start + end,
        start + letter + letter + end,
        start + end[0] + letter + end[1:],
        start + LETTERS[rng.integers(len(LETTERS))] + end,
    )
    return ways[rng.integers(len(ways))]
