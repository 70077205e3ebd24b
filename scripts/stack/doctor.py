"""Checks the running stack, a line for each part, and says what to do: `make doctor`.

It asks docker compose and the published ports, and needs Python alone. 1 when something is wrong.
"""

import sys
from collections.abc import Callable

from scripts.stack.compose_stack import CheckFailed, ComposeStack
from scripts.stack.health_checks import CHECKS


def main() -> None:
    try:
        stack = ComposeStack()
    except CheckFailed as trouble:
        sys.exit(f"WRONG docker: {trouble}\n      {trouble.todo}")
    well = [tell(name, check, stack) for name, check in CHECKS.items()]
    sys.exit(0 if all(well) else 1)


def tell(name: str, check: Callable[[ComposeStack], str], stack: ComposeStack) -> bool:
    try:
        print(f"ok    {name}: {check(stack)}")
    except CheckFailed as trouble:
        print(f"WRONG {name}: {trouble} -> {trouble.todo}")
        return False
    return True


if __name__ == "__main__":
    main()
