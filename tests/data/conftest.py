"""The folder that downloads and decoded images of a test are kept in."""

import pytest


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"
