"""Unpickles a model or a transformer, and nothing but the classes that may stand in one.

Files are verified before they come here; this is the second lock. Classes of scikit-learn, numpy
and scipy are allowed, and those of the modules that `artifacts.trusted` lists.
"""

import io
import pickle
from collections.abc import Collection
from typing import Any

PROTOCOL = 5
LIBRARIES = ("sklearn", "numpy", "scipy")
BUILT_IN = {"bytearray", "complex", "dict", "frozenset", "int", "float", "list", "range", "set"}
BUILT_IN |= {"slice", "str", "tuple", "bool", "bytes", "object"}
REBUILDERS = {  # functions by which pickles of numpy, scipy and scikit-learn restore their objects
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy.random._pickle", "__randomstate_ctor"),
    ("numpy.random._pickle", "__generator_ctor"),
    ("numpy.random._pickle", "__bit_generator_ctor"),
    ("sklearn.metrics._dist_metrics", "newObj"),
    ("sklearn.neighbors._ball_tree", "newObj"),
    ("sklearn.neighbors._kd_tree", "newObj"),
    ("copyreg", "_reconstructor"),
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
}


class NotTrusted(Exception):
    """A pickle names something that is not on the list."""


def dump(value: Any) -> bytes:
    return pickle.dumps(value, protocol=PROTOCOL)


def load(content: bytes, trusted: Collection[str] = ()) -> Any:
    """The object in a pickle, or NotTrusted with the name that is not allowed."""
    return _Unpickler(content, trusted).load()


def is_allowed(dotted: str, trusted: Collection[str] = ()) -> bool:
    """Whether a pickle may name this class or function."""
    module, _, name = dotted.rpartition(".")
    try:
        _Unpickler(b"", trusted).find_class(module, name)
    except (NotTrusted, ImportError, AttributeError):
        return False
    return True


class _Unpickler(pickle.Unpickler):
    def __init__(self, content: bytes, trusted: Collection[str]) -> None:
        super().__init__(io.BytesIO(content))
        self._trusted = trusted

    def find_class(self, module: str, name: str) -> Any:
        package = module.partition(".")[0]
        found = super().find_class(module, name) if self._may_import(module, package) else None
        if package in self._trusted or module in self._trusted:
            return found
        if (module, name) in REBUILDERS or (module == "builtins" and name in BUILT_IN):
            return found
        if package in LIBRARIES and _is_harmless(found, name):
            return found
        raise NotTrusted(
            f"it holds {module}.{name}; only classes of scikit-learn, numpy and scipy are "
            f"unpickled, and those of modules that artifacts.trusted lists."
        )

    def _may_import(self, module: str, package: str) -> bool:
        known = package in LIBRARIES or module in ("builtins", "copyreg", "collections")
        return known or package in self._trusted or module in self._trusted


def _is_harmless(found: Any, name: str) -> bool:
    """A class, a numpy function such as log1p, or what Cython restores its own objects with."""
    import numpy as np

    if isinstance(found, type | np.ufunc):
        return True
    return name.startswith("__pyx_unpickle_")
