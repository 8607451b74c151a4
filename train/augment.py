"""Random changes of training films, a batch at a time, on whatever device the batch lies."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from train.recipe import Augmentation


def _uniform(count: int, spread: float, generator: torch.Generator) -> Tensor:
    return (torch.rand(count, generator=generator) * 2 - 1) * spread


def affine(n: int, how: Augmentation, generator: torch.Generator) -> Tensor:
    """Random rotation, scale, shift and flip: affine matrices (n, 2, 3) from output to input, in units of half the side."""
    angle = _uniform(n, math.radians(how.rotation), generator)
    zoom = torch.exp(_uniform(n, math.log1p(how.scale), generator))
    mirror = torch.where(torch.rand(n, generator=generator) < how.flip, -1.0, 1.0)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = zoom * angle.cos() * mirror, -zoom * angle.sin()
    theta[:, 1, 0], theta[:, 1, 1] = zoom * angle.sin() * mirror, zoom * angle.cos()
    theta[:, :, 2] = _uniform(2 * n, 2 * how.shift, generator).view(n, 2)
    return theta


def transform(x: Tensor, theta: Tensor, padding: str = "border") -> Tensor:
    """Pictures or masks (N, C, H, W), float, moved by ``theta`` (N, 2, 3); what comes in from outside is the nearest edge, or
    nothing with ``padding`` "zeros"."""
    grid = F.affine_grid(theta.to(x.device), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode=padding, align_corners=False)


def augment(films: Tensor, how: Augmentation, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Changes ``films`` (N, 1, S, S), uint8 or float grey levels 0 to 255, into float32 of the same shape and range, and gives
    the affine matrices (N, 2, 3) that moved them.

    Geometry first, then grey levels (gamma, contrast, brightness), then one blanked rectangle. All numbers come from
    ``generator``, a CPU generator, so that a seed gives the same films on every device.
    """
    n, _, size, _ = films.shape
    theta = affine(n, how, generator)
    x = transform(films.float() / 255.0, theta)
    column = (n, 1, 1, 1)
    gamma = torch.exp(_uniform(n, how.gamma, generator)).view(column).to(x.device)
    gain = torch.exp(_uniform(n, how.contrast, generator)).view(column).to(x.device)
    lift = _uniform(n, how.brightness, generator).view(column).to(x.device)
    x = ((x.clamp(0, 1) ** gamma - 0.5) * gain + 0.5 + lift).clamp(0, 1)
    hit = torch.rand(n, generator=generator) < how.erase
    boxes = torch.rand(n, 4, generator=generator)
    for i in torch.nonzero(hit).flatten().tolist():
        height, width = (int(size * (0.1 + 0.2 * float(v))) for v in boxes[i, :2])
        top, left = int((size - height) * float(boxes[i, 2])), int((size - width) * float(boxes[i, 3]))
        x[i, :, top : top + height, left : left + width] = 0.5
    return x * 255.0, theta


def mixup(films: Tensor, targets: Tensor, alpha: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Blends each film and its targets with another's of the batch (Zhang et al., ICLR 2018); ``alpha`` 0 changes nothing.

    The blend is symmetric Beta(alpha, alpha), one weight a batch, folded to at least a half.
    """
    if alpha <= 0:
        return films, targets
    draw = torch._sample_dirichlet(torch.tensor([[alpha, alpha]]), generator=generator)[0, 0]
    share = float(draw.clamp(min=1 - draw))
    other = torch.randperm(len(films), generator=generator).to(films.device)
    return films * share + films[other] * (1 - share), targets * share + targets[other] * (1 - share)
