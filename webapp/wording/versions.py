"""Translates why serving cannot use a version."""

from webapp.texts import mark

REFUSALS = (
    mark("{folder}: {file} cannot be read ({error})"),
    mark("{folder}: {file} is missing"),
    mark(
        "{folder}: {file} is not compiled, and scikit-learn, which runs it, is not installed "
        "here; an image has it when built with EXTRA_PACKAGES=scikit-learn"
    ),
    mark("{folder}: {file} is not the file that was signed"),
    mark("{folder}: {file} is not what the features name"),
    mark("{folder}: {file} is damaged ({error})"),
    mark("{folder}: its probabilities do not add up to 1"),
    mark(
        "{folder}: made with scikit-learn {needed}, but {present} is installed. Its pickles cannot "
        "be trusted to mean the same: install {again} again, or start anew with "
        "scripts/prepare.py --fresh"
    ),
    mark("{folder}: signed by an earlier Boucle; scripts/prepare.py signs it anew"),
    mark("{folder}: the embedding is not the one that the manifest names"),
    mark("{folder}: the manifest is that of another version"),
    mark("{folder}: the manifest was changed or signed by another installation"),
    mark("{folder}: there is no {file}"),
    mark("There is no version {version}"),
    mark("Version {version} carries no rows to explain its predictions with"),
    mark("Version {version} carries no {file}"),
    mark("Version {version} was being removed; it is not live"),
)
