"""The start of serving: checks the settings, then hands over to uvicorn."""

import contextlib
import os
import sys
import tempfile

import uvicorn

from pipeline.settings import Settings, WrongSetting, load_settings
from pipeline.store.tables import StoreAway, create_schema, open_store
from serving.keys import load_keys, refuse_open_door

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
IDLE_SECONDS = 75  # more than clients and proxies wait: closing first would cut off what they send


def main() -> None:
    try:
        settings = load_settings()
        check(settings)
    except WrongSetting as error:
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
        loop="uvloop",
        http="serving.fast_path.shortway:ShortWay",
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
    refuse_open_door(wanted.host, wanted.published, wanted.require_keys)
    load_keys(wanted.keys, wanted.require_keys)
    if wanted.replicas > 1 and settings.store.url.startswith("sqlite"):
        raise WrongSetting(
            f"serving.replicas is {wanted.replicas}, but SQLite serves one container only: "
            f"set store.url to a PostgreSQL."
        )
    engine = open_store(settings.store)
    with contextlib.suppress(StoreAway):  # it may come; predictions are kept until then
        create_schema(engine)
    engine.dispose()
