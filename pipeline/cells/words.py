"""The words that say that a value is unknown, true or false, in the languages that people use."""

MISSING = frozenset(
    {"", "na", "n/a", "#n/a", "#na", "n.a.", "nan", "nat", "null", "<na>", "none", "?", "-", "--"}
    | {"\u2013", "\u2014", ".", "..", "nd", "n.d.", "n/d", "#null!", "#value!", "#div/0!", "#ref!"}
)
UNKNOWN_WORDS = frozenset(  # among numbers; in other columns they may be a category like any
    {"unknown", "missing", "inconnu", "inconnue", "manquant", "manquante", "nc", "n.c.", "nsp"}
    | {"non renseigné", "non renseignée", "unbekannt", "keine angabe", "k.a.", "no data"}
)
UNREMARKABLE = frozenset({"", "na", "n/a", "nan", "null", "none"})  # missing, and no surprise
TRUE_WORDS = frozenset({"true", "yes", "oui", "vrai", "ja", "wahr", "si", "sí", "sì", "vero"})
FALSE_WORDS = frozenset({"false", "no", "non", "faux", "nein", "falsch", "falso"})
FORMS_OF_ADDRESS = frozenset(  # before the name of a person
    {"mr", "mrs", "ms", "miss", "master", "mister", "sir", "lady", "lord", "dame", "dr", "prof"}
    | {"rev", "hon", "capt", "col", "major", "lt", "sgt", "mme", "mlle", "monsieur", "madame"}
    | {"mademoiselle", "herr", "frau", "fräulein", "señor", "señora", "señorita", "sr", "sra"}
    | {"srta", "doña", "signor", "signora", "signorina", "sig", "dott", "dhr", "mevr"}
)
TRUE, FALSE = TRUE_WORDS | {"t", "y"}, FALSE_WORDS | {"f", "n"}


def is_missing(text: str) -> bool:
    return text.strip().lower() in MISSING


def read_truth(text: str) -> bool | None:
    """None for what is no word for either."""
    word = text.strip().lower()
    if word in TRUE:
        return True
    return False if word in FALSE else None


def are_truth_values(texts: set[str]) -> bool:
    """Whether these are both truth values in words; a letter alone is too little to tell by."""
    words = {text.strip().lower() for text in texts}
    both = bool(words & TRUE_WORDS) and bool(words & FALSE_WORDS)
    return both and words <= TRUE_WORDS | FALSE_WORDS
