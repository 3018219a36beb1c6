"""What is wrong in a checkpoint is named before anything uses it."""

import io
import zipfile

import pytest
import torch
from helpers import colors
from small_runs import NET, recipe, train

from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint import (
    Checkpoints,
    load_velocities,
    load_weights,
    read_checkpoint,
    restore_net,
)
from alexnet_lib.training.fit import fit
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.step import Step

NAN, WEIGHT = float("nan"), "features.conv1.weight"


@pytest.fixture(scope="module")
def whole(place):
    """The folder of a run of one epoch."""
    train({"epochs": 1}, folder=place)
    return place


def altered(whole, tmp_path, change):
    """A folder with the checkpoint after `change(content)`."""
    content = torch.load(whole / "checkpoint.pt", weights_only=True)
    change(content)
    torch.save(content, tmp_path / "checkpoint.pt")
    return tmp_path


def velocity(content):
    return content["optimizer"]["state"][0]


def spoil(tensor):
    tensor[(0,) * tensor.dim()] = NAN


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda c: c["run"]["recipe"].update(momentums=0.9),
            "has the unknown field momentums",
        ),
        (lambda c: c["run"]["recipe"].update(epochs=True), "epochs of the recipe is True"),
        (lambda c: c["run"]["recipe"].update(epochs=10**150), "epochs of the recipe is a huge"),
        (lambda c: c["run"]["recipe"].update(crop=1e-9), "crop of the recipe is 1e-09"),
        (lambda c: c["run"]["recipe"].update(size=10**6), "size must be at most 10,000 pixels"),
        (lambda c: c["run"]["recipe"].update(learning_rate=NAN), "learning_rate must be"),
        (lambda c: c["run"]["recipe"].update(flip="yes"), "flip of the recipe is 'yes', not true"),
        (lambda c: c["run"]["images"].pop("train"), "train of the images is missing"),
        (lambda c: c["run"]["images"].pop("validation"), "validation of the images is missing"),
        (lambda c: c["run"]["epochs"][0].update(epoch=2), "epoch 1 is numbered 2"),
        (lambda c: c["run"]["epochs"].append({}), "epoch 2 lacks epoch"),
        (lambda c: c["run"]["epochs"][0].update(validation_top1=1.5), "is 1.5, not from 0 to 1"),
        (lambda c: c["run"].pop("device"), "the run lacks device"),
        (lambda c: c["net"].update(depth=7), "the net has no option depth"),
        (lambda c: c["net"].update(name="lenet"), "model 'lenet' is unknown"),
        (lambda c: c["net"].update(num_classes=3.0), "num_classes of the net is 3.0"),
        (lambda c: c["net"].update(num_classes=10**9), "another net .* classifier.fc4.weight is"),
        (lambda c: c["net"].update(dropout=0.5), "cannot be built"),
        (lambda c: c["net"].update(padding=10**6), "padding of the net is 1000000"),
        (lambda c: c["net"].update(pool_size=5000), "32 pixels for its window of 5000"),
        (lambda c: c["classes"].append("yellow"), "it has 4 classes, its net 3 outputs"),
        (lambda c: c["classes"].__setitem__(0, 7), "a class is 7, not text"),
        (lambda c: c["classes"].__setitem__(0, "blue"), "two of its classes have the same name"),
        (lambda c: c.update(source={"data": "/tmp/evil"}), "the source has no option data"),
        (lambda c: c.update(source={"source": 3}), "source of the source is 3, not text"),
        (lambda c: c.update(source={"source": "a\0b"}), "which is no name"),
        (lambda c: c.update(statistics=(1, 2, 3)), "mean of the statistics is 1, not a tensor"),
        (
            lambda c: c.update(statistics=(torch.ones(4),) * 3),
            "mean of the statistics is float32",
        ),
        (lambda c: spoil(c["statistics"][1]), "std of the statistics holds numbers"),
        (lambda c: c["statistics"][1].zero_(), "std of the statistics is not above 0"),
        (lambda c: c["model"].pop(WEIGHT), f"another net .* it lacks {WEIGHT}"),
        (lambda c: c["model"].update(more=torch.ones(1)), "there is no more in it"),
        (
            lambda c: c["model"].update({WEIGHT: torch.ones(3)}),
            "is float32 of 3, not float32 of 32",
        ),
        (lambda c: c["model"].update({WEIGHT: c["model"][WEIGHT].double()}), "is float64 of 32×3"),
        (lambda c: c["model"].update({WEIGHT: "none"}), f"{WEIGHT} is 'none', not a tensor"),
        (lambda c: spoil(c["model"][WEIGHT]), f"{WEIGHT} holds numbers that are not finite"),
        (lambda c: spoil(velocity(c)["momentum_buffer"]), "velocity of parameter 0 holds numbers"),
        (lambda c: velocity(c).update(step=1), "parameter 0 has the unknown field step"),
        (
            lambda c: c["optimizer"]["state"].update({99: {}}),
            "parameter 99, but the optimizer",
        ),
        (lambda c: c["optimizer"]["param_groups"][0].update(params=[0, 0]), "not counted from 0"),
        (lambda c: c.update(optimizer=3), "the optimizer is 3, not a dict"),
    ],
)
def test_what_is_wrong_is_named_when_the_file_is_read(whole, tmp_path, change, said):
    folder = altered(whole, tmp_path, change)
    for read in (read_checkpoint, Predictor.read):
        with pytest.raises(ValueError, match=said) as caught:
            read(folder)
        assert "checkpoint.pt" in str(caught.value) and len(str(caught.value)) < 1000


def test_a_velocity_of_another_shape_than_its_weights_never_reaches_the_optimizer(whole, tmp_path):
    def change(content):
        velocity(content)["momentum_buffer"] = torch.zeros(1)

    content = read_checkpoint(altered(whole, tmp_path, change))
    with pytest.raises(ValueError, match="velocity of parameter 0 is float32 of 1, its weights"):
        resume(content)


def resume(content):
    model = build(**NET)
    fit(model, colors(), colors(48, seed=1), recipe(), checkpoints=Checkpoints(resume=content))
    return model


def test_a_velocity_that_is_missing_is_named(whole):
    content = read_checkpoint(whole)
    del content["optimizer"]["state"][1]
    with pytest.raises(ValueError, match="lacks the velocity of parameter 1"):
        resume(content)


def test_velocities_that_lie_otherwise_in_memory_are_those_of_the_same_weights(whole):
    content = read_checkpoint(whole)
    model = build(**NET).to(memory_format=torch.channels_last)
    step = Step(model, recipe(), "cpu")
    expected = velocity(content)["momentum_buffer"].clone()
    velocity(content)["momentum_buffer"] = expected.contiguous()
    load_velocities(step.optimizer, content)
    first = step.optimizer.param_groups[0]["params"][0]
    loaded = step.optimizer.state[first]["momentum_buffer"]
    assert loaded.stride() == first.stride() and torch.equal(loaded, expected)


def test_content_that_was_altered_after_reading_is_checked_too(whole):
    content = read_checkpoint(whole)
    spoil(content["model"][WEIGHT])
    for use in (restore_net, lambda c: load_weights(build(**NET), c), resume):
        with pytest.raises(ValueError, match=f"{WEIGHT} holds numbers that are not finite"):
            use(content)


@pytest.mark.parametrize(
    "odd",
    [
        torch.zeros(1).expand(32, 3, 5, 5),
        torch.zeros(32, 3, 5, 5).to_sparse(),
        torch.zeros(32, 3, 5, 5, device="meta"),
        torch.nn.Parameter(torch.zeros(32, 3, 5, 5)),
    ],
    ids=["expanded", "sparse", "meta", "parameter"],
)
def test_weights_that_are_no_ordinary_tensor_are_refused(whole, tmp_path, odd):
    folder = altered(whole, tmp_path, lambda content: content["model"].update({WEIGHT: odd}))
    with pytest.raises(
        ValueError, match="more than tensors|of which the file holds|is <Parameter>, not a tensor"
    ):
        read_checkpoint(folder)


def test_a_tensor_that_claims_more_numbers_than_its_file_has_is_refused(whole, tmp_path):
    file = altered(whole, tmp_path, lambda content: content["model"].update(more=torch.ones(77)))
    content = (file / "checkpoint.pt").read_bytes()
    start = content.index(b"more")
    numel = content.index(b"KM", start)  # 77 as an operand of the pickle, in its storage
    larger = content[:numel] + b"K\xff" + content[numel + 2 :]
    larger = larger.replace(b"KM\x85", b"K\xff\x85")  # and in the tensor's shape
    (file / "checkpoint.pt").write_bytes(larger)
    with pytest.raises(ValueError, match="checkpoint.pt"):
        read_checkpoint(file)


def test_a_compressed_file_is_refused_before_it_is_unpacked(whole, tmp_path):
    with zipfile.ZipFile(whole / "checkpoint.pt") as old:
        with zipfile.ZipFile(tmp_path / "checkpoint.pt", "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.infolist():
                new.writestr(entry.filename, old.read(entry))
    with pytest.raises(ValueError, match="it is compressed, which torch.save does not do"):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize("odd", [bytearray(5), {1, 2}, torch.float32, 1j, torch.Size([1])])
def test_a_pickle_that_names_more_than_tensors_is_not_read(whole, tmp_path, odd):
    folder = altered(whole, tmp_path, lambda content: content.update(source=odd))
    with pytest.raises(ValueError, match="more than tensors, numbers and text"):
        read_checkpoint(folder)


def test_values_without_end_are_refused_in_a_sentence(whole, tmp_path):
    deep, cyclic = [], []
    cyclic.append(cyclic)
    for _ in range(300):
        deep = [deep]
    for odd in (deep, cyclic, "x" * 10**6, {"source": cyclic}, {"source": "x" * 10**6}):
        folder = altered(whole, tmp_path, lambda content, odd=odd: content.update(source=odd))
        with pytest.raises(ValueError, match="source") as caught:
            read_checkpoint(folder)
        assert len(str(caught.value)) < 1000


def test_checkpoints_that_nobody_could_read_are_not_begun(tmp_path):
    with pytest.raises(ValueError, match="the net has no option colour"):
        Checkpoints(tmp_path, NET | {"colour": 1})
    with pytest.raises(ValueError, match="the source has no option data"):
        Checkpoints(tmp_path, NET, {"source": "cifar10", "data": "elsewhere"})


@pytest.mark.parametrize(
    "model",
    [
        build("four-layer", 5),
        build("cifar", 3),
        build(**NET).double(),
        torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 3)),
    ],
)
def test_no_training_is_begun_whose_checkpoints_would_be_those_of_another_net(model, tmp_path):
    folder = tmp_path / "run"
    with pytest.raises(ValueError, match="the net to be trained is another one: give the argum"):
        fit(model, colors(), colors(), recipe(), checkpoints=Checkpoints(folder, NET))
    assert not folder.exists()


def test_a_net_that_was_changed_has_checkpoints_that_know_the_change(tmp_path):
    def change(net):
        net.classifier.fc4 = torch.nn.Linear(1024, 3, bias=False)
        return net

    model = change(build(**NET))
    checkpoints = Checkpoints(tmp_path, NET, change=change)
    fit(model, colors(), colors(), recipe(epochs=1), checkpoints=checkpoints)
    assert read_checkpoint(tmp_path, change)["run"]["epochs"]


def test_weights_that_are_not_finite_are_not_saved_over_the_last_checkpoint(tmp_path):
    def spoil_weights(run):
        if len(run.epochs) == 1:
            model.features.conv1.bias.data[0] = -float("inf")  # which ReLU makes a 0 of

    model = build(**NET)
    options = dict(checkpoints=Checkpoints(tmp_path, NET), report=spoil_weights)
    with pytest.raises(FloatingPointError, match="finite"):
        fit(model, colors(), colors(48, seed=1), recipe(), **options)
    assert len(read_checkpoint(tmp_path)["run"]["epochs"]) == 1


def test_classes_are_kept_only_where_each_output_has_one(tmp_path):
    model = build("four-layer", 5)
    checkpoints = Checkpoints(tmp_path, NET | {"num_classes": 5})
    fit(model, colors(), colors(), recipe(epochs=1), checkpoints=checkpoints)
    assert read_checkpoint(tmp_path)["classes"] == []
    buffer = io.BytesIO((tmp_path / "checkpoint.pt").read_bytes())
    assert torch.load(buffer, weights_only=True)["classes"] == []
