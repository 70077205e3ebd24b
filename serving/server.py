"""The start of serving: checks the settings, then hands over to uvicorn."""

import contextlib
import os
import sys
import tempfile

import uvicorn

from pipeline.registry.registry import open_place
from pipeline.settings import InvalidSetting, Settings, load_settings
from serving.keys import load_keys, require_keys_when_published

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
IDLE_SECONDS = 75  # more than clients and proxies wait: closing first would cut off what they send


def main() -> None:
    try:
        settings = load_settings()
        check(settings)
    except InvalidSetting as error:
        sys.exit(str(error))
    # Before numpy is imported: threads make a matrix product of this size slower, not faster.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with contextlib.ExitStack() as stack:
        if settings.serving.workers > 1:  # an empty folder of its own, for the sums over workers
            folder = tempfile.TemporaryDirectory(prefix="boucle-metrics-")
            os.environ[MULTIPROCESS] = stack.enter_context(folder)
        run(settings)


def run(settings: Settings) -> None:
    uvicorn.run(
        "serving.application:create_app",
        factory=True,
        host=settings.serving.host,
        port=settings.serving.port,
        workers=settings.serving.workers,
        loop="uvloop",  # asyncio accepts a whole backlog before one is refused: no file is left
        http="serving.fast_path.protocol:FastPathProtocol",
        lifespan="on",  # a start that fails ends the process
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=20,
    )


def check(settings: Settings) -> None:
    """What would go wrong later is said now."""
    wanted = settings.serving
    require_keys_when_published(wanted.host, wanted.published, wanted.require_keys)
    load_keys(wanted.keys, wanted.require_keys)
    if wanted.replicas > 1 and settings.store.url.startswith("sqlite"):
        raise InvalidSetting(
            f"serving.replicas is {wanted.replicas}, but SQLite serves one container only: "
            f"set store.url to a PostgreSQL."
        )
    open_place(settings.artifacts)
    if wanted.workers > 1:  # uvicorn would start workers that end at their store again and again
        from pipeline.store.database import open_store

        open_store(settings.store).dispose()
