"""Mean, standard deviation and principal components of the colors of images."""

from typing import NamedTuple

import torch

from alexnet_lib.data.image_set import ImageFiles

CHUNK = 2**19  # pixels whose float32 sums are exact enough to be added up in float64
SAMPLE = 2000  # images read for the statistics of a folder too large for memory


class ColorStatistics(NamedTuple):
    """Mean (3,), standard deviation (3,) and principal components (3, 3) of the pixels' colors.

    In units of the stored pixels, 0 to 255. Column i of `components` is the i-th
    eigenvector of the RGB covariance times the square root of its eigenvalue, as in the
    2012 code; section 4.1 prints the eigenvalue itself.
    """

    mean: torch.Tensor
    std: torch.Tensor
    components: torch.Tensor


def color_statistics(data):
    """The `ColorStatistics` of an `ImageSet`; of 2,000 of the images of an `ImageFiles`."""
    images = data.sample(SAMPLE).images if isinstance(data, ImageFiles) else data.images
    total = torch.zeros(3, dtype=torch.float64)
    products = torch.zeros(3, 3, dtype=torch.float64)
    pixels_of_each = max(1, images.shape[2] * images.shape[3])
    for chunk in images.split(max(1, CHUNK // pixels_of_each)):
        pixels = chunk.transpose(0, 1).reshape(3, -1) - 127.5  # keeps float32 precise
        total += pixels.sum(1)
        products += pixels @ pixels.T
    count = images.shape[0] * images.shape[2] * images.shape[3]
    mean = total / count
    covariance = products / count - torch.outer(mean, mean)
    eigenvalues, eigenvectors = torch.linalg.eigh(covariance)
    components = eigenvectors * eigenvalues.clamp(min=0).sqrt()
    std = covariance.diagonal().clamp(min=1e-6).sqrt()
    return ColorStatistics(mean.float() + 127.5, std.float(), components.float())
