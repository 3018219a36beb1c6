"""Mean, standard deviation and principal components of the colors of images."""

from typing import NamedTuple

import torch

from alexnet_lib.data.image_set import ImageFiles

CHUNK = 2**14  # pixels worked on at once: few enough for the cache
SAMPLE = 2000  # images read of a folder that is too large for memory


class ColorStatistics(NamedTuple):
    """Mean (3,), standard deviation (3,) and principal components (3, 3) of the pixels' colors.

    All are on the scale of the stored pixels, 0 to 255. Column i of `components` is the i-th
    eigenvector of the RGB covariance times the square root of its eigenvalue, as in the
    authors' code of 2012; section 4.1 says the eigenvalue itself.
    """

    mean: torch.Tensor
    std: torch.Tensor
    components: torch.Tensor


def color_statistics(data):
    """The `ColorStatistics` of an `ImageSet`, or of 2,000 images of an `ImageFiles`.

    Raises ValueError where there are no images.
    """
    if not len(data):
        raise ValueError("there are no images whose colors could be measured")
    images = data.sample(SAMPLE).images if isinstance(data, ImageFiles) else data.images
    total = torch.zeros(3, dtype=torch.float64)
    products = torch.zeros(3, 3, dtype=torch.float64)
    pixels_of_each = max(1, images.shape[2] * images.shape[3])
    for chunk in images.split(max(1, CHUNK // pixels_of_each)):
        # (3, pixels); float32 would lose the deviations of images with little contrast
        pixels = chunk.transpose(0, 1).reshape(3, -1).double() - 127.5
        total += pixels.sum(1)
        products += pixels @ pixels.T
    count = images.shape[0] * images.shape[2] * images.shape[3]
    mean = total / count
    covariance = products / count - torch.outer(mean, mean)
    eigenvalues, eigenvectors = torch.linalg.eigh(covariance)
    components = eigenvectors * eigenvalues.clamp(min=0).sqrt()
    std = covariance.diagonal().clamp(min=1e-6).sqrt()
    return ColorStatistics(mean.float() + 127.5, std.float(), components.float())
