"""What training starts from: nothing, ImageNet's weights, or another checkpoint."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torchvision

from chexview.errors import DataError, RecipeError
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.architecture import Architecture, Pooling
from chexview.model.network import ClassMapNetwork, build
from train import efficientnet_lite
from train.recipe import Recipe


def new_network(findings: int, recipe: Recipe) -> ClassMapNetwork:
    """The network that a recipe names, freshly initialised. Raises RecipeError for one that there is no builder for."""
    model = recipe.model
    architecture = Architecture(model.backbone, model.stride, Pooling(model.pooling))
    try:
        if model.backbone in efficientnet_lite.SCALES:
            return efficientnet_lite.EfficientNetLite(findings, architecture, model.drop_rate)
        return build(findings, architecture, drop_rate=model.drop_rate)
    except ValueError as error:
        raise RecipeError(f"The recipe's model cannot be built: {error}.") from error


def start(init: str, prevalence: Mapping[str, float], recipe: Recipe) -> ClassMapNetwork:
    """The network to begin with: ``scratch``, ``imagenet``, or the folder of a checkpoint. Raises DataError.

    ``prevalence`` holds the findings in the order of the outputs; a new head starts at its log-odds, or at even odds where
    class weights make both classes weigh alike. The head of a checkpoint is taken over where its findings are the same.
    """
    network = new_network(len(prevalence), recipe)
    even = recipe.loss.class_weights
    network.start_from_prevalence([0.5 if even else share for share in prevalence.values()])
    if init == "imagenet" and isinstance(network, efficientnet_lite.EfficientNetLite):
        network.start_from_imagenet()
    elif init == "imagenet":
        try:
            weights = torchvision.models.densenet121(weights="IMAGENET1K_V1").features.state_dict()
        except OSError as error:
            raise DataError(
                "ImageNet weights could not be fetched, as there is no network; use --init scratch, or fetch them once with "
                "torchvision on this machine while there is one."
            ) from error
        weights["conv0.weight"] = weights["conv0.weight"].sum(1, keepdim=True)
        network.features.load_state_dict(weights, strict=True)
    elif init != "scratch":
        if init.endswith((".pth", ".safetensors")) and isinstance(network, efficientnet_lite.EfficientNetLite):
            network.start_from_imagenet(Path(init))
            return network
        loaded = checkpoint.load(Path(init))
        if loaded.network.mean.numel() > 1:
            raise DataError(
                f"{loaded.card.name} takes colour films (adopted); training goes on from checkpoints of grey ones."
            )
        if loaded.card.findings == tuple(prevalence):
            network.load_state_dict({**network.state_dict(), **loaded.network.state_dict()}, strict=True)
        else:
            network.features.load_state_dict(loaded.network.features.state_dict(), strict=True)
    return network


def origin(init: str) -> dict[str, Any]:
    """What training starts from, for the card: the word, or the checkpoint's title, weights and recipe."""
    if init in ("scratch", "imagenet") or init.endswith((".pth", ".safetensors")):
        return {"start": "imagenet" if "." in init else init}
    card = cards.read(Path(init))
    return {"start": card.title, "weights": card.weights, "recipe": card.recipe}
