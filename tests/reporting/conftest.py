"""An installation whose store holds some traffic, and the reports that tests make of it."""

import pytest

from tests.reporting.processes import place_reports
from tests.reporting.traffic import Traffic


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
