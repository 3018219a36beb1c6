"""What `train --dry-run` does: it measures speed and memory, and writes nothing."""


def dry_run(model, train, validation_images, recipe, device, compile):
    """Trains for a few seconds and prints what the complete run would take."""
    from alexnet_lib.base.device import free_memory, keep_freed_memory
    from alexnet_lib.training.estimate import duration, step_memory, training_speed
    from alexnet_lib.training.step import Step

    keep_freed_memory()
    model.to(device)
    batches = recipe.batches(train, train=True, device=device)
    memory, step = step_memory(model, batches.shape[1:]), Step(model, recipe, device, compile)
    step.check(batches.shape)
    speed = training_speed(step, batches, recipe.learning_rate)
    epoch = (len(train) + validation_images / 3) / speed  # evaluating takes about a third
    print(f"{speed:,.0f} images/s")
    print(f"an epoch takes about {duration(epoch)}, all {duration(recipe.epochs * epoch)}")
    free = free_memory(device)
    needed = f"about {(memory.fixed + memory.per_image * batches.shape[0]) / 1e9:.1f} GB of memory"
    print(needed + (f", {free / 1e9:.1f} GB are free" if free else ""))
