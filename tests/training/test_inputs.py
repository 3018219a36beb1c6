"""Images and labels in the forms that other tools hand over: read where the meaning is plain."""

import numpy as np
import pytest
import torch
from helpers import picture
from small_runs import recipe
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.nets.layer_table import layer_table
from alexnet_lib.training.evaluate import evaluate, probabilities
from alexnet_lib.training.features import last_features
from alexnet_lib.training.fit import fit
from alexnet_lib.training.inputs import InputForm, as_batches, as_pair, check_labels

COLOR, GREY = InputForm(3, torch.float32), InputForm(1, torch.float32)
torch.manual_seed(0)
IMAGES, LABELS = torch.rand(12, 3, 8, 8), torch.arange(12) % 3
KINDS = [getattr(torch, f"{k}int{bits}") for k in ("", "u") for bits in (8, 16, 32, 64)]


class ListOfPairs(Dataset):
    """A data set of single pairs."""

    def __init__(self, pairs):
        self.pairs = pairs

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, index):
        return self.pairs[index]


class Endless(IterableDataset):
    def __iter__(self):
        yield IMAGES[0], 0


@pytest.mark.parametrize(
    "labels",
    [
        *(LABELS.to(kind) for kind in KINDS),
        LABELS[:, None],
        LABELS.float(),
        LABELS.double()[:, None],
        nn.functional.one_hot(LABELS),
        nn.functional.one_hot(LABELS).float(),
        LABELS.numpy(),
        LABELS.tolist(),
    ],
    ids=lambda labels: f"{type(labels).__name__}-{getattr(labels, 'dtype', '')}",
)
def test_labels_of_any_form_that_is_plain_are_read(labels):
    found = as_pair((IMAGES, labels), COLOR)[1]
    assert found.dtype == torch.int64 and torch.equal(found, LABELS)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (IMAGES.double(), IMAGES),
        (IMAGES.permute(0, 2, 3, 1), IMAGES),
        (IMAGES.permute(0, 2, 3, 1).numpy(), IMAGES),
        (IMAGES[..., :3], IMAGES[..., :3]),  # three columns are no colors
        ((255 * IMAGES).byte(), (255 * IMAGES).byte() / 255),
        (IMAGES[:, :1], IMAGES[:, :1].expand(-1, 3, -1, -1)),
        (IMAGES[:, 0], IMAGES[:, :1].expand(-1, 3, -1, -1)),
        (IMAGES[:, 0, :, :, None], IMAGES[:, :1].expand(-1, 3, -1, -1)),
        (list(IMAGES), IMAGES),
    ],
)
def test_images_of_any_form_that_is_plain_are_read(images, expected):
    found = as_pair((images, LABELS), COLOR)[0]
    assert found.dtype == torch.float32 and torch.equal(found, expected)


def test_grey_images_stay_grey_for_a_net_that_takes_them():
    assert as_pair((IMAGES[:, :1], LABELS), GREY)[0].shape == (12, 1, 8, 8)
    assert as_pair((IMAGES[:, 0], LABELS), GREY)[0].shape == (12, 1, 8, 8)


def test_images_get_the_type_of_the_net_and_no_channels_are_guessed_without_a_convolution():
    form = InputForm.of(nn.Sequential(nn.Flatten(), nn.Linear(6, 3)).double())
    assert form == (None, torch.float64, torch.channels_last)
    assert as_pair((torch.rand(4, 6), LABELS[:4]), form)[0].dtype == torch.float64
    assert InputForm.of(four_layer(in_channels=1)) == GREY


@pytest.mark.parametrize("images", [IMAGES[:, 0], IMAGES[:, 0].flatten(1)])
def test_a_net_without_a_convolution_is_trained_on_images_of_any_shape(images):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
    before, data = net[1].weight.clone(), TensorDataset(images, LABELS)
    plan = recipe(epochs=1, init=None, schedule="constant")
    run = fit(net, data, data, plan, device="cpu")
    assert len(run.epochs) == 1 and not torch.equal(net[1].weight, before)


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        ((IMAGES, LABELS + 0.5), "labels are torch.float32 and not whole numbers"),
        ((IMAGES, LABELS.float() * float("nan")), "not whole numbers"),
        ((IMAGES, LABELS + 1j), "labels are torch.complex64"),
        ((IMAGES, torch.ones(12, 3)), r"labels are \(12, 3\); expected one whole number per image"),
        ((IMAGES, torch.tensor(1)), "put the images into batches"),
        ((IMAGES, LABELS[:5]), "12 images, but 5 labels"),
        ((IMAGES, ("cat", "dog")), "labels are of type tuple, such as 'cat'"),
        ((IMAGES.long(), LABELS), "images are torch.int64; expected float, or uint8"),
        ((IMAGES[:, :2], LABELS), r"images are \(12, 2, 8, 8\); expected \(N, 3, height, width\)"),
        ((IMAGES.flatten(1), LABELS), r"images are \(12, 192\); .* reshape them"),
        ((IMAGES, LABELS, LABELS), "a batch is a tuple of 3; expected a pair"),
        ({"image": IMAGES, "label": LABELS}, "with the keys image, label; expected a pair"),
        (([IMAGES[0], IMAGES[1, :, :4]], LABELS[:2]), "images one size"),
    ],
)
def test_what_is_not_plain_is_named_with_what_was_expected(batch, said):
    with pytest.raises((ValueError, TypeError), match=said) as caught:
        as_pair(batch, COLOR)
    assert "\n" not in str(caught.value)


def test_colors_for_a_grey_net_are_named():
    with pytest.raises(ValueError, match="take the mean of their colors"):
        as_pair((IMAGES, LABELS), GREY)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([-1, 0, 1], "from -1 to 1: leave out the images with negative labels"),
        ([-100, 0, 1], "leave out the images with negative labels"),
        ([1, 2, 3], "from 1 to 3: subtract 1 from each"),
        ([0, 1, 7], "build it with num_classes=8 or more"),
        ([0, 1, 3], "build it with num_classes=4 or more"),
    ],
)
def test_labels_without_an_output_are_named_with_what_to_do(labels, said):
    with pytest.raises(ValueError, match=said):
        check_labels(torch.tensor(labels), 3)


def test_a_negative_label_in_a_later_batch_is_found_too():
    bad = LABELS.clone()
    bad[-1] = -100  # which cross-entropy would leave out without a word
    loader = DataLoader(TensorDataset(IMAGES, bad), 4)
    with pytest.raises(ValueError, match="-100"):
        fit(four_layer(num_classes=3), loader, [(IMAGES, LABELS)], recipe(epochs=1), device="cpu")


@pytest.mark.parametrize(
    "data",
    [
        TensorDataset(IMAGES, LABELS),
        ListOfPairs([(image, int(label)) for image, label in zip(IMAGES, LABELS, strict=True)]),
        [(image, int(label)) for image, label in zip(IMAGES, LABELS, strict=True)],
        (IMAGES, LABELS),
        (IMAGES.numpy(), LABELS.numpy()),
        [(IMAGES, LABELS)],
        ListOfPairs([(picture(n), n % 3) for n in range(12)]),
        ListOfPairs([(np.asarray(picture(n)), n % 3) for n in range(12)]),
        ListOfPairs([(image, nn.functional.one_hot(LABELS[0], 3)) for image in IMAGES]),
    ],
)
def test_fit_takes_data_sets_and_arrays_without_a_loader(data):
    run = fit(four_layer(num_classes=3), data, data, recipe(epochs=1, batch_size=4), device="cpu")
    assert run.epochs[0].train_loss > 0


@pytest.mark.parametrize("mode", ["P", "RGBA", "CMYK", "1", "HSV"])
def test_pil_images_of_every_kind_get_the_colors_that_one_sees(mode):
    image = picture(size=(8, 8)).convert(mode)
    ((images, _),) = as_batches([(image, 0), (image, 1)], recipe(), "validation")
    expected = torch.from_numpy(np.asarray(image.convert("RGB")).copy()).permute(2, 0, 1)
    assert images.dtype == torch.uint8 and torch.equal(images[1], expected)


def test_grey_pil_images_among_colored_ones_are_read_as_colors():
    color = picture(size=(8, 8))
    ((images, _),) = as_batches([(color, 0), (color.convert("L"), 1)], recipe(), "validation")
    assert images.shape == (2, 3, 8, 8) and torch.equal(images[1, 0], images[1, 2])
    ((images, _),) = as_batches([(color.convert("L"), 0)] * 2, recipe(), "validation")
    assert images.shape == (2, 1, 8, 8)


def test_a_data_set_is_shuffled_for_training_and_seeds_decide_how():
    data, plan = TensorDataset(IMAGES, torch.arange(12)), recipe(batch_size=12)
    orders = []
    for what in ("training", "training", "validation"):
        torch.manual_seed(0)
        orders.append(next(iter(as_batches(data, plan, what)))[1].tolist())
    assert orders[0] == orders[1] != orders[2] == list(range(12))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("folder", "of type str; expected an ImageSet"),
        (7, "of type int"),
        (None, "of type NoneType"),
        (iter([(IMAGES, LABELS)]), "have no length"),
        (DataLoader(Endless(), 4), "have no length"),
        ([], "there are no training images"),
        ((IMAGES, LABELS[:3]), "12 training images, but 3 labels"),
        ({"image": IMAGES, "label": LABELS}, "of type dict"),
    ],
)
def test_what_is_no_data_is_named(data, said):
    with pytest.raises((ValueError, TypeError), match=said):
        as_batches(data, recipe(), "training")


def test_images_of_several_sizes_in_a_data_set_are_named():
    data = ListOfPairs([(picture(0, (8, 8)), 0), (picture(1, (8, 9)), 1)])
    with pytest.raises(ValueError, match="resize them in the data set's transform"):
        fit(four_layer(num_classes=3), data, data, recipe(epochs=1, batch_size=2), device="cpu")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (ListOfPairs([{"image": picture(n), "label": n % 3} for n in range(12)]), "image, label"),
        ([{"image": IMAGES, "label": LABELS}], "with the keys image, label; expected a pair"),
        ((IMAGES, np.array(list("abcabcabcabc"))), "labels are of type ndarray"),
    ],
)
def test_images_with_names_instead_of_places_are_named(data, said):
    with pytest.raises(TypeError, match=said):
        fit(four_layer(num_classes=3), data, data, recipe(epochs=1, batch_size=4), device="cpu")


def test_layers_that_do_not_know_their_inputs_yet_are_named():
    net = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(3))
    for measure in (lambda: evaluate(net, [(IMAGES, LABELS)]), lambda: layer_table(net, 8)):
        with pytest.raises(ValueError, match="0 is LazyConv2d, which does not know its inputs yet"):
            measure()
    net(IMAGES)
    assert evaluate(net, [(IMAGES, LABELS)]).confusion.sum() == 12
    assert layer_table(net, 8)[-1].shape == (3,)


class WithMaps(nn.Module):
    """A net that returns its maps, too."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 8)

    def forward(self, images):
        maps = self.conv(images)
        return maps.flatten(1), maps


@pytest.mark.parametrize(
    ("net", "error", "said"),
    [
        (nn.Conv2d(3, 3, 8), ValueError, r"returns \(\d+, 3, 1, 1\).*: add nn.Flatten"),
        (nn.Sequential(nn.Conv2d(3, 1, 8), nn.Flatten(0)), ValueError, "an output for each class"),
        (WithMaps(), TypeError, "returns a tuple; expected a tensor of logits"),
    ],
    ids=["maps", "one number", "a tuple"],
)
def test_what_is_no_logits_is_named(net, error, said):
    with pytest.raises(error, match=said):
        fit(net, (IMAGES, LABELS), (IMAGES, LABELS), recipe(init=None), device="cpu")
    with pytest.raises(error, match=said):
        evaluate(net, [(IMAGES, LABELS)])


class ByView(nn.Sequential):
    """A convolution and a linear layer, with the flattening of many tutorials between them."""

    def forward(self, images):
        maps = self[0](images)
        return self[1](maps.view(maps.size(0), -1))


def test_a_net_that_flattens_by_view_is_trained_and_evaluated_as_others_are():
    parts = nn.Conv2d(3, 4, 3), nn.Linear(4 * 6 * 6, 3)
    nets = ByView(*parts), nn.Sequential(parts[0], nn.Flatten(), parts[1])
    start = {name: one.clone() for name, one in nets[0].state_dict().items()}
    data = ImageSet((255 * IMAGES).byte(), LABELS, ("a", "b", "c"), "noise")
    plan = recipe(epochs=1, init=None, size=8, batch_size=4)
    trained, seen = [], []
    for net in nets:
        nets[0].load_state_dict(start)
        fit(net, data, data, plan, device="cpu")
        trained.append([one.clone() for one in net.parameters()])
        seen.append(
            [measure(net, plan.batches(data)) for measure in (probabilities, last_features)]
        )
    torch.testing.assert_close(trained[0], trained[1])
    assert not torch.equal(trained[0][0], start["0.weight"])
    torch.testing.assert_close(seen[0], seen[1])


class InAList(nn.Module):
    """A net with a list of layers."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Flatten(), nn.Linear(192, 3)])

    def forward(self, images):
        for layer in self.layers:
            images = layer(images)
        return images


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_a_scripted_net_is_evaluated_as_the_net_itself():
    net = InAList()
    tables = [probabilities(one, [(IMAGES, LABELS)]) for one in (net, torch.jit.script(net))]
    torch.testing.assert_close(*tables)


def test_images_too_small_for_the_net_are_named():
    from alexnet_lib.nets.build import build

    data = TensorDataset(IMAGES, LABELS)
    with pytest.raises(ValueError, match="does not take images of 8×8 pixels and 3 channels"):
        fit(build("one-tower", 3, 67), data, data, recipe(epochs=1, batch_size=4), device="cpu")


@pytest.mark.parametrize("classes", [10, 17, 256])
def test_byte_labels_are_counted_right(classes):
    class Oracle(nn.Module):
        def __init__(self):
            super().__init__()
            self.gain = nn.Parameter(torch.ones(1))

        def forward(self, images):
            return 20 * self.gain * nn.functional.one_hot(images[:, 0, 0, 0].long(), classes)

    labels = torch.arange(classes)
    images = labels.float()[:, None, None, None].expand(-1, 3, 2, 2)
    loader = DataLoader(TensorDataset(images, labels.to(torch.uint8)), 64)
    seen = evaluate(Oracle(), loader)
    assert seen.top1 == 1 and torch.equal(seen.confusion, torch.eye(classes, dtype=torch.int64))
    assert torch.equal(probabilities(Oracle(), loader).argmax(1), labels)
