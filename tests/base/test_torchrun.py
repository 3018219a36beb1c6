"""What torchrun says in the environment, and who of several processes speaks at their end."""

import signal

import pytest

from alexnet_lib.base import torchrun


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Makes this process the one of a rank, of four on two machines."""
    before = signal.getsignal(signal.SIGTERM)

    def start(rank):
        errors = tmp_path / str(rank % 2) / "error.json"
        said = dict(RANK=rank, LOCAL_RANK=rank % 2, WORLD_SIZE=4, LOCAL_WORLD_SIZE=2)
        said |= dict(TORCHELASTIC_RUN_ID="a", TORCHELASTIC_ERROR_FILE=errors)
        for name, value in said.items():
            monkeypatch.setenv(name, str(value))

    yield start
    signal.signal(signal.SIGTERM, before)


def test_a_process_that_torchrun_did_not_start_is_alone(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "8")  # of another launcher
    monkeypatch.setenv("RANK", "3")
    assert (torchrun.rank(), torchrun.world_size(), torchrun.local_rank()) == (0, 1, 0)
    assert not torchrun.started_by_torchrun() and torchrun.local_world_size() == 1
    torchrun.leave_group(3)  # does nothing


def test_ranks_are_those_that_torchrun_gives(started):
    started(3)
    assert (torchrun.rank(), torchrun.world_size()) == (3, 4)
    assert (torchrun.local_rank(), torchrun.local_world_size()) == (1, 2)
    assert torchrun.started_by_torchrun() and torchrun.restarts() == 0


def test_torchrun_says_that_it_started_the_processes_again(started, monkeypatch):
    started(0)
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "2")
    assert torchrun.restarts() == 2


def test_a_command_that_begins_again_knows_that_it_began_before(started, tmp_path, monkeypatch):
    run = tmp_path / "run"
    for attempt, begun in ((0, False), (1, True)):
        started(1)
        folder = run / f"attempt_{attempt}" / "1"
        folder.mkdir(parents=True)
        monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(folder / "error.json"))
        assert torchrun.begun_before() is begun
        torchrun.note_begin()
        assert torchrun.begun_before()


def test_without_a_folder_of_torchrun_no_command_began_before(monkeypatch):
    monkeypatch.delenv("TORCHELASTIC_ERROR_FILE", raising=False)
    torchrun.note_begin()
    assert not torchrun.begun_before()


def test_one_process_has_the_word_and_a_single_one_always(started):
    assert torchrun.has_the_word() and torchrun.has_the_word()
    started(1)
    assert not torchrun.has_been_told() and torchrun.has_the_word()
    started(0)
    assert torchrun.has_been_told() and not torchrun.has_the_word()


def test_what_the_one_says_is_not_cut_off(started):
    started(1)
    assert torchrun.has_the_word()
    signal.raise_signal(signal.SIGTERM)


def test_without_a_folder_of_torchrun_each_process_has_the_word(started, monkeypatch):
    started(1)
    monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", "")
    assert torchrun.has_the_word() and torchrun.has_the_word()
