"""What the tests of the fast path share."""

import pytest

from tests.serving.ways import Both


@pytest.fixture(scope="module", params=["cancer", "mixed"])
def both(request, tmp_path_factory):
    installation = request.getfixturevalue(request.param)
    both = Both(installation.copy(tmp_path_factory.mktemp("both")))
    yield both
    both.close()
