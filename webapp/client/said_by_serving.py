"""What serving says, so that the page can say it in another language.

Sentences that are not known here are shown as serving wrote them.
"""

import re

from webapp.texts import mark, say

SENTENCES = (
    mark("This needs a key: send Authorization: Bearer <key>."),
    mark("The key does not open this."),
    mark("No model is live yet; run scripts/train.py."),
    mark("The store is away; nothing was recorded. Send it again later."),
    mark("The store is away for too long to keep further predictions."),
    mark("Many pictures wait to be read. Send it again later."),
    mark("As many explanations as may wait do wait already. Ask again later."),
    mark("The explanation was not done in time. Ask again later."),
    mark("There is no such prediction on record."),
    mark("There is no such version."),
    mark("Not recorded: this prediction already has another target."),
    mark("Not recorded: no such prediction is on record."),
    mark("It looks like nothing that was learned, so the answer is a guess"),
    mark("its negative: dark and light change places"),
    mark("image: is no picture that can be read (PNG, JPEG, WebP, GIF, BMP or TIFF)."),
    mark("image: is damaged or cut short."),
    mark("image: takes too long or too much memory to decode."),
)
WITH_VALUES = (  # each with its names where serving writes values
    mark("{name}: must be a number, or empty if unknown."),
    mark("{name}: is longer than {most} characters."),
    mark("{name}: {given} values given, {expected} expected."),
    mark("{name} is above all that was learned ({end})"),
    mark("{name} is below all that was learned ({end})"),
    mark("{name} is not among the values that were learned"),
)


def translate(sentence: str) -> str:
    if sentence in SENTENCES:
        return say(sentence)
    for template in WITH_VALUES:
        if found := _as_pattern(template).fullmatch(sentence):
            return say(template, **found.groupdict())
    return sentence


def _as_pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(template)), re.DOTALL)
