"""Order over processes and parts, composites, softened films: who sees which film when."""

from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from chexview.errors import DataError
from train import index
from train.dataset import Batches, Films, Order, Place, labels, restricted, targets
from train.recipe import parse


def batches(order: Order) -> list[list[int]]:
    return list(order)


@pytest.mark.parametrize(("world", "accumulate"), [(2, 1), (1, 4), (2, 2), (4, 2)])
def test_processes_and_parts_share_the_same_global_batches(world: int, accumulate: int) -> None:
    """Each step's films are those of one process alone, and nobody sees a film twice."""
    rows = np.arange(100, 203)
    whole = batches(Order(rows, 16, seed=3, epoch=5))
    shares = [batches(Order(rows, 16, 3, 5, Place(rank, world), accumulate)) for rank in range(world)]
    assert {len(share) for share in shares} == {len(whole) * accumulate}
    for step, films in enumerate(whole):
        parts = [share[step * accumulate + part] for share in shares for part in range(accumulate)]
        assert {len(part) for part in parts} == {16 // world // accumulate}
        assert sorted(chain.from_iterable(parts)) == sorted(films)
    seen = list(chain.from_iterable(whole))
    assert len(seen) == len(set(seen)) == 96 and set(seen) <= set(rows.tolist())


def test_every_epoch_has_its_own_order() -> None:
    rows = np.arange(64)
    one, again, other = (batches(Order(rows, 8, seed=1, epoch=epoch)) for epoch in (0, 0, 1))
    assert one == again != other


@pytest.mark.parametrize("count", [64, 65, 67, 1])
def test_evaluation_leaves_no_film_out_and_processes_run_equally_long(count: int) -> None:
    rows = np.arange(count) * 3
    shares = [batches(Order(rows, 8, place=Place(rank, 4))) for rank in range(4)]
    assert {tuple(map(len, share)) for share in shares} == {tuple(map(len, shares[0]))}
    assert sorted(set(chain.from_iterable(chain.from_iterable(shares)))) == rows.tolist()


def test_a_batch_that_cannot_be_split_is_refused() -> None:
    with pytest.raises(DataError, match="4 films cannot be split into 8 parts"):
        Order(np.arange(100), 4, seed=1, place=Place(0, 4), accumulate=2)


def test_a_composite_is_there_where_a_part_is() -> None:
    table = pd.DataFrame({"label__Nodule": [1, 0, 0, -1, -1], "label__Mass": [0, 0, 1, 1, 0]}, dtype=np.int8)
    np.testing.assert_array_equal(labels(table, "nodule_mass"), [1, 0, 1, 1, -1])
    np.testing.assert_array_equal(targets(table, ["Mass", "nodule_mass"])[:, 1], [1, 0, 1, 1, np.nan])


def test_softened_films_stand_in_for_their_own_sharp_ones_only() -> None:
    films = np.repeat(np.arange(6, dtype=np.uint8), 16).reshape(6, 4, 4)
    batch = Batches(films, np.zeros((6, 4), np.float32))
    batch.softened = np.repeat(np.array([200, 201], np.uint8), 16).reshape(2, 4, 4)
    batch.place[[1, 4]] = [0, 1]
    batch.soft[4] = True
    seen, _, rows = batch[[4, 1, 0]]
    assert seen[:, 0, 0, 0].tolist() == [201, 1, 0] and rows.tolist() == [4, 1, 0]
    assert films[4, 0, 0] == 4
    batch.films = torch.from_numpy(films)
    assert batch[[4, 1, 0]][0][:, 0, 0, 0].tolist() == [201, 1, 0]


def test_a_list_of_the_index_restricts_every_side(indexed: Path) -> None:
    table = index.load(indexed)
    few, folder = restricted(table, indexed, "sharp")
    assert few["list__sharp"].all() and 0 < len(few) == table["list__sharp"].sum() and folder == indexed / "sharp"
    assert restricted(table, indexed, "") == (table, indexed)
    with pytest.raises(DataError, match="no list 'blue'"):
        restricted(table, indexed, "blue")


SOFT = 'name = "x"\nstages = [{ size = 32, epochs = 2, no_finding = 0.5 }]\n[data]\nsoften = 0.5\n'


def test_half_of_the_sharp_training_films_are_softened_and_others_each_epoch(indexed: Path) -> None:
    table = index.load(indexed)
    films = Films(table, indexed, parse(SOFT))
    films.prepare_data()
    films.setup()
    loader = films.train_dataloader().dataset
    assert isinstance(loader, Batches)
    sharp = (table["list__sharp"] & (table["split"] == "train")).to_numpy()
    assert 0 < loader.soft.sum() < sharp.sum() and not loader.soft[~sharp].any()
    row = int(np.flatnonzero(loader.soft)[0])
    assert not np.array_equal(loader[[row]][0][0, 0], films.caches[32].films[row])
    again = films.train_dataloader().dataset
    assert isinstance(again, Batches) and np.array_equal(again.soft, loader.soft)


def test_softening_needs_a_list_of_sharp_films(indexed: Path) -> None:
    table = index.load(indexed).drop(columns="list__sharp")
    with pytest.raises(DataError, match="list 'sharp'"):
        Films(table, indexed, parse(SOFT))


def test_an_epoch_draws_all_films_with_a_finding_and_a_share_of_the_others(indexed: Path) -> None:
    table = index.load(indexed)
    plan = parse('name = "x"\nstages = [{ size = 32, epochs = 2, no_finding = 0.5 }]\n[data]\nfindings = ["Hernia"]\n')
    films = Films(table, indexed, plan)
    films.prepare_data()
    films.setup()
    training = (table["split"] == "train").to_numpy()
    hernia = table["label__Hernia"].to_numpy() == 1
    drawn = films.drawn(plan.stages[0], 0)
    assert set(np.flatnonzero(training & hernia)) <= set(drawn)
    assert len(drawn) == (training & hernia).sum() + round(0.5 * (training & ~hernia).sum())
    assert films.prevalence() == {"Hernia": pytest.approx(hernia[training].mean())}
    table["label__Hernia"] = np.int8(-1)
    with pytest.raises(DataError, match="known label for Hernia"):
        Films(table, indexed, plan).prevalence()
