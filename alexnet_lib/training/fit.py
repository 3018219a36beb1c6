"""The training loop: `fit`."""

import copy
import time
import warnings

import torch

from alexnet_lib.base.device import pick_device
from alexnet_lib.base.interrupts import interrupts_held
from alexnet_lib.base.notes import Note, note
from alexnet_lib.base.process_group import is_first, share, share_buffers, total
from alexnet_lib.base.text import shown
from alexnet_lib.data.batches import Batches
from alexnet_lib.data.image_set import ImageFiles, ImageSet
from alexnet_lib.training.chance import words_at_chance
from alexnet_lib.training.checkpoint import Checkpoints, load_velocities, load_weights
from alexnet_lib.training.class_weights import class_weights
from alexnet_lib.training.evaluate import evaluate
from alexnet_lib.training.freezing import freeze, keep_frozen_statistics
from alexnet_lib.training.inputs import InputForm, as_batches, as_pair
from alexnet_lib.training.progress import TrainingProgress
from alexnet_lib.training.recipe import INITS, Recipe, learning_rate
from alexnet_lib.training.recording import new_run, recorded_recipe
from alexnet_lib.training.run import Epoch, Run
from alexnet_lib.training.same_images import check_equal_classes, check_resumed_images
from alexnet_lib.training.step import Step, normalizes_by_batch

CHECK_EVERY = 20  # steps between looks at the losses: each look makes a GPU wait


def fit(
    model, train, validation, recipe, *,
    device=None, report=None, checkpoints=None, until=None, compile=False,
):  # fmt: skip
    """Trains `model` in place and returns its `Run`.

    train, validation   each an `ImageSet` or `ImageFiles`; a `DataLoader` or other batches of
                        (images, labels) with a length; or a data set of pairs (image, label).
                        `as_pair` (training/inputs) says which forms of images and labels it reads
    recipe              a `Recipe`: how to train
    device              a name or a `torch.device`; None takes the best one here
    report              called with the run after each epoch: a live figure, a log
    checkpoints         `Checkpoints`: the folder for one after each epoch, the one to resume from
    until               a training error (a fraction): the first epoch that reaches it is the last
    compile             let `torch.compile` fuse the operations of the network. It pays where
                        training takes many minutes; where it fails, a warning, and training
                        without it

    Weights and images are in torch's channels-last layout, which is faster, except those of a net
    that flattens by `x.view(len(x), -1)`: see `InputForm`.

    A net with batch normalization is not trained on a last batch of one image: its statistics
    would be that image's alone. Images are shuffled, so that each epoch leaves out another one.

    The random draws of each epoch have a seed of their own, so that equal seeds give equal weights
    on a CPU, resumed or not. Ctrl-C ends the training with a warning; the run of the complete
    epochs is returned, with `interrupted` set to True. A checkpoint that is being written is
    completed first. A net that is no better than guessing after the first epoch is a warning, too.

    Within `process_group` (base/process_group) several processes train the same network. The
    batches of the recipe are those of all processes together, order and augmentation are those of a
    single process, and each process draws dropout for its own images. So equal seeds give equal
    weights for equal numbers of processes. The first process writes and reports.

    Raises ValueError or TypeError for data that does not suit the network, and for other images
    than those that the run to resume was started on; MemoryError where a step needs more memory
    than is free, FloatingPointError where the loss is no longer finite, OSError where the
    checkpoints' folder cannot be written or another program writes to it.

    On a CPU steps of small networks are faster after `keep_freed_memory` (base/device). It changes
    how the whole process allocates memory, so the program decides, not this function: the course's
    notebooks, its command line and its benchmarks call it.
    """
    _check_kind("recipe", recipe, Recipe, "RECIPES['fast']")
    checkpoints = checkpoints or Checkpoints()
    _check_kind("checkpoints", checkpoints, Checkpoints, "Checkpoints(folder, net)")
    device = pick_device(device)
    images, train = train, as_batches(train, recipe, "training", checkpoints.statistics, device)
    statistics = getattr(train, "statistics", None)
    if statistics is None and isinstance(validation, ImageSet | ImageFiles):
        note(
            "the training batches do not say how their colors are normalized, and the validation "
            "images are normalized by their own colors: give batches of these, too, that are "
            "prepared as those for training are"
        )
    validation = as_batches(validation, recipe, "validation", statistics, device)
    check_equal_classes(train, validation)
    checkpoints.check(model)
    with checkpoints.locked():
        freeze(model, recipe.freeze)
        best = None
        if checkpoints.resume:
            check_resumed_images(checkpoints.resume, recipe, images, train, validation)
            load_weights(model, checkpoints.resume)
            run, best = Run.from_dict(checkpoints.resume["run"]), _kept(checkpoints.resume, recipe)
            run.recipe = recorded_recipe(recipe, train)  # maybe with more epochs than before
            _check_world_size(run)
        else:
            if recipe.init:
                torch.manual_seed(recipe.seed)
                INITS[recipe.init](model)
            run = new_run(model, train, validation, recipe, device, checkpoints.name)
        model.to(device, memory_format=InputForm.of(model).layout)
        step = Step(model, recipe, device, compile, class_weights(recipe, train))
        if isinstance(train, Batches):
            step.check(train.shape)  # before a batch of this shape is in memory
        if checkpoints.resume:
            load_velocities(step.optimizer, checkpoints.resume)
        try:
            with TrainingProgress(recipe.epochs, len(train), len(run.epochs)) as progress:
                while not run.is_complete and not _has_reached(until, run):
                    row, doubt = _epoch(
                        model, train, validation, recipe, run.epochs, step, progress
                    )
                    with interrupts_held():
                        run.epochs.append(row)
                        if recipe.keep_best and run.best_epoch is row:
                            best = copy.deepcopy(model.state_dict())
                        checkpoints.save(model, step.optimizer, train, run, best)
                        if report and is_first():
                            report(run)
                    progress.show_accuracy(row.validation_top1)
                    if doubt:
                        warnings.warn(doubt, Note, stacklevel=2)
        except KeyboardInterrupt:
            run.interrupted = True
            done = len(run.epochs)
            words = f"interrupted after {done} complete epoch{'s' * (done != 1)}"
            warnings.warn(words, Note, stacklevel=2)
        if best:
            model.load_state_dict(best)
    return run


def _check_kind(name, value, kind, example):
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {shown(value)}; expected a {kind.__name__}, such as {example}")


def _kept(content, recipe):
    """The weights of the best epoch in a checkpoint; None where the recipe does not keep them.

    Raises ValueError where it does, and the run before did not.
    """
    if recipe.keep_best and content["best"] is None and content["run"]["epochs"]:
        raise ValueError(
            "the run to resume did not keep the weights of its best epoch, which may have been an "
            "earlier one: resume it with keep_best=False, or start a new run"
        )
    return content["best"] if recipe.keep_best else None


def _check_world_size(run):
    """Records how many processes train from here on, with a note where there were others before."""
    before, run.world_size = run.world_size, share().world_size
    if before != run.world_size:
        note(
            f"the run was trained by {before} and is continued by {run.world_size} processes: "
            f"the weights will differ from those of a run that was not stopped"
        )


def _has_reached(until, run):
    return until is not None and bool(run.epochs) and run.final("train_error") <= until


def _epoch(model, train, validation, recipe, epochs, step, progress):
    """One pass over the training images and one over the validation images.

    Returns an `Epoch`, and after the first what `words_at_chance` says, else None.
    """
    number, began = len(epochs), time.perf_counter()
    _seed_epoch(train, recipe, number)
    model.train()
    keep_frozen_statistics(model)
    loss, error, losses = _train(train, recipe, epochs, step, progress)
    seconds = time.perf_counter() - began
    share_buffers(model)
    seen = evaluate(model, validation)
    doubt = None if epochs else words_at_chance(seen, losses, recipe)
    row = Epoch(
        epoch=number + 1,
        learning_rate=step.optimizer.param_groups[0]["lr"],
        train_loss=loss,
        train_error=error,
        validation_loss=seen.loss,
        validation_top1=seen.top1,
        validation_top5=seen.top5,
        seconds=round(seconds, 3),
    )
    return row, doubt


def _seed_epoch(batches, recipe, number):
    """Seeds the order, crops and dropout of an epoch. Each process draws its own dropout."""
    seed, (rank, world_size) = (recipe.seed + 1) * 1_000_003 + number, share()
    if world_size > 1:
        batches.draws.manual_seed(seed % 2**63)  # the same in all processes
        seed += (rank + 1) << 40
    torch.manual_seed(seed % 2**63)


def _train(batches, recipe, epochs, step, progress):
    """One pass in which each batch updates the weights once.

    Returns the mean loss and error over the images, which class weights weigh in the loss, and the
    loss of each step, (steps,).
    """
    losses, sizes, counts, wrong, steps = [], [], [], 0, len(batches)
    progress.begin_epoch(len(epochs) + 1)
    for number, batch in enumerate(batches):
        images, labels = as_pair(batch, step.form)
        if number and _has_one_image(batches, number, images) and normalizes_by_batch(step.model):
            progress.end_batch()
            continue
        rate = learning_rate(recipe, epochs, (len(epochs) + number / steps) / recipe.epochs)
        loss, logits, labels = step(images, labels, rate)
        losses.append(loss)
        sizes.append(len(labels))
        counts.append(step.count(labels))
        wrong = wrong + (logits.argmax(1) != labels).sum()
        progress.end_batch()
        if (number + 1) % CHECK_EVERY == 0:
            _check_finite(losses, len(epochs) * steps, rate, recipe)
            progress.show_loss(losses[-1].item())
    if not losses:
        raise ValueError(
            f"the training data gave no batch in epoch {len(epochs) + 1}: give batches that can be "
            f"read again in each epoch, such as a DataLoader or a list"
        )
    _check_finite(losses, len(epochs) * steps, rate, recipe)
    progress.show_loss(losses[-1].item())
    images, counts = int(total(torch.tensor(sum(sizes)))), total(torch.stack(counts).cpu().double())
    losses = torch.stack(losses).cpu().double()
    loss = (losses * counts).sum() / (counts.sum() or 1)  # where no image counts, it is 0
    return loss.item(), int(total(torch.tensor(int(wrong)))) / images, losses


def _has_one_image(batches, number, images):
    """Whether a process has one image of a batch, or none. All processes give the same answer."""
    if share().world_size == 1:
        return len(images) == 1
    return batches.images_in(number) < 2 * share().world_size


def _check_finite(losses, before, rate, recipe):
    """Raises FloatingPointError that names the first step whose loss is not finite."""
    recent = torch.stack(losses[-CHECK_EVERY:]).isfinite().tolist()
    if not all(recent):
        step = before + len(losses) - len(recent) + recent.index(False) + 1
        others = ["a learning rate ten times smaller"]
        others += ["He initialization"] * (recipe.init not in (None, "he"))
        others += ["pixels divided by their standard deviation"] * (recipe.scale != "unit")
        raise FloatingPointError(
            f"the loss is no longer finite at step {step} (learning rate {rate:.4g}).\n"
            f"Try {' or '.join(others)}."
        )
