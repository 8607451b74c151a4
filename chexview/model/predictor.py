"""The predictor: films to readings, with one network for all users of the process.

PyTorch, which takes seconds to load, is imported by what computes with it: a page is there before it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chexview.calibration import Calibration
from chexview.errors import SettingsError
from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph
from chexview.model.card import Card
from chexview.model.checkpoint import Checkpoint
from chexview.model.eye import Sight, eye
from chexview.model.reading import FindingScore, Reading

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from chexview.model.network import ClassMapNetwork

BATCH = 8
"""Films in one forward; more gains nothing on a CPU and little on a GPU at these sizes."""

Scores = npt.NDArray[np.float32]


def choose_device(wanted: str | None) -> torch.device:
    """``wanted`` ("cpu", "cuda"), or CUDA if there is one. Raises SettingsError if CUDA is wanted and missing."""
    import torch

    if wanted == "cuda" and not torch.cuda.is_available():
        raise SettingsError("CHEXVIEW_DEVICE asks for cuda, but PyTorch sees none; unset it to run on the CPU.")
    return torch.device(wanted or ("cuda" if torch.cuda.is_available() else "cpu"))


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def use_all_cores() -> None:
    """Sets PyTorch's threads to the cores this process may use, or leaves them at OMP_NUM_THREADS; more is many times slower."""
    import torch

    if not os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(usable_cores())


def use_one_core_a_forward() -> None:
    """One thread a forward, so that as many forwards as there are cores run side by side.

    Threads of one forward wait for each other after every layer, some 400 times: where other work keeps a core busy, 40
    forwards of one film took 105 s on two threads and 25 s on one.
    """
    import torch

    torch.set_num_threads(1)


FORWARDS = 4
"""Batches that are scored side by side at most, for each holds its feature maps in memory."""


def use_cores_side_by_side() -> int:
    """Shares the cores among forwards of batches, as few threads to each as keep all cores busy; how many may run at once.

    The cores are those that this process may use, or OMP_NUM_THREADS. Threads of one forward would wait for each other after
    every layer, the longer as decoders keep cores busy.
    """
    import torch

    limit = os.environ.get("OMP_NUM_THREADS", "")
    cores = int(limit) if limit.isdecimal() and int(limit) > 0 else usable_cores()
    at_once = min(cores, FORWARDS)
    torch.set_num_threads(cores // at_once)
    return at_once


class Predictor:
    """Reads films with one checkpoint, whose network it takes over. Safe to share between sessions: forwards take turns.

    ``at_once`` forwards may run at the same time. Everything is float32, also inside convolutions on CUDA. With ``half``,
    convolutions on CUDA run in bfloat16 (float16 where the card has none): logits then agree to about 0.05. Class maps and
    logits are summed in float32 in any case.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device, half: bool = False, at_once: int = 1) -> None:
        import torch

        self.card: Card = checkpoint.card
        self.device = device
        self._network = checkpoint.network.to(device).to(memory_format=torch.channels_last).eval()
        self.bias: Scores = np.asarray(checkpoint.network.classifier.bias.detach().cpu(), dtype=np.float32)
        """The biases of the findings, float32 (K,): ``contributions(maps).sum((-2, -1)) + bias == logits``."""
        self.at_once = at_once
        self._turn = threading.BoundedSemaphore(at_once)
        self._half = torch.bfloat16
        self._autocast = half and device.type == "cuda"
        if device.type == "cuda":
            torch.backends.cudnn.allow_tf32 = False
            torch.backends.cuda.matmul.allow_tf32 = False
            if not torch.cuda.is_bf16_supported(including_emulation=False):
                self._half = torch.float16

    def forward(self, pictures: npt.NDArray[np.uint8]) -> tuple[Scores, Scores]:
        """Network inputs uint8 (N, S, S) to ``(logits, maps)``, float32 (N, K) and (N, K, S/stride, S/stride)."""
        logits, maps, _ = self.forward_with_features(pictures)
        return logits, maps

    def forward_with_features(self, pictures: npt.NDArray[np.uint8]) -> tuple[Scores, Scores, Scores]:
        """Likewise ``(logits, maps, features)``: features float32 (N, C) are the means of the last feature maps.

        They come from the same forward, and are what a run's embedding is made of.
        """
        import torch

        logits: list[Tensor] = []
        maps: list[Tensor] = []
        features: list[Tensor] = []
        for start in range(0, len(pictures), BATCH):
            batch = torch.from_numpy(np.ascontiguousarray(pictures[start : start + BATCH]))[:, None]
            with (
                self._turn,
                torch.inference_mode(),
                torch.autocast(self.device.type, dtype=self._half, enabled=self._autocast),
            ):
                seen = self._network.embed(batch.to(self.device).contiguous(memory_format=torch.channels_last))
                z, m = self._network.score(seen)
                means = seen.float().mean((-2, -1))
            logits.append(z.float().cpu())
            maps.append(m.float().cpu())
            features.append(means.cpu())
        return torch.cat(logits).numpy(), torch.cat(maps).contiguous().numpy(), torch.cat(features).numpy()

    def contributions(self, maps: Scores) -> Scores:
        """What each cell of class maps (N, K, H, W) adds to its finding's network output, float32 of the same shape."""
        import torch

        with torch.inference_mode():
            found = self._network.contributions(torch.from_numpy(np.ascontiguousarray(maps)).to(self.device))
        return found.cpu().numpy()

    @contextmanager
    def lend(self) -> Iterator[ClassMapNetwork]:
        """The network itself for one turn, in full precision; it is not to be changed.

        Turns are for single forwards. Whoever hooks or differentiates does so on a twin (:mod:`chexview.model.cam_methods`).
        """
        with self._turn:
            yield self._network

    def read(
        self, films: Sequence[Radiograph], policy: str | None = None, sights: Sequence[Sight] | None = None
    ) -> list[Reading]:
        """One reading a film, in their order, at the operating points of ``policy`` (default: the card's own).

        ``sights`` are the films' network inputs of the card's size, where they were made already. Raises KeyError where
        the card has no operating points for ``policy``.
        """
        if not films:
            return []
        policy = policy or self.card.default_policy
        thresholds = self.card.operating_points[policy] if policy else {}
        start = time.perf_counter()
        if sights is None:
            sights = [eye(grey(film), self.card.input_size) for film in films]
        logits, maps, features = self.forward_with_features(np.stack([sight.picture for sight in sights]))
        seconds = (time.perf_counter() - start) / len(films)
        return [
            self._reading(film, sight, logits[i], maps[i], features[i], policy, thresholds, seconds)
            for i, (film, sight) in enumerate(zip(films, sights, strict=True))
        ]

    def _reading(
        self,
        film: Radiograph,
        sight: Sight,
        logits: Scores,
        maps: Scores,
        features: Scores,
        policy: str,
        thresholds: dict[str, float],
        seconds: float,
    ) -> Reading:
        slopes = np.ones(len(self.bias), np.float32)
        scores = []
        for k, name in enumerate(self.card.findings):
            calibration = self.card.calibration.get(name)
            line = calibration or Calibration(1.0, 0.0)
            slopes[k] = line.slope
            logit = float(logits[k])
            scores.append(
                FindingScore(
                    name=name,
                    logit=logit,
                    log_odds=float(line.log_odds(logit)),
                    probability=float(line.probability(logit)),
                    calibrated=calibration is not None,
                    threshold=None,
                    flagged=False,
                    base=float(line.log_odds(self.bias[k])),
                    slope=line.slope,
                    heatmap_scale=self.card.heatmap_scale(name),
                ).at(thresholds.get(name))
            )
        return Reading(
            checkpoint=self.card.name,
            checkpoint_digest=self.card.weights,
            film_digest=film.digest,
            policy=policy,
            findings=tuple(scores),
            maps=maps,
            cell_contributions=slopes[:, None, None] * self.contributions(maps[None])[0],
            picture=sight.picture,
            rectangle=sight.rectangle,
            cautions=(*(caution.text for caution in film.cautions), *((sight.caution,) if sight.caution else ())),
            seconds=seconds,
            device=str(self.device),
            features=features,
        )
