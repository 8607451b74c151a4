"""Odd films made from ordinary ones, and pictures that are no films: what the input check is trained and tested with.

``spoil`` makes one oddity exactly, for tests. ``vary`` makes a batch of them at random, for training. ``negatives`` draws
pictures that are no chest films, in families, so that a family can be kept from training.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional as F

from chexview.model.input_check import FLAT, SIDE, InputKind

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

QUARTERS = {InputKind.TURNED_90: 1, InputKind.TURNED_180: 2, InputKind.TURNED_270: 3}
"""Quarter turns clockwise."""


MIXTURE = {
    InputKind.ORDINARY: 48,
    InputKind.INVERTED: 10,
    InputKind.TURNED_90: 9,
    InputKind.TURNED_180: 9,
    InputKind.TURNED_270: 9,
    InputKind.NOT_FRONTAL: 12,
    InputKind.NOT_CHEST: 15,
    InputKind.CROPPED: 16,
}
"""Pictures of each kind in a batch. Not-frontal films are few, and each is seen very often."""


def spoil(film: Bytes, kind: InputKind, window: tuple[float, float, float] | None = None) -> Bytes:
    """An upright film (S, S) made odd: inverted, turned, or cropped to ``window`` (top, left, side as shares) and enlarged.

    Raises ValueError for a kind that cannot be made from an ordinary film.
    """
    if kind in QUARTERS:
        return np.ascontiguousarray(np.rot90(film, -QUARTERS[kind]))
    if kind is InputKind.INVERTED:
        return 255 - film
    if kind is InputKind.CROPPED and window is not None:
        size = len(film)
        top, left, side = (round(share * size) for share in window)
        part = Image.fromarray(film[top : top + side, left : left + side].astype(np.float32))
        return np.floor(np.asarray(part.resize((size, size), Image.Resampling.BILINEAR)) + 0.5).astype(np.uint8)
    raise ValueError(f"no ordinary film becomes {kind}")


TONED = {
    "greys divided by 2": InputKind.DARK,
    "greys divided by 4": InputKind.DARK,
    "greys divided by 8": InputKind.DARK,
    "greys divided by 16": InputKind.DARK,
    "greys of the brightest quarter": InputKind.BRIGHT,
    "greys of the brightest sixteenth": InputKind.BRIGHT,
    "3 greys": InputKind.FEW_GREYS,
    "4 greys": InputKind.FEW_GREYS,
    "6 greys": InputKind.FEW_GREYS,
    "8 greys": InputKind.FEW_GREYS,
    "16 greys": InputKind.FEW_GREYS,
}
"""Pictures that a wrong depth gives, by how they are made, and what they are."""


def toned(film: Bytes, how: str) -> Bytes:
    """A film (S, S) whose greys are spoilt as an entry of ``TONED`` says. Raises KeyError for any other."""
    if TONED[how] is InputKind.DARK:
        return np.asarray(film // int(how.rsplit(" ", 1)[1]), dtype=np.uint8)
    if TONED[how] is InputKind.BRIGHT:
        return np.asarray(255 - (255 - film) // (4 if how.endswith("quarter") else 16), dtype=np.uint8)
    count = int(how.split(" ", 1)[0])
    return np.asarray(film.astype(np.int64) * count // 256 * 255 // (count - 1), dtype=np.uint8)


def standardise(films: Tensor) -> Tensor:
    """What ``input_check.reduce`` does after its average: films (N, 1, 64, 64) in grey levels, blurred, mean 0, spread 1."""
    tall = F.pad(films, (0, 0, 1, 1), mode="replicate")
    wide = F.pad((tall[:, :, :-2] + 2 * films + tall[:, :, 2:]) / 4, (1, 1, 0, 0), mode="replicate")
    blurred = (wide[..., :-2] + 2 * wide[..., 1:-1] + wide[..., 2:]) / 4
    mean = blurred.mean((-2, -1), keepdim=True)
    return (blurred - mean) / blurred.std((-2, -1), keepdim=True, correction=0).clamp(min=FLAT)


def halved(films: Iterable[Bytes]) -> Tensor:
    """Films as ``vary`` takes them: uint8 (N, 1, 128, 128), averaged by area."""
    small = [np.asarray(Image.fromarray(film).resize((2 * SIDE, 2 * SIDE), Image.Resampling.BOX)) for film in films]
    return torch.from_numpy(np.stack(small))[:, None]


def vary(films: Tensor, kinds: list[InputKind], generator: torch.Generator) -> Tensor:
    """Films uint8 (N, 1, 128, 128), each made into its kind and varied at random: float32 (N, 1, 64, 64), standardised.

    At twice the side, sampling between four pixels is their average, as in ``input_check.reduce``.
    Not-frontal films and pictures that are no films are such already, and only varied; all others must be ordinary. Films
    are flipped as well: the check does not judge on which side the heart lies.
    """
    count = len(films)

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(count, generator=generator) * (high - low) + low

    cropped = torch.tensor([kind is InputKind.CROPPED for kind in kinds])
    inverted = torch.tensor([kind is InputKind.INVERTED for kind in kinds])
    turned = torch.tensor([float(QUARTERS.get(kind, 0)) for kind in kinds])
    framed = uniform(0, 1) < 0.12
    zoom = torch.where(framed, uniform(1.15, 1.8), uniform(0.78, 1.15))
    stretch = torch.exp(uniform(-1, 1) * torch.where(uniform(0, 1) < 0.15, 0.5, 0.12))
    zoom = torch.where(cropped, uniform(0.35, 0.55), zoom)
    narrow = cropped & (uniform(0, 1) < 0.3)  # much is missing along one side, less along the other
    other = torch.where(narrow, uniform(0.6, 0.95), zoom * stretch)
    across = uniform(0, 1) < 0.5
    width, height = torch.where(across, zoom, other), torch.where(across, other, zoom)
    free = torch.where(cropped, 1.0, 0.5)
    x = uniform(-1, 1) * (1 - width).abs() * free + torch.where(cropped, 0.0, uniform(-0.06, 0.06))
    y = uniform(-1, 1) * (1 - height).abs() * free + torch.where(cropped, 0.0, uniform(-0.06, 0.06))
    tilt = torch.where(cropped, 0.5, 1.0) * uniform(-1, 1) ** 3 * math.radians(20)
    seen = _sampled(films, turned, tilt, width, height, x, y, uniform)
    seen = torch.where(inverted[:, None, None, None], 1 - seen, seen)
    return standardise(_shaded(seen, uniform, generator) * 255)


def _sampled(
    films: Tensor,
    turned: Tensor,
    tilt: Tensor,
    width: Tensor,
    height: Tensor,
    x: Tensor,
    y: Tensor,
    uniform: Callable[[float, float], Tensor],
) -> Tensor:
    """Films as grey 0..1 (N, 1, 64, 64): the window of each film, tilted, flipped by chance, then turned."""
    flip = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    cos, sin = torch.cos(tilt), torch.sin(tilt)
    window = torch.stack(
        [
            torch.stack([flip * cos * width, -sin * height, x], 1),
            torch.stack([flip * sin * width, cos * height, y], 1),
        ],
        1,
    )
    angle = turned * (math.pi / 2)
    cos, sin = torch.cos(angle), torch.sin(angle)
    turn = torch.stack([torch.stack([cos, sin], 1), torch.stack([-sin, cos], 1)], 1)
    theta = torch.cat([window[:, :, :2] @ turn, window[:, :, 2:]], 2)
    grid = F.affine_grid(theta, [len(films), 1, SIDE, SIDE], align_corners=False)
    outside = torch.where(uniform(0, 1) < 0.7, 0.0, torch.where(uniform(0, 1) < 0.7, uniform(0, 0.3), 1.0))
    outside = outside[:, None, None, None]
    grey = films.float() / 255
    return F.grid_sample(grey - outside, grid, align_corners=False) + outside


def _shaded(seen: Tensor, uniform: Callable[[float, float], Tensor], generator: torch.Generator) -> Tensor:
    """Other windows, gammas, sharpness and grain, and now and then a marker near the edge."""

    def each(low: float, high: float) -> Tensor:
        return uniform(low, high)[:, None, None, None]

    low, high = each(-0.05, 0.15), each(0.75, 1.05)
    windowed = ((seen - low) / (high - low)).clamp(0, 1)
    seen = torch.where(each(0, 1) < 0.5, windowed, seen.clamp(0, 1)) ** torch.exp(each(-0.6, 0.6))
    row, column = torch.arange(SIDE)[:, None], torch.arange(SIDE)
    top, left, tall, wide = each(0, SIDE), each(0, SIDE), each(2, 10), each(2, 14)
    left = torch.where(left < SIDE / 2, left / 4, SIDE - (SIDE - left) / 4)
    marker = (row >= top) & (row < top + tall) & (column >= left) & (column < left + wide) & (each(0, 1) < 0.25)
    seen = torch.where(marker, (each(0, 1) < 0.7).float(), seen)
    soft = F.avg_pool2d(F.pad(seen, (1, 1, 1, 1), mode="replicate"), 3, 1)
    share = each(0, 1.2).clamp(max=1)
    seen = share * soft + (1 - share) * seen
    return (seen + each(0, 0.03) * torch.randn(seen.shape, generator=generator)).clamp(0, 1)


def _stretched(values: npt.NDArray[np.float64]) -> Bytes:
    low, high = values.min(), values.max()
    return np.asarray(np.round((values - low) / max(high - low, 1e-9) * 255), dtype=np.uint8)


def _cloud(size: int, rng: np.random.Generator, fall: float) -> npt.NDArray[np.float64]:
    """Noise whose amplitude falls with frequency to the power ``fall``: 0 is white, 1 looks like a photograph's texture."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size))
    frequency[0, 0] = 1.0
    shape = frequency.shape
    spectrum = (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / frequency**fall
    spectrum[0, 0] = 0
    return np.asarray(np.fft.irfft2(spectrum, (size, size)), dtype=np.float64)


def noise(size: int, rng: np.random.Generator) -> Bytes:
    """White noise to slow clouds."""
    return _stretched(_cloud(size, rng, rng.uniform(0, 2.5)))


def gradient(size: int, rng: np.random.Generator) -> Bytes:
    """A slope, or rings, of any direction, with little noise."""
    y, x = np.mgrid[:size, :size] / size - rng.uniform(0, 1, 2)[:, None, None]
    angle = rng.uniform(0, 2 * np.pi)
    plain = np.hypot(x, y) if rng.random() < 0.4 else x * np.cos(angle) + y * np.sin(angle)
    return _stretched(plain * rng.choice([-1, 1]) + rng.normal(0, rng.uniform(0, 0.1), (size, size)))


def board(size: int, rng: np.random.Generator) -> Bytes:
    """A checkerboard or stripes, tilted."""
    y, x = np.mgrid[:size, :size]
    angle, step = rng.uniform(0, np.pi), rng.uniform(6, size / 2.5, 2)
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    stripes = np.sin(2 * np.pi * u / step[0])
    pattern = stripes if rng.random() < 0.4 else stripes * np.sin(2 * np.pi * v / step[1])
    return _stretched(np.sign(pattern) if rng.random() < 0.6 else pattern)


def text(size: int, rng: np.random.Generator) -> Bytes:
    """A page of letters, black on white or white on black."""
    page = Image.new("L", (size, size), int(rng.integers(200, 256)))
    draw = ImageDraw.Draw(page)
    height = float(rng.uniform(7, 40))
    for line in range(int(size / height / 1.3) + 1):
        letters = "".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz ABC 0123 .,"), int(2 * size / height)))
        if rng.random() < 0.85:
            at = float(rng.uniform(0, 20)), line * height * 1.3
            draw.text(at, letters, fill=int(rng.integers(0, 90)), font_size=height)
    drawn = np.asarray(page)
    return np.array(255 - drawn if rng.random() < 0.4 else drawn)


def shapes(size: int, rng: np.random.Generator) -> Bytes:
    """Ellipses, bars and polygons over a cloud."""
    picture = Image.fromarray(_stretched(_cloud(size, rng, rng.uniform(1, 2))))
    if rng.random() < 0.5:
        picture = Image.new("L", (size, size), int(rng.integers(0, 256)))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(1, 10))):
        fill = int(rng.integers(0, 256))
        left, top = rng.uniform(-0.2, 0.9, 2) * size
        wide, tall = rng.uniform(0.05, 0.8, 2) * size
        choice = rng.integers(3)
        if choice == 0:
            draw.ellipse((left, top, left + wide, top + tall), fill=fill)
        elif choice == 1:
            draw.rectangle((left, top, left + wide, top + tall), fill=fill)
        else:
            draw.polygon([(float(a), float(b)) for a, b in rng.uniform(0, size, (3, 2))], fill=fill)
    return np.array(picture)


def limbs(size: int, rng: np.random.Generator) -> Bytes:
    """What films of limbs and skulls have: soft grey bodies on black, with brighter bones of bright rims in them."""
    y, x = np.mgrid[:size, :size] / size - 0.5
    grey = np.zeros((size, size))
    turn = rng.uniform(0, np.pi)
    for _ in range(int(rng.integers(1, 6))):
        angle = turn + rng.normal(0, 0.25)
        across = rng.uniform(-0.4, 0.4)
        u, v = x * np.cos(angle) + y * np.sin(angle) - across, y * np.cos(angle) - x * np.sin(angle)
        half = rng.uniform(0.05, 0.3)
        longest = rng.uniform(0.25, 0.9)
        body = np.sqrt(np.clip(1 - (u / half) ** 2 - (v / longest) ** 4, 0, 1))
        bone = np.clip(1 - (u / half / 0.5) ** 2 - (v / longest / 0.9) ** 6, 0, 1)
        rim = bone * (1 - bone) * 3
        grey = np.maximum(grey, rng.uniform(0.2, 0.5) * body + rng.uniform(0.1, 0.5) * (bone + rim))
    grain = _cloud(size, rng, 1.0)
    return _stretched(grey + grain / grain.std() * rng.uniform(0.005, 0.04))


FAMILIES: dict[str, Callable[[int, np.random.Generator], Bytes]] = {
    "noise": noise,
    "gradient": gradient,
    "board": board,
    "text": text,
    "shapes": shapes,
    "limbs": limbs,
}


def scrambled(film: Bytes, rng: np.random.Generator) -> Bytes:
    """A film whose frequencies keep their strength and lose their place: its texture without a chest in it."""
    spectrum = np.fft.rfft2(film.astype(np.float64))
    phases = np.angle(np.fft.rfft2(rng.normal(size=film.shape)))
    return _stretched(np.fft.irfft2(np.abs(spectrum) * np.exp(1j * phases), film.shape))


def shuffled(film: Bytes, rng: np.random.Generator) -> Bytes:
    """A film cut into 9 or 16 tiles that lie in another order."""
    parts = int(rng.integers(3, 5))
    side = len(film) // parts
    tiles = [film[r * side : (r + 1) * side, c * side : (c + 1) * side] for r in range(parts) for c in range(parts)]
    order = rng.permutation(len(tiles))
    mixed = np.block([[tiles[order[r * parts + c]] for c in range(parts)] for r in range(parts)])
    return np.pad(mixed, (0, len(film) - len(mixed)), mode="edge")


DRAWN = (*FAMILIES, "scrambled", "shuffled")
"""The families of pictures that are no chest films."""


def negatives(films: Bytes, families: Iterable[str], each: int, rng: np.random.Generator) -> Bytes:
    """Pictures that are no chest films, uint8 (N, S, S): ``each`` of every family.

    ``films`` (M, S, S) are those that scrambled and shuffled ones are made from.
    """
    changes = {"scrambled": scrambled, "shuffled": shuffled}
    made = []
    for family in families:
        if family in changes:
            made += [changes[family](films[row], rng) for row in rng.integers(0, len(films), each).tolist()]
        else:
            made += [FAMILIES[family](films.shape[-1], rng) for _ in range(each)]
    return np.stack(made)
