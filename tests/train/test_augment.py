"""Augmentation keeps shape and range, comes from its seed alone, and does nothing when asked for nothing."""

import torch

from train.augment import augment, mixup
from train.recipe import Augmentation

ALL = Augmentation(0.1, 0.1, 10.0, 0.5, 0.2, 0.1, 0.2, 0.5)


def films() -> torch.Tensor:
    return torch.randint(0, 256, (6, 1, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_nothing_asked_nothing_changed() -> None:
    out, _ = augment(films(), Augmentation(), torch.Generator().manual_seed(1))
    torch.testing.assert_close(out, films().float(), rtol=0, atol=0.01)


def test_a_seed_gives_the_same_films_and_another_seed_others() -> None:
    one, same, other = (augment(films(), ALL, torch.Generator().manual_seed(s))[0] for s in (1, 1, 2))
    assert one.shape == films().shape and one.min() >= 0 and one.max() <= 255
    assert torch.equal(one, same) and not torch.equal(one, other)


def test_flip_mirrors_left_and_right() -> None:
    out, _ = augment(films(), Augmentation(flip=1.0), torch.Generator().manual_seed(1))
    torch.testing.assert_close(out, films().float().flip(-1), rtol=0, atol=0.01)


def test_mixup_blends_films_and_targets_alike() -> None:
    targets = torch.eye(6)
    x, y = mixup(films().float(), targets, 0.4, torch.Generator().manual_seed(3))
    torch.testing.assert_close(x.flatten(1), (y @ films().float().flatten(1)), rtol=0, atol=1e-2)
    same, kept = mixup(films().float(), targets, 0.0, torch.Generator())
    assert torch.equal(same, films().float()) and torch.equal(kept, targets)
