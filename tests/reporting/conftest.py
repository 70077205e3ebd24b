"""An installation whose store holds some traffic, and the reports that tests make of it."""

import pytest

from tests.installations import Installation
from tests.reporting.traffic import Traffic
from tests.servers import free_port


def place_reports(installation: Installation) -> Installation:
    """The same with its reports, workspace and ports apart from all others."""
    return installation.with_knobs(
        REPORTING__REPORTS=str(installation.folder / "reports"),
        REPORTING__WORKSPACE=str(installation.folder / "workspace"),
        REPORTING__PORT=str(free_port()),
        REPORTING__UI_PORT=str(free_port()),
        REPORTING__EVERY_SECONDS="5",
    )


@pytest.fixture(scope="module")
def watched(cancer, tmp_path_factory):
    """Breast cancer with nothing on record yet; shared by a module."""
    copy = cancer.copy(tmp_path_factory.mktemp("watched") / "copy")
    traffic = Traffic(place_reports(copy))
    yield traffic
    traffic.engine.dispose()


@pytest.fixture
def fresh(cancer, tmp_path):
    """The same for one test alone."""
    traffic = Traffic(place_reports(cancer.copy(tmp_path / "fresh")))
    yield traffic
    traffic.engine.dispose()
