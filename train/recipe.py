"""Recipes: everything a training run decides, as plain commented TOML; unknown keys are rejected."""

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_type_hints

from chexview.errors import RecipeError

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True, slots=True)
class Stage:
    """One size of input for some epochs; stages follow each other in one run under one learning-rate schedule."""

    size: int
    epochs: int
    batch_size: int = 64


@dataclass(frozen=True, slots=True)
class Model:
    """``drop_rate``: dropout after each dense layer. ``auxiliary``: weight of the sex, age and view heads (0: none)."""

    drop_rate: float = 0.0
    auxiliary: float = 0.0


@dataclass(frozen=True, slots=True)
class Optimiser:
    """AdamW with a linear warm-up over ``warm_up`` (a share of all steps) and one cosine down to ``final`` of the rate."""

    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    warm_up: float = 0.05
    final: float = 0.01
    clip: float = 1.0
    ema: float = 0.998


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes of training films. ``shift``: share of the side; ``scale``: share; ``rotation``: degrees;
    ``flip``: how often left and right change places (anatomically wrong, helps classification); ``contrast``,
    ``brightness``, ``gamma``: spreads; ``erase``: how often a rectangle is blanked; ``mixup``: alpha, 0 is off."""

    shift: float = 0.0
    scale: float = 0.0
    rotation: float = 0.0
    flip: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    gamma: float = 0.0
    erase: float = 0.0
    mixup: float = 0.0


@dataclass(frozen=True, slots=True)
class Data:
    """``no_finding``: the share of training films without any finding that an epoch draws, others each time. Below 1, more
    of the time goes into telling findings from each other, and less into telling ill from healthy."""

    no_finding: float = 1.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole training run. The checkpoint is exported from the epoch with the best mean validation AUROC; after
    ``patience`` epochs without a better one training stops (0: never)."""

    name: str
    stages: tuple[Stage, ...]
    seed: int = 2017
    precision: str = "32-true"
    patience: int = 0
    data: Data = field(default_factory=Data)
    model: Model = field(default_factory=Model)
    optimiser: Optimiser = field(default_factory=Optimiser)
    augmentation: Augmentation = field(default_factory=Augmentation)

    @property
    def input_size(self) -> int:
        """The size the checkpoint is made for: that of the last stage."""
        return self.stages[-1].size

    @property
    def epochs(self) -> int:
        """Epochs of all stages together."""
        return sum(stage.epochs for stage in self.stages)

    def stage(self, epoch: int) -> Stage:
        """The stage that ``epoch`` (from 0) belongs to; past the end, the last one."""
        for stage in self.stages:
            if epoch < stage.epochs:
                return stage
            epoch -= stage.epochs
        return self.stages[-1]

    def resolved(self) -> dict[str, Any]:
        """Every value, defaults included, as plain data for a card."""
        return dataclasses.asdict(self)


def _fill(kind: Any, data: Any, where: str) -> Any:
    """Builds the dataclass ``kind`` from ``data``, checking names and types. Raises RecipeError naming the key."""
    if not isinstance(data, dict):
        raise RecipeError(f"{where or 'The recipe'} must be a table of keys and values.")
    hints = get_type_hints(kind)
    if unknown := sorted(set(data) - set(hints)):
        raise RecipeError(f"{where}{unknown[0]} is not a key of a recipe; known here are {', '.join(sorted(hints))}.")
    values: dict[str, Any] = {}
    for key, value in data.items():
        hint = hints[key]
        if dataclasses.is_dataclass(hint):
            values[key] = _fill(hint, value, f"{where}{key}.")
        elif get_args(hint):
            if not isinstance(value, list) or not value:
                raise RecipeError(f"{where}{key} must be a list with at least one entry.")
            values[key] = tuple(_fill(get_args(hint)[0], item, f"{where}{key}.") for item in value)
        elif hint is float and isinstance(value, int) and not isinstance(value, bool):
            values[key] = float(value)
        elif type(value) is not hint:
            raise RecipeError(f"{where}{key} must be of type {hint.__name__}, not {value!r}.")
        else:
            values[key] = value
    try:
        return kind(**values)
    except TypeError:
        required = {f.name for f in dataclasses.fields(kind) if f.default is f.default_factory is dataclasses.MISSING}
        raise RecipeError(f"{where}{sorted(required - set(values))[0]} is missing.") from None


def parse(text: str) -> Recipe:
    """A recipe from TOML. Raises RecipeError in one sentence naming the key."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"The recipe is not TOML: {error}.") from error
    recipe = _fill(Recipe, data, "")
    assert isinstance(recipe, Recipe)
    if bad := [stage.size for stage in recipe.stages if stage.size < 32 or stage.size % 32]:
        raise RecipeError(f"An input size must be a multiple of 32, not {bad[0]}.")
    if any(stage.epochs < 1 or stage.batch_size < 2 for stage in recipe.stages):
        raise RecipeError("Every stage needs at least 1 epoch and batches of at least 2 films.")
    if recipe.precision not in {"32-true", "bf16-mixed"}:
        raise RecipeError(f"precision must be 32-true or bf16-mixed, not {recipe.precision!r}.")
    how, change = recipe.optimiser, recipe.augmentation
    if how.learning_rate <= 0 or how.clip <= 0:
        raise RecipeError("optimiser.learning_rate and optimiser.clip must be above 0.")
    shares = {
        "data.no_finding": recipe.data.no_finding,
        "model.drop_rate": recipe.model.drop_rate,
        "optimiser.warm_up": how.warm_up,
        "optimiser.final": how.final,
        "optimiser.ema": how.ema,
        "augmentation.flip": change.flip,
        "augmentation.erase": change.erase,
    }
    for key, value in shares.items():
        if not 0 <= value <= 1:
            raise RecipeError(f"{key} must be a share from 0 to 1, not {value}.")
    if recipe.seed < 0 or recipe.patience < 0:
        raise RecipeError("seed and patience must not be below 0.")
    return recipe


def load(name: str) -> Recipe:
    """A recipe by the name of a bundled one or by the path of a TOML file. Raises RecipeError."""
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(item.stem for item in RECIPES.glob("*.toml")))
        raise RecipeError(f"There is no recipe {path.stem}; bundled are {known}, or name a .toml file.")
    return parse(path.read_text(encoding="utf-8"))
