"""Any list of arguments is obeyed or refused: exit code 0, 1 or 2, a few lines, no traceback."""

from fuzzing import cases, limited
from helpers import image_folder, run

ODD = [
    "", " ", "0", "1", "-1", "2", "1.5", "nan", "inf", "-inf", "1e400", "1e-400", "9" * 400, "²",
    "٣", str(2**31), str(2**63), str(2**64), "-" + "9" * 30, "0x10", "1_000", "True", "None", "~",
    "x" * 300, "x" * 5000, "a\0b", "\udcff", "\ud800", "\x1b[31m", "<b>", "$x^{$", "~nouser/x",
    "../..", "/dev/null", "/dev/full", "cpu", "cuda:99", "cuda:-1", "meta", "hpu", "xla", "abacus",
    "고양이", "a,b", ",", "a,,b", "--", "-", "--help", "-h", "--nothing", "all", "four-layer",
]  # fmt: skip
COMMANDS = {
    "summary": ("--model", "--num-classes", "--size", "--padding"),
    "data": ("--picture", "--classes", "--skip-broken"),
    "train": (
        "--data", "--classes", "--model", "--size", "--recipe", "--epochs", "--batch-size",
        "--zoom", "--learning-rate", "--pad", "--seed", "--out", "--device", "--tensorboard",
        "--from",
    ),
    "resume": ("--data", "--device", "--tensorboard"),
    "evaluate": ("--data", "--classes", "--split", "--ten-views", "--mistakes", "--device"),
    "predict": ("--top", "--device"),
    "export": ("--onnx", "--data"),
    "experiment": ("--data", "--seeds", "--budget", "--out", "--work", "--device"),
    "nothing": (), "\x1b": (),
}  # fmt: skip


def drawn(draw, folder):
    """A command line: a command with some of its options, most of them with odd values."""
    command = draw.choice(list(COMMANDS))
    words = [command]
    fixed = {"train": ["--data", folder, "--epochs", "1", "--dry-run"], "experiment": ["--list"]}
    words += fixed.get(command, [])
    for _ in range(draw.choice((0, 1, 1, 1, 2, 3))):
        words += [draw.choice(COMMANDS[command] or ("--odd",)), draw.choice(ODD)]
    if command not in fixed and draw.random() < 0.8:
        words += [draw.choice((folder, *ODD))]
    return words


def test_every_list_of_arguments_is_obeyed_or_refused(tmp_path, monkeypatch, capsys):
    names = [f"{part}/{c}/{i}.png" for part in ("train", "test") for c in "ab" for i in range(3)]
    folder = str(image_folder(tmp_path / "pictures", names, size=(16, 16)))
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    for seed, draw in cases():
        words = drawn(draw, folder)
        with limited(seed, words):
            code = run(*words)
            printed, error = capsys.readouterr()
            assert code in (0, 1, 2), code
            assert code == 0 or 1 <= len(error.strip().splitlines()) <= 25, error
            assert "Traceback" not in error and "\x1b[31" not in printed + error
            last = error.strip().rpartition("\n")[2]
            assert code == 0 or 10 < len(last) < 3000, last[:200]
