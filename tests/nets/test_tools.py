"""torch's own tools on every net of the course: hooks, torch.fx, torch.func, tracing, exporting."""

import copy
import io
import pickle
import sys
import warnings

import pytest
import torch
import torch.nn.functional as F
from nets_helpers import images
from torch import fx, nn
from torch.func import functional_call, grad, jacrev, vmap
from torch.testing import assert_close
from torchvision.models.feature_extraction import create_feature_extractor

from alexnet_lib.nets.alexnet import VARIANTS, alexnet
from alexnet_lib.nets.four_layer import ACTIVATIONS, NORMS, four_layer
from alexnet_lib.nets.lrn import LocalResponseNorm

NARROW = {"channels": (6, 8, 10, 12, 8), "hidden": (14, 16)}
FOUR = [f"four-layer {activation} {norm}" for activation in ACTIVATIONS for norm in NORMS]
WITH_LRN = ["paper", "one-tower", "four-layer relu lrn", "four-layer tanh lrn"]
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")


@pytest.fixture(scope="module", params=[*VARIANTS, *FOUR])
def net(request):
    """A net in evaluation mode, and images for it."""
    return build(request.param)


def build(name):
    torch.manual_seed(0)
    if name in VARIANTS:
        narrow = {} if name == "torchvision" else NARROW
        return alexnet(name, 3, **narrow).eval(), 9 * images(67)
    _, activation, norm = name.split()
    norm = None if norm == "None" else norm
    return four_layer(activation, norm, 3, alpha=0.5).eval(), 9 * images(32)


def layers(model):
    return {name: layer for name, layer in model.named_modules() if not list(layer.children())}


def test_a_hook_sees_what_its_layer_gave_and_the_gradient_of_it(net):
    model, x = net
    kept, gradients, handles = {}, {}, []
    for name, layer in layers(model).items():

        def keep(layer, given, gave, name=name):
            kept[name] = gave, gave.detach().clone()

        def keep_gradient(layer, given, gave, name=name):
            gradients[name] = gave[0]

        handles += [layer.register_forward_hook(keep)]
        handles += [layer.register_full_backward_hook(keep_gradient)]
    logits = model(x.clone().requires_grad_())
    logits[0, 1].backward()
    for handle in handles:
        handle.remove()
    assert kept.keys() == gradients.keys() == layers(model).keys()
    for name, (output, then) in kept.items():
        assert torch.equal(output, then), name
        assert gradients[name].shape == output.shape, name
    assert all(kept[name][0].min() < 0 for name in kept if "conv" in name)
    assert_close(logits, model(x))


def test_no_layer_works_in_place(net):
    assert not [layer for layer in net[0].modules() if getattr(layer, "inplace", False)]


@pytest.mark.parametrize("training", [True, False])
def test_torchvisions_feature_extractor_finds_every_layer_and_keeps_the_mode(net, training):
    model, x = net
    model.train(training)
    extractor = create_feature_extractor(model, list(layers(model))).eval()
    assert model.training == training
    model.eval()
    expected = x
    for name, found in extractor(x).items():
        if name.startswith("classifier"):
            expected = expected.flatten(1)
        expected = model.get_submodule(name)(expected)
        assert_close(found, expected)
    assert_close(expected, model(x))


def test_torch_fx_follows_the_net(net):
    model, x = net
    followed = fx.symbolic_trace(model)
    assert_close(followed(x), model(x))
    assert_close(pickle.loads(pickle.dumps(followed))(x[:1]), model(x[:1]))


def test_per_image_gradients_by_vmap_equal_a_loop(net):
    model, x = net
    weights, buffers = dict(model.named_parameters()), dict(model.named_buffers())
    chosen = {name: weights.pop(name) for name in list(weights) if "bias" in name or "conv" in name}
    labels = torch.tensor([1, 2])

    def loss(chosen, image, label):
        logits = functional_call(model, chosen | weights | buffers, (image[None],))
        return F.cross_entropy(logits, label[None])

    found = vmap(grad(loss), in_dims=(None, 0, 0))(chosen, x, labels)
    for number, (image, label) in enumerate(zip(x, labels, strict=True)):
        one = F.cross_entropy(model(image[None]), label[None])
        expected = torch.autograd.grad(one, list(chosen.values()))
        for name, gradient in zip(chosen, expected, strict=True):
            assert_close(found[name][number], gradient, rtol=1e-3, atol=1e-5)


def test_the_jacobian_by_torch_func_equals_autograds(net):
    model, x = net
    expected = torch.autograd.functional.jacobian(model, x[:1])
    assert_close(jacrev(model)(x[:1]), expected, rtol=1e-3, atol=1e-5)


def test_a_traced_net_answers_other_images(net):
    model, x = net
    traced = saved_and_loaded(torch.jit.trace(model, torch.ones_like(x)))
    assert_close(traced(x), model(x))
    assert_close(traced(x[1:]), model(x[1:]))


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="torch.jit.script ends with Python 3.13")
def test_a_scripted_net_answers_other_images(net):
    model, x = net
    scripted = saved_and_loaded(torch.jit.script(model))
    assert_close(scripted(x), model(x))
    assert_close(scripted(x[1:]), model(x[1:]))


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="torch.jit.script ends with Python 3.13")
@pytest.mark.parametrize("convention", ["torch", "paper"])
def test_a_scripted_lrn_takes_whole_numbers_for_its_constants(convention):
    norm = LocalResponseNorm(3, alpha=1, beta=1, k=1, convention=convention)
    x = torch.arange(8.0).view(2, 4)
    assert_close(torch.jit.script(norm)(x), norm(x))


def saved_and_loaded(scripted):
    file = io.BytesIO()
    torch.jit.save(scripted, file)
    file.seek(0)
    return torch.jit.load(file)


@pytest.mark.parametrize("name", ["paper", "four-layer relu lrn"])
def test_torch_export_takes_any_number_of_images(name):
    model, x = build(name)
    dynamic = ({0: torch.export.Dim("N")},)
    program = torch.export.export(model, (torch.ones_like(x),), dynamic_shapes=dynamic)
    assert_close(program.module()(x), model(x))
    assert_close(program.module()(torch.cat([x, x, x])), model(x).repeat(3, 1))


@pytest.mark.parametrize("name", ["paper", "four-layer relu lrn"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_torchs_older_exporter_writes_lrn_and_not_its_answer(name):
    runtime = pytest.importorskip("onnxruntime", reason="exporting needs it")
    pytest.importorskip("onnx", reason="exporting needs it")
    model, x = build(name)
    if name == "paper":
        x = images(227)  # the older exporter averages maps only where 6 divides their sides
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, (torch.ones_like(x),), file, dynamo=False, input_names=["images"],
            dynamic_axes={"images": {0: "N"}},
        )  # fmt: skip
    session = runtime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    for some in (x, x[1:], torch.cat([x, 2 * x])):
        (found,) = session.run(None, {"images": some.numpy()})
        assert_close(torch.from_numpy(found), model(some), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", WITH_LRN)
def test_a_gradient_penalty_has_the_gradients_of_a_net_with_torchs_lrn(name):
    model, x = build(name)
    rival = copy.deepcopy(model)
    for part, layer in model.features.named_children():
        if isinstance(layer, LocalResponseNorm):
            theirs = nn.LocalResponseNorm(layer.size, layer.alpha, layer.beta, layer.k)
            setattr(rival.features, part, theirs)
    for one in (model, rival):
        given = x.clone().requires_grad_()
        loss = F.cross_entropy(one(given), torch.tensor([1, 2]))
        (slope,) = torch.autograd.grad(loss, given, create_graph=True)
        (1e3 * slope.square().sum()).backward()
    for ours, theirs in zip(model.parameters(), rival.parameters(), strict=True):
        if theirs.grad is None:  # the last biases do not change the slope of a linear layer
            assert ours.grad is None
        else:
            assert_close(ours.grad, theirs.grad, rtol=1e-3, atol=1e-5)


def test_copies_layouts_and_types_give_the_same_answers(net):
    model, x = net
    expected = model(x)
    assert torch.equal(pickle.loads(pickle.dumps(model))(x), expected)
    last = copy.deepcopy(model).to(memory_format=torch.channels_last)
    assert_close(last(x.to(memory_format=torch.channels_last)), expected, rtol=1e-4, atol=1e-5)
    assert_close(model(x.mT.contiguous().mT), expected, rtol=1e-4, atol=1e-5)
    scale = expected.abs().max()
    for type, error in ((torch.float64, 1e-5), (torch.float16, 1e-2), (torch.bfloat16, 0.05)):
        found = copy.deepcopy(model).to(type)(x.to(type))
        assert found.dtype == type and (found - expected).abs().max() < error * scale
    assert model(x[:0]).shape == (0, 3)
    assert copy.deepcopy(model).to("meta")(x.to("meta")).shape == (2, 3)


def test_a_number_that_is_not_finite_is_not_hidden(net):
    model, x = net
    x = x.clone()
    x[0] = float("nan")
    logits = model(x)
    assert logits[0].isnan().all() and logits[1].isfinite().all()
