"""Translates messages of the trainer: the stage of a retraining, and reasons of decisions."""

from webapp.texts import mark, say
from webapp.wording.data_tests import say_tests
from webapp.wording.sentences import translate_by

STAGES = (
    mark("starting"),
    mark("reading rows"),
    mark("trying classifiers"),
    mark("out of fold"),
    mark("training"),
    mark("judging"),
    mark("compiling"),
    mark("explaining"),
    mark("publishing"),
    mark("going live"),
    mark("done"),
)
REASONS = (
    mark("{rest} (the trainer was restarted)"),
    mark("{rest} (MLflow's version {version})"),
    mark("{rest}; data tests failed: {tests}"),
    mark("promoted: {rest}"),
    mark("rejected: {rest}"),
    mark("rolled back: {rest}"),
    mark("failed: {rest}"),
    mark("failed after {attempts} attempts: {rest}"),
    mark("in shadow until {rows} labelled rows have come: {rest}"),
    mark("promoted without a gate, as configured"),
    mark("there was no live version to compare with"),
    mark("labels changed at row {row}, it set older rows aside: {rest}"),
    mark(
        "labels changed at row {row}, it learned from then on: {rest}"
    ),  # the wording of earlier releases
    mark("the new feedback failed data tests: {tests}"),
    mark("{rest}; it hardly finds '{label}' any more"),
    mark("{rest}; its probabilities are further off (Brier score {score} instead of {other})"),
    mark(
        "on {rows} recent rows its probabilities are further off (Brier score {score} instead of "
        "{other})"
    ),
    mark(
        "on {rows} holdout rows its probabilities are further off (Brier score {score} instead of "
        "{other})"
    ),
    mark("better: {rest}"),
    mark("no worse: {rest}"),
    mark("on {rows} recent rows it alone is right on {gained}, the live version alone on {lost}"),
    mark("on {rows} holdout rows it alone is right on {gained}, the live version alone on {lost}"),
    mark(
        "on {rows} rows in shadow it alone is right on {gained}, the live version alone on {lost}"
    ),
    mark("of {rows} recent rows labelled '{label}' it finds {found}, live {known}"),
    mark("of {rows} holdout rows labelled '{label}' it finds {found}, live {known}"),
    mark(
        "{share} of the new feedback contradicts the live version, more than the {most} if "
        "{usual} were wrong; its labels look wrong"
    ),
    mark(
        "{rows} evaluation rows came since the last rollback, {needed} are needed before anything "
        "is promoted again"
    ),
    mark(
        "on {rows} rows since its promotion {version} was right in {now}, its parent {parent} "
        "would have been in {before}"
    ),
    mark("{version} was put live by hand, before it was {before}"),
    mark("{version} was in shadow, {rest}"),
    mark("{version} went live meanwhile"),
    mark("it is no longer kept"),
    mark("the rows carry a single label"),
    mark("it has no signature that names its columns"),
    mark("it is no model of scikit-learn, logged by mlflow.sklearn.log_model"),
    mark("it is of scikit-learn {version}, {installed} is here"),
    mark("it cannot be unpickled: {error}"),
    mark("it is no fitted classifier that gives probabilities"),
    mark(
        "its signature has {columns}, which are neither the columns of ref_data.csv ({vectors}) "
        "nor the features of GET /schema, in their order"
    ),
    mark("it reads features that vectors do not tell ({which}): train it on ref_data.csv"),
    mark("its labels are {labels}; they must be {known}"),
    mark("its labels are numbers: train it with the labels as text"),
    mark("whoever worked on it ended without a word, {times} times in all"),
    mark("the training took longer than {seconds} s and was stopped"),
    mark("the training was ended by {signal}, perhaps for want of memory"),
    mark("the training ended with exit code {code}; its log says why"),
    mark("the training needs more memory than retraining.memory_mb allows"),
    mark("the trainer was stopped"),
)
TRIGGERS = (
    mark("every {rows} rows"),
    mark("schedule, every {hours} h"),
    mark("by hand"),
    mark("alias in MLflow"),
    mark("alert {names}"),
    mark("labels in shadow"),
    mark("quality on live feedback"),
)
ACTORS = {
    "": "",
    "count": "",  # the trigger says it already, as for those below
    "schedule": "",
    "alert": "",
    "trainer": "",
    "MLflow": "",
    "command line": mark("command line"),
}


def say_stage(stage: str) -> str:
    return say(stage) if stage in STAGES else stage


def say_reason(reason: str) -> str:
    return translate_by(REASONS, reason, {"tests": say_tests})


def say_trigger(trigger: str, actor: str = "") -> str:
    """The reason of a decision, and who made it if the reason does not say so."""
    who = ACTORS.get(actor, actor)
    why = translate_by(TRIGGERS, trigger)
    if not who:
        return why
    return f"{why} ({say(who) if who in ACTORS else say('key {name}', name=who)})"
