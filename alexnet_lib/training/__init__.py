"""From batches to a trained network and its record.

recipe.py            how to train: everything except the network and the data
inputs.py            images and labels in the forms that other tools hand over
fit.py               the training loop; step.py: one update of the weights
chance.py            what `fit` says of a net that is no better than guessing
same_images.py       whether images belong together: to one net, to the run that is resumed
pretrained.py        weights to start from; freezing.py: parts that stay as they are
class_weights.py     how much an image of each class counts in the loss
suited.py            the learning rate and the batches that suit a network
evaluate.py          how well a network does on a set of images
features.py          what it computes inside; attribution.py: which pixels an answer depends on
run.py               the record of a training run (imports no torch); recording.py makes it
checkpoint.py        what is needed to resume a run, or to use its network elsewhere;
                     checkpoint_checks.py: every value in it is checked before it is used
predictor.py         a trained network, ready to classify images
shipped.py           the one that comes with the course
export_onnx.py       a trained network for programs without torch
estimate.py          memory and time, before training starts
progress.py          progress bars; tensorboard_log.py: the numbers of each epoch for TensorBoard
"""
