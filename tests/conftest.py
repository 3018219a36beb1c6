"""Fixtures that several files of tests share."""

import pytest


@pytest.fixture
def style():
    """The course's look of figures, for a test; what it draws is closed."""
    import matplotlib.pyplot as plt

    from alexnet_lib.figures.style import use_style

    with plt.rc_context():
        use_style()
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder for what all tests of a file share."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture
def data_folder(place, monkeypatch):
    """Decoded images are kept in the `place`."""
    monkeypatch.setenv("ALEXNET_DATA", str(place / "data"))
