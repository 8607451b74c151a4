"""What a checkpoint's network is made of: the choices that its card names, and nothing that needs torch.

Another architecture is one entry in ``BUILDERS`` of :mod:`chexview.model.network`.
"""

from dataclasses import dataclass
from enum import StrEnum

STRIDES = (16, 32)
"""Pixels of input to one cell of a class map that DenseNet-121 can be built with."""


class Pooling(StrEnum):
    """How a finding's class map M becomes its logit, ``bias + sum of w * M``, with the weights ``w`` of the cells.

    ``MEAN``: every cell weighs 1 / cells (Zhou et al., CVPR 2016). ``ADAPTIVE``: ``w = softmax(a * M)``, ``a`` above 0 and
    learnt for each finding: 0 is the mean, large is the maximum (McFee, Salamon, Bello, TASLP 2018). ``PCAM``:
    ``w = sigmoid(M + bias)``, scaled to a sum of 1 (Ye et al., arXiv:2005.14480).
    """

    MEAN = "mean"
    ADAPTIVE = "adaptive"
    PCAM = "pcam"


@dataclass(frozen=True, slots=True)
class Architecture:
    """``backbone``: a key of ``BUILDERS``. ``stride``: pixels of input to a cell, 32, or 16 where block 4 is dilated in place
    of the last pooling. ``pooling``: how cells become a logit."""

    backbone: str = "densenet121"
    stride: int = 32
    pooling: Pooling = Pooling.MEAN


STANDARD = Architecture()
"""What every checkpoint was before cards named it: DenseNet-121, stride 32, the mean."""
