"""Translates messages of serving about a request or one of its fields."""

from webapp.texts import current_language, mark
from webapp.wording.fields import name_field
from webapp.wording.inspection import SENTENCES
from webapp.wording.sentences import translate_by
from webapp.wording.versions import REFUSALS

VERBS = ("are ", "has ", "hold ", "holds ", "is ", "lacks ", "makes ", "names ", "takes ")
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
    mark("Not recorded: this feedback_id came with other content"),
    mark("Not recorded: no such prediction is on record"),
    mark("Not recorded: no prediction on record is about this subject"),
    mark("The body is larger than {most} bytes"),
    mark("The body did not arrive in time"),
    mark("The body is not valid JSON"),
    mark("The body is not valid JSON: {error}"),
    mark("The body is nested too deeply"),
    mark("A body of {number} names means nothing here"),
    mark("Something failed here; the log of serving says what"),
    mark("It looks like nothing that was learned, so the answer is a guess"),
    mark("Nothing is known of it, so the answer is a guess"),
    mark("its negative: dark and light change places"),
    mark("{name} {amount} is above all that was learned ({end})"),
    mark("{name} {amount} is below all that was learned ({end})"),
    mark("{name} is not among the values that were learned"),
)
OF_FIELD = (  # follows the name of the field and a colon
    mark("are missing"),
    mark("hold a number that is too large"),
    mark("hold text or nesting that cannot be kept"),
    mark("is missing"),
    mark("is not base64"),
    mark("is not one that a search gave"),
    mark("is not what this model takes"),
    mark("makes the network answer with what is no number"),
    mark("must lie before `to`"),
    mark("is a number beyond the years 1970 to 3000"),
    mark("gives {number} points; at most {most} are allowed"),
    mark("takes too much memory to look at here"),
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
    mark("holds a NUL"),
    mark("must be true, false or null"),
    mark("must be true or false, or empty if unknown"),
    mark("must be a date such as {example} ({rest}), or empty if unknown"),
    mark("must be a date such as {example} ({rest}) or null"),
    mark("year first"),
    mark("day first"),
    mark("month first"),
    mark("month by name"),
    mark("eight digits"),
    mark("time of day"),
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
    mark("has 1 column that the model does not know: {names}; take it out"),
    mark("has {number} columns that the model does not know: {names}; take it out"),
    mark("line contains NUL"),
    mark("field larger than field limit ({most})"),
    mark("unexpected end of data"),
    mark("{mark} expected after {other}"),
)
OF_BODY = (  # messages of pydantic
    mark("holds a name that has no meaning here; /docs has those that do"),
    mark("a JSON object is expected, sent with Content-Type: application/json"),
    mark("give either features or one of image, audio and video"),
    mark("give one of prediction_id, subject, features, image, audio and video"),
    mark("with features or a file, give the prediction too"),
    mark("with a prediction_id the prediction is on record; leave it out"),
    mark("{given} subjects given, {expected} expected"),
    mark("Field required"),
    mark("Input should be a valid {kind}"),
    mark("Input should be greater than or equal to {least}"),
    mark("Input should be less than or equal to {most}"),
    mark("Input should be {choices}"),
    mark("List should have at least {least} item after validation, not {given}"),
    mark("List should have at most {most} items after validation, not {given}"),
    mark("String should have at least {least} character"),
    mark("String should have at most {most} characters"),
)


def translate(sentence: str) -> str:
    """Translate a message; if it begins with the name of a field, that is not translated."""
    said = translate_by((*WHOLE, *REFUSALS), sentence)
    field, colon, reason = sentence.partition(": ")
    if said != sentence or not colon:
        return said
    of_table = SENTENCES if field == "file" else ()
    reason_said = translate_by((*OF_FIELD, *of_table, *OF_BODY), reason)
    named = name_field(field, reason)
    if named != field and current_language() == "en" and reason.startswith(VERBS):
        return f"{named} {reason_said}"
    return f"{named}{say_colon()}{reason_said}"


def say_colon() -> str:
    return ": " if current_language() == "en" else "\u00a0: "
