"""What serving says of a request: as a whole, or what is wrong with a field of it."""

from webapp.texts import current_language, mark, say
from webapp.wording.inspection import SENTENCES
from webapp.wording.sentences import translate_by

WHOLE = (
    mark("This needs a key: send Authorization: Bearer <key>"),
    mark("The key does not open this"),
    mark("No model is live yet; run scripts/train.py"),
    mark("The store is away; nothing was recorded. Send it again later"),
    mark("The store is away for too long to keep further predictions"),
    mark("The bucket that holds the versions is away. Ask again later"),
    mark("The store did not answer in time; it may yet do this. Look before you send it again"),
    mark("Many files wait to be read. Send it again later"),
    mark("Sounds and films cannot be read here: PyAV is not installed"),
    mark("As many explanations as may wait do wait already. Ask again later"),
    mark("The explanation was not done in time. Ask again later"),
    mark("There is no such prediction on record"),
    mark("There is no such version"),
    mark("Version {version}, which predicted this, is no longer kept"),
    mark("It was observed with another dataset than that of the live version"),
    mark("Not recorded: this prediction already has another target"),
    mark("Not recorded: no such prediction is on record"),
    mark("Not recorded: no prediction on record is about this subject"),
    mark("The body is larger than {most} bytes"),
    mark("The body did not arrive in time"),
    mark("The body is not valid JSON"),
    mark("Something failed here; the log of serving says what"),
    mark("It looks like nothing that was learned, so the answer is a guess"),
    mark("Nothing is known of it, so the answer is a guess"),
    mark("its negative: dark and light change places"),
    mark("{name} is above all that was learned ({end})"),
    mark("{name} is below all that was learned ({end})"),
    mark("{name} is not among the values that were learned"),
)
OF_FIELD = (  # after its name and a colon
    mark("is no picture that can be read (PNG, JPEG, WebP, GIF, BMP or TIFF)"),
    mark("is no sound that can be read (WAV, FLAC, OGG, Opus, MP3 or M4A)"),
    mark("is no film that can be read (MP4, WebM, MKV, MOV, AVI or GIF)"),
    mark("has no sound in it"),
    mark("has no moving picture in it"),
    mark("is longer than {seconds} seconds, which is the limit (media.seconds)"),
    mark("has frames of {size} pixels; at most {most} are allowed"),
    mark("is damaged or cut short"),
    mark("is coded in a way that is not known here"),
    mark("has {rate} samples a second in {channels} channels; at most {most} are allowed"),
    mark("takes too much memory to decode"),
    mark("takes too much memory to decode, or breaks what decodes it"),
    mark("takes longer than {seconds} seconds to decode, which is the limit"),
    mark(
        "takes longer than {seconds} seconds to decode, which is the limit (media.decode_seconds)"
    ),
    mark("takes too long or too much memory to look at here"),
    mark("has {size} pixels; at most {most} are allowed"),
    mark("has {number} scans; at most {most} are allowed"),
    mark("is not what this model takes; send features"),
    mark("is not what this model takes; send {kind}"),
    mark("is longer than {most} characters"),
    mark("{given} values given, {expected} expected"),
    mark("must be a number, or empty if unknown"),
    mark("must be a number with a decimal comma, or empty if unknown"),
    mark("must be a number or null"),
    mark("must be a number or null, not true or false"),
    mark("must be text or null"),
    mark("must be true, false or null"),
    mark("must be true or false, or empty if unknown"),
    mark("must be a date such as {example}, or empty if unknown"),
    mark("must be a date such as {example} or null"),
    mark("must lie between {least} and {most}"),
    mark("is missing ({number} missing; null says unknown)"),
    mark(
        "is missing ({number} missing; {others} given that GET /schema does not list: {names}; "
        "null says unknown)"
    ),
    mark("hold {number} that GET /schema does not list: {names}"),
    mark("is not a label of this dataset; the labels are {labels}"),
    mark("has more than {most} rows"),
    mark("has no rows"),
    mark("is no text in UTF-8, UTF-16 or Windows-1252"),
    mark("names a column twice"),
    mark("lacks {number} columns: {names}"),
    mark("lacks 1 column: {names}"),
    mark("names no column of the model: {names} are some"),
    mark("is an Excel or a zip file; save the table as CSV"),
    mark("is compressed; unpack it"),
    mark("has {cells} cells, the header {expected}"),
)


def translate(sentence: str) -> str:
    """A sentence about a field has its name first, which is no text of ours."""
    said = translate_by(WHOLE, sentence)
    field, colon, reason = sentence.partition(": ")
    if said != sentence or not colon:
        return said
    if field == "file":  # what is said of a table stands there
        return f"{say('The file')}{say_colon()}{translate_by((*OF_FIELD, *SENTENCES), reason)}"
    return f"{field}{say_colon()}{translate_by(OF_FIELD, reason)}"


def say_colon() -> str:
    return ": " if current_language() == "en" else "\u00a0: "
