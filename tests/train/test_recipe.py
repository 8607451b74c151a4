"""Recipes reject what they do not know, and every bundled one is whole."""

import pytest

from chexview.errors import RecipeError
from train import recipe

WHOLE = 'name = "x"\nstages = [{ size = 64, epochs = 2 }, { size = 96, epochs = 1, batch_size = 8 }]\n'


@pytest.mark.parametrize("path", sorted(recipe.RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_bundled_recipes_are_whole(path: object) -> None:
    assert recipe.load(str(path)).epochs >= 1


def test_stages_follow_each_other() -> None:
    made = recipe.parse(WHOLE)
    assert [made.stage(epoch).size for epoch in range(5)] == [64, 64, 96, 96, 96]
    assert made.epochs == 3
    assert made.resolved()["stages"][1] == {
        "size": 96,
        "epochs": 1,
        "batch_size": 8,
        "accumulate": 1,
        "no_finding": 1.0,
        "looked_at": 1,
        "learning_rate": 0.0,
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WHOLE + "surprise = 1\n", "The recipe has the unknown key 'surprise'; is it misspelt"),
        (
            WHOLE + "[optimiser]\nlerning_rate = 1.0\n",
            "unknown key 'lerning_rate' in 'optimiser'; .* Known are name, learning_rate,",
        ),
        (WHOLE.replace("96, epochs", "100, epochs"), "multiple of 32"),
        (WHOLE.replace("epochs = 2", "epochs = 0"), "at least 1 epoch"),
        (WHOLE + "seed = 'one'\n", "'seed' must be a whole number, not 'one'"),
        (WHOLE + "precision = '8-bit'\n", "precision must be"),
        (WHOLE.replace('name = "x"\n', ""), "has no 'name'; write it in"),
        (WHOLE + "[optimiser]\nlearning_rate = 0\n", "above 0"),
        ("= 3", "not TOML"),
        ("name = 'x'\nstages = []\n", "at least one entry"),
        ("model = 3\n", "'model' must be an object, not 3"),
        (WHOLE + "[augmentation]\nflip = 2.0\n", r"augmentation\.flip must be a share"),
        (WHOLE + "seed = -1\n", "must not be below 0"),
        (WHOLE.replace("batch_size = 8", "batch_size = 8, accumulate = 3"), "accumulate must divide"),
        (WHOLE.replace("batch_size = 8", "batch_size = 8, accumulate = 8"), "at least 2 films in a part"),
        (WHOLE.replace("batch_size = 8", "no_finding = 1.5"), r"stages\[1\]\.no_finding must be a share"),
        (WHOLE.replace("batch_size = 8", "learning_rate = -1"), r"stages\.learning_rate must not"),
        (WHOLE + "[optimiser]\nname = 'sgd'\n", r"optimiser\.name must be adamw or adam, not 'sgd'"),
        (WHOLE + "[data]\nfindings = ['Flu']\n", "names 'Flu', which is neither"),
        (WHOLE + "[data]\nfindings = ['Mass', 'Mass']\n", "a finding twice"),
        (WHOLE + "[data]\nfindings = [3]\n", r"'data\.findings\.0' must be text, not 3"),
        (WHOLE + "validate_every = 2\n", "divide the number of epochs"),
        (WHOLE.replace("batch_size = 8", "looked_at = 0"), "looked_at must be at least 1"),
        (WHOLE + "[model]\nstride = 8\n", r"model\.stride must be 16 or 32"),
        (WHOLE + "[model]\npooling = 'max'\n", r"model\.pooling must be mean, adaptive or pcam"),
        (WHOLE + "[model]\nfrozen_blocks = 4\n", r"model\.frozen_blocks must be 0 to 3"),
        (WHOLE + "[model]\nmerge_also = true\n", r"model\.merge_also needs data\.also"),
        (WHOLE + "[loss]\nalso = 0.5\n", r"loss\.also and data\.also need each other"),
        (WHOLE + "[loss]\nregions = 1.0\n[augmentation]\nmixup = 0.2\n", r"loss\.regions needs augmentation\.mixup 0"),
        (WHOLE + "[data]\nfindings = ['Mass']\noverrule = ['Hernia']\n", r"data\.overrule names 'Hernia'"),
        (WHOLE.replace("batch_size = 8", "learning_rate = 1e-3") + "[optimiser]\nschedule = 'plateau'\n", "cosine"),
    ],
)
def test_wrong_recipes_are_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        recipe.parse(text)


def test_unknown_names_tell_what_there_is() -> None:
    with pytest.raises(RecipeError, match="smoke"):
        recipe.load("nothing")


def test_single_values_can_be_changed() -> None:
    made = recipe.parse(
        WHOLE, ["loss.regions=0.5", "seed=3", 'model.pooling="adaptive"', "stages=[{size=32,epochs=1}]"]
    )
    assert (made.loss.regions, made.seed, made.model.pooling, made.epochs) == (0.5, 3, "adaptive", 1)
    with pytest.raises(RecipeError, match="unknown key 'region' in 'loss'"):
        recipe.parse(WHOLE, ["loss.region=0.5"])
    with pytest.raises(RecipeError, match="not TOML"):
        recipe.parse(WHOLE, ["loss.regions"])
