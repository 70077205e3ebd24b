"""What serving says in fixed sentences, so that the page can say it in another language.

Sentences that name a field or a value are shown as serving wrote them.
"""

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
)


def translate(sentence: str) -> str:
    return say(sentence) if sentence in SENTENCES else sentence
