"""The texts of the page's code: what it says in English, to be found in each catalogue."""

import ast

from tests.support.processes.servers import ROOT

SAYING = {"say": 1, "mark": 1, "say_count": 2}  # and how many forms of a text each takes


def texts_of_page():
    """Each text, or its two forms, and where it stands first; f-strings are looked into."""
    found = {}
    for path in sorted((ROOT / "webapp").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAYING:
                forms = node.args[: SAYING[node.func.id]]
                if all(isinstance(one, ast.Constant) for one in forms):
                    texts = tuple(one.value for one in forms)
                    found.setdefault(texts, f"{path.relative_to(ROOT)}:{node.lineno}")
    return found
