"""Recipes: everything a training run decides, as plain commented TOML; unknown keys are rejected."""

import dataclasses
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chexview.errors import RecipeError
from chexview.findings import COMPOSITES, NAMES
from chexview.model.architecture import STRIDES, Pooling
from chexview.schema import build

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True, slots=True)
class Stage:
    """One size of input for some epochs; stages follow each other in one run.

    ``batch_size`` films make one optimiser step on all devices together, in ``accumulate`` parts one after the other, so
    that only ``batch_size / accumulate`` of them must fit into memory; 0 is the fewest parts that fit, found by trying.
    ``no_finding`` is the share of the training films without any finding that an epoch draws, others each time: below 1,
    more of the time goes into telling findings from each other. ``looked_at`` is how often an epoch draws each film that
    radiologists looked at for regions: above 1, regions weigh more. ``learning_rate`` begins a schedule of its own at this
    stage; 0 goes on under the one before it.
    """

    size: int
    epochs: int
    batch_size: int = 64
    accumulate: int = 1
    no_finding: float = 1.0
    looked_at: int = 1
    learning_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """``backbone``: densenet121, or a teacher's (efficientnet_lite0 to 2). ``stride``: pixels to a cell of a class map, 32 or
    16: smaller cells find smaller things, for 1.35 times the cost. ``pooling``: how cells become a logit (mean, adaptive,
    pcam): under the mean a nodule that fills one cell of many hardly counts. ``drop_rate``: dropout after each dense layer.
    ``auxiliary``: weight of the sex, age and view heads (0: none); they are dropped afterwards. ``merge_also``: the exported
    head is the mean of the findings' and the other tables' heads, which pooling by the mean allows exactly.
    ``frozen_blocks``: the stem and as many dense blocks keep the weights they start with; 2 halves the cost of a step."""

    backbone: str = "densenet121"
    stride: int = 32
    pooling: str = "mean"
    drop_rate: float = 0.0
    auxiliary: float = 0.0
    merge_also: bool = False
    frozen_blocks: int = 0


@dataclass(frozen=True, slots=True)
class Loss:
    """Binary cross-entropy. ``class_weights``: CheXNet's own, of each finding (Rajpurkar et al., arXiv:1711.05225): a positive
    counts as the share of negatives and a negative as the share of positives, so that both classes weigh alike.
    ``regions``: weight of the region loss on the cells of films with regions (0: none). ``also``: weight of the heads that
    learn the index's other label tables. ``teacher``: share of the teachers' probability in a film's targets where they
    gave one; the rest is its label (Hinton et al., arXiv:1503.02531)."""

    class_weights: bool = False
    regions: float = 0.0
    also: float = 0.0
    teacher: float = 0.0


@dataclass(frozen=True, slots=True)
class Optimiser:
    """``name``: adamw or adam, whose ``weight_decay`` spares biases and norms. ``schedule``: cosine, a linear warm-up over
    ``warm_up`` (a share of all steps) and one cosine down to ``final`` of the rate; or plateau, the rate divided by ten after
    an epoch whose validation loss is not the lowest so far. ``clip``: norm of all gradients; ``ema``: decay of the average of
    weights that is validated and exported (0: the weights themselves). ``scalars``: the rate of the few numbers that scale a
    whole map (pooling's sharpness, the region loss's), in multiples of the others'."""

    name: str = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    schedule: str = "cosine"
    warm_up: float = 0.05
    final: float = 0.01
    clip: float = 1.0
    ema: float = 0.998
    scalars: float = 10.0


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
    """``findings``: what the network learns, findings and composites (``nodule_mass``) in the order of its outputs.
    ``only``: the name of a list of the index, whose films alone are trained on and validated ("": all films).
    ``soften``: how often a film of the list ``sharp`` is shown as blurred as the soft ones are; above 176 pixels a network
    would otherwise learn the blur in place of the chest. ``also``: names of the index's other label tables to learn beside.
    ``overrule``: findings whose label on films that radiologists looked at is theirs."""

    findings: tuple[str, ...] = NAMES
    only: str = ""
    soften: float = 0.0
    also: tuple[str, ...] = ()
    overrule: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole training run. The checkpoint is exported from the epoch with the best mean validation AUROC; after
    ``patience`` epochs without a better one training stops (0: never). ``compile``: ``torch.compile`` on CUDA, where it helps;
    on a CPU it is left out, as building takes longer than it saves. ``validate_every``: epochs between two validations."""

    name: str
    stages: tuple[Stage, ...]
    seed: int = 2017
    precision: str = "32-true"
    compile: bool = False
    patience: int = 0
    validate_every: int = 1
    data: Data = field(default_factory=Data)
    model: Model = field(default_factory=Model)
    loss: Loss = field(default_factory=Loss)
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


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"The recipe is not TOML: {error}.") from error


def _merged(data: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """``data`` with the values of ``change`` in their places, tables merged."""
    made = dict(data)
    for key, value in change.items():
        inner = made.get(key)
        made[key] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return made


def parse(text: str, changes: Sequence[str] = ()) -> Recipe:
    """A recipe from TOML; ``changes`` are lines of TOML, ``loss.regions = 1.0``, that replace its values. Raises RecipeError in
    one sentence naming the key."""
    data = _toml(text)
    for change in changes:
        data = _merged(data, _toml(change))
    recipe = build(Recipe, data, "The recipe", RecipeError, remedy="write it in")
    _check(recipe)
    return recipe


def _check(recipe: Recipe) -> None:
    """Raises RecipeError for a value that no training could use."""
    if not recipe.stages:
        raise RecipeError("stages must be a list with at least one entry.")
    if bad := [stage.size for stage in recipe.stages if stage.size < 32 or stage.size % 32]:
        raise RecipeError(f"An input size must be a multiple of 32, not {bad[0]}.")
    for stage in recipe.stages:
        if stage.epochs < 1 or stage.batch_size < 2:
            raise RecipeError("Every stage needs at least 1 epoch and batches of at least 2 films.")
        if stage.looked_at < 1:
            raise RecipeError("stages.looked_at must be at least 1.")
        if stage.accumulate < 0 or (stage.accumulate and stage.batch_size % stage.accumulate):
            raise RecipeError("stages.accumulate must divide batch_size, or be 0 for a search.")
        if stage.accumulate and stage.batch_size // stage.accumulate < 2:
            raise RecipeError("stages.accumulate must leave at least 2 films in a part.")
    how, change, data = recipe.optimiser, recipe.augmentation, recipe.data
    choices = {
        "precision": (recipe.precision, ("32-true", "bf16-mixed", "16-mixed")),
        "optimiser.name": (how.name, ("adamw", "adam")),
        "optimiser.schedule": (how.schedule, ("cosine", "plateau")),
        "model.pooling": (recipe.model.pooling, tuple(pooling.value for pooling in Pooling)),
    }
    for key, (word, known) in choices.items():
        if word not in known:
            raise RecipeError(f"{key} must be {', '.join(known[:-1])} or {known[-1]}, not {word!r}.")
    if strange := [name for name in data.findings if name not in NAMES and name not in COMPOSITES]:
        raise RecipeError(f"data.findings names {strange[0]!r}, which is neither a finding nor a composite.")
    if len(set(data.findings)) != len(data.findings):
        raise RecipeError("data.findings names a finding twice.")
    if how.learning_rate <= 0 or how.clip <= 0:
        raise RecipeError("optimiser.learning_rate and optimiser.clip must be above 0.")
    if any(stage.learning_rate < 0 for stage in recipe.stages):
        raise RecipeError("stages.learning_rate must not be below 0.")
    if how.schedule == "plateau" and any(stage.learning_rate for stage in recipe.stages):
        raise RecipeError("stages.learning_rate needs optimiser.schedule cosine.")
    _check_sources(recipe)
    shares = {
        **{f"stages[{i}].no_finding": stage.no_finding for i, stage in enumerate(recipe.stages)},
        "data.soften": data.soften,
        "model.drop_rate": recipe.model.drop_rate,
        "loss.teacher": recipe.loss.teacher,
        "optimiser.warm_up": how.warm_up,
        "optimiser.final": how.final,
        "optimiser.ema": how.ema,
        "augmentation.flip": change.flip,
        "augmentation.erase": change.erase,
    }
    for key, value in shares.items():
        if not 0 <= value <= 1:
            raise RecipeError(f"{key} must be a share from 0 to 1, not {value}.")
    if recipe.seed < 0 or recipe.patience < 0 or recipe.validate_every < 1:
        raise RecipeError("seed and patience must not be below 0, validate_every not below 1.")
    if recipe.epochs % recipe.validate_every:
        raise RecipeError("validate_every must divide the number of epochs, so that the last one is validated.")


def _check_sources(recipe: Recipe) -> None:
    """Raises RecipeError if what the loss wants and what the data bring do not fit together."""
    loss, data, model = recipe.loss, recipe.data, recipe.model
    if model.stride not in STRIDES:
        raise RecipeError(f"model.stride must be 16 or 32, not {model.stride}.")
    if not 0 <= model.frozen_blocks <= 3 or (model.frozen_blocks and model.backbone != "densenet121"):
        raise RecipeError("model.frozen_blocks must be 0 to 3, and 0 for other backbones than densenet121.")
    if loss.regions < 0 or loss.also < 0 or recipe.optimiser.scalars <= 0:
        raise RecipeError("loss.regions and loss.also must not be below 0, optimiser.scalars must be above 0.")
    if bool(loss.also) != bool(data.also):
        raise RecipeError("loss.also and data.also need each other: a weight, and the tables it is for.")
    if model.merge_also and not (data.also and model.pooling == Pooling.MEAN):
        raise RecipeError("model.merge_also needs data.also and pooling by the mean.")
    if loss.regions and recipe.augmentation.mixup:
        raise RecipeError("loss.regions needs augmentation.mixup 0: two blended films have no regions of their own.")
    if strange := [name for name in data.overrule if name not in data.findings]:
        raise RecipeError(f"data.overrule names {strange[0]!r}, which is not one of data.findings.")


def load(name: str, changes: Sequence[str] = ()) -> Recipe:
    """A recipe by the name of a bundled one or by the path of a TOML file, with ``changes``. Raises RecipeError."""
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(item.stem for item in RECIPES.glob("*.toml")))
        raise RecipeError(f"There is no recipe {path.stem}; bundled are {known}, or name a .toml file.")
    return parse(path.read_text(encoding="utf-8"), changes)
