"""The sentences that code can raise: read from its syntax, with a number for whatever varies."""

import ast
import itertools

VARIES = "7"


def sentences_of(path, calls):
    """Each sentence given to one of these calls; `calls` has the place of the sentence of each."""
    tree = ast.parse(path.read_text())
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(scope):
                name = getattr(getattr(node, "func", None), "id", "")
                if isinstance(node, ast.Call) and name in calls:
                    given = node.args[calls[name] : calls[name] + 1]
                    given += [one.value for one in node.keywords if one.arg == "reason"]
                    for one in given:
                        yield from (text for text in _render(one, tree, scope) if text)


def _render(node, tree, scope):
    """All texts that it can be; none where it is made elsewhere."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        parts = [_render(one, tree, scope) for one in node.values]
        return ["".join(chosen) for chosen in itertools.product(*parts)]
    if isinstance(node, ast.FormattedValue):
        return _render(node.value, tree, scope) or [VARIES]
    if isinstance(node, ast.IfExp):
        return [*_render(node.body, tree, scope), *_render(node.orelse, tree, scope)]
    if isinstance(node, ast.Name):
        return [
            text for one in _assigned(node.id, tree, scope) for text in _render(one, tree, scope)
        ]
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        return [text for one, inner in _returned(name, tree) for text in _render(one, tree, inner)]
    return []


def _assigned(name, tree, scope):
    """In the function, else at the top of the module."""
    for place in (scope.body, tree.body):
        found = [
            one.value
            for outer in place
            for one in ast.walk(outer)
            if isinstance(one, ast.Assign) and name in [getattr(t, "id", "") for t in one.targets]
        ]
        found = [one for one in found if not isinstance(one, ast.Name)]
        if found:
            return found
    return []


def _returned(name, tree):
    for inner in ast.walk(tree):
        if isinstance(inner, ast.FunctionDef) and inner.name == name:
            for one in ast.walk(inner):
                if isinstance(one, ast.Return) and one.value is not None:
                    yield one.value, inner
