"""The command line of ``python -m train``."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import torch

from chexview.errors import ChexviewError, DataError


def _index(arguments: argparse.Namespace) -> None:
    from train import index, regions

    table, boxes, report = index.build(
        arguments.images,
        arguments.labels,
        exclude=arguments.exclude,
        flags=arguments.flags,
        share=arguments.validation,
        seed=arguments.seed,
        not_trained=arguments.not_trained,
        validation_of=arguments.validation_of,
        also_labels=dict(arguments.also_labels),
    )
    drawn = regions.read_regions(arguments.regions, arguments.frame) if arguments.regions else None
    index.write(table, boxes, report, arguments.out, drawn)
    print("\n".join(report.lines()))


def _audit(arguments: argparse.Namespace) -> int:
    from train import audit, labels

    lists = {}
    for entry in arguments.lists:
        name, _, path = entry.rpartition("=")
        lists[name or Path(path).stem] = audit.read_list(Path(path))
    files = labels.read_labels(arguments.labels) if arguments.labels else None
    found = audit.audit(lists, files, arguments.images)
    print("\n".join(found.lines()))
    return 0 if found.clean else 3


def _fit(arguments: argparse.Namespace) -> None:
    from train import devices, fit, index, recipe

    plan = recipe.load(arguments.recipe, arguments.set)
    made = fit.fit(
        index.load(arguments.index),
        arguments.index,
        plan if arguments.seed is None else replace(plan, seed=arguments.seed),
        arguments.init,
        arguments.out,
        resume=arguments.resume,
        region_table=index.load_regions(arguments.index),
        teachers=arguments.teacher,
    )
    if devices.processes().rank == 0:
        print(
            f"The checkpoint is in {made}; next: python -m train validate --checkpoint {made} --index {arguments.index}"
        )


def _soft_labels(arguments: argparse.Namespace) -> None:
    from train import index, soft_labels

    soft_labels.write(index.load(arguments.index), arguments.index, arguments.checkpoint, arguments.out)
    print(f"The soft labels are in {arguments.out}; next: python -m train fit --teacher {arguments.out}")


def _judge(arguments: argparse.Namespace) -> None:
    from train import index, judge

    found = judge.judge(
        index.load(arguments.index), arguments.index, arguments.checkpoint, index.load_regions(arguments.index)
    )
    print("\n".join(found.lines()))


def _named_file(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE")
    return name, Path(path)


def _validate(arguments: argparse.Namespace) -> None:
    from train import external, index, validate

    if arguments.index is not None:
        if arguments.images or arguments.labels:
            raise DataError(
                "Name either --index, for films indexed before, or --images and --labels, for films of your own."
            )
        run = validate.validate(
            index.load(arguments.index),
            arguments.index,
            arguments.checkpoint,
            arguments.out,
            arguments.name,
            arguments.curves,
            arguments.note,
        )
    else:
        if not arguments.images or not arguments.labels:
            raise DataError("Name --index, or --images and --labels for films of your own.")
        run, report = external.validate(
            arguments.checkpoint,
            arguments.images,
            arguments.labels,
            arguments.out,
            arguments.name or f"{arguments.checkpoint.name}-own",
            arguments.mapping,
            arguments.calibrate,
            work=arguments.work,
        )
        print("\n".join(report.lines()))
    print("\n".join(validate.summary(run)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m train", description="Train CheXView's DenseNet-121 and validate it."
    )
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count(), help="threads of PyTorch (default: the cores there are)"
    )
    commands = parser.add_subparsers(required=True, metavar="index | audit | fit | soft-labels | judge | validate")

    index = commands.add_parser("index", help="match films, labels and lists; split by patient; report what is missing")
    index.add_argument(
        "--images",
        type=Path,
        nargs="+",
        required=True,
        help="folders, zips or tars of pictures, DICOM too; the first that has a film wins",
    )
    index.add_argument("--labels", type=Path, required=True, help="folder or zip with NIH's CSV and official lists")
    index.add_argument(
        "--exclude", type=Path, help="CSV with a column image, or text file of names: films not to train on"
    )
    index.add_argument("--flags", type=Path, help="CSV with image and columns of 0 and 1 that become named lists")
    index.add_argument(
        "--not-trained", type=Path, nargs="+", default=[], help="lists of films that judge and choose: never trained on"
    )
    index.add_argument(
        "--validation-of", type=Path, help="folder of an earlier run, whose validation patients are taken again"
    )
    index.add_argument(
        "--regions",
        type=Path,
        help="CSV (image, finding, x1, y1, x2, y2, polygon), or zip with regions.csv and films.csv",
    )
    index.add_argument(
        "--frame", type=int, default=1024, help="pixels across of the square that regions were drawn on (default: 1024)"
    )
    index.add_argument(
        "--also-labels",
        type=_named_file,
        nargs="+",
        default=[],
        metavar="NAME=FILE",
        help="other tables of labels, as targets of their own",
    )
    index.add_argument("--validation", type=float, default=0.1, help="share of the training patients (default: 0.1)")
    index.add_argument("--seed", type=int, default=2017)
    index.add_argument("--out", type=Path, required=True, help="folder for the index and the caches of films")
    index.set_defaults(run=_index)

    audit = commands.add_parser(
        "audit",
        help="what lists of films share, and what optimism to expect",
        description="Exit status 0 where nothing is shared, 3 where patients, films or pictures stand on two sides.",
    )
    audit.add_argument("lists", nargs="+", metavar="LIST", help="text file or CSV of image names, as PATH or NAME=PATH")
    audit.add_argument("--labels", type=Path, help="folder or zip with NIH's lists and boxes, to compare with")
    audit.add_argument(
        "--images", type=Path, nargs="+", default=[], help="sources of pictures, to look for doubled ones"
    )
    audit.set_defaults(run=_audit)

    fit = commands.add_parser("fit", help="train a recipe")
    fit.add_argument("--recipe", required=True, help="a bundled recipe's name (chexview, smoke, ...) or a .toml file")
    fit.add_argument(
        "--set",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="values in place of the recipe's, as TOML: loss.regions=1.0",
    )
    fit.add_argument("--index", type=Path, required=True, help="folder written by index")
    fit.add_argument("--init", default="scratch", help="scratch, imagenet, or a checkpoint's folder (default: scratch)")
    fit.add_argument(
        "--teacher", type=Path, nargs="+", default=[], help="tables of soft labels that the recipe learns from"
    )
    fit.add_argument("--seed", type=int, help="another seed than the recipe's own")
    fit.add_argument("--resume", action="store_true", help="go on with the run in --out")
    fit.add_argument("--out", type=Path, required=True, help="folder of this training run")
    fit.set_defaults(run=_fit)

    soft = commands.add_parser("soft-labels", help="what a checkpoint says of the training films, for fit --teacher")
    soft.add_argument("--checkpoint", type=Path, required=True, help="folder of the checkpoint, a teacher's or any")
    soft.add_argument("--index", type=Path, required=True, help="folder written by index")
    soft.add_argument("--out", type=Path, required=True, help="the parquet file to write")
    soft.set_defaults(run=_soft_labels)

    judge = commands.add_parser(
        "judge", help="compare candidates: validation patients only, by NIH and by radiologists"
    )
    judge.add_argument("--checkpoint", type=Path, required=True, help="folder of the checkpoint")
    judge.add_argument("--index", type=Path, required=True, help="folder written by index, with --regions")
    judge.set_defaults(run=_judge)

    validate = commands.add_parser("validate", help="store every film's logits, calibrate, choose operating points")
    validate.add_argument(
        "--checkpoint", type=Path, required=True, help="folder of the checkpoint; its card is completed"
    )
    validate.add_argument("--index", type=Path, help="folder written by index: NIH's films")
    validate.add_argument(
        "--images", type=Path, nargs="+", help="own films: folders, zips or tars of pictures or DICOM files"
    )
    validate.add_argument("--labels", type=Path, help="own films: CSV with a row for each")
    validate.add_argument(
        "--mapping", type=Path, help="own films: TOML that says which columns and words mean which findings"
    )
    validate.add_argument(
        "--calibrate",
        type=float,
        default=0.5,
        metavar="SHARE",
        help="own films: share of the patients on which to calibrate anew; 0: keep the checkpoint's own (default: 0.5)",
    )
    validate.add_argument("--work", type=Path, help="own films: folder that keeps their cache for the next time")
    validate.add_argument(
        "--curves",
        type=Path,
        nargs="+",
        default=[],
        help="curves.csv of the training run, or of its stages in their order, to be stored with the run",
    )
    validate.add_argument(
        "--note", nargs="+", default=[], metavar="SENTENCE", help="sentences for the card's limits that no number tells"
    )
    validate.add_argument("--name", help="the checkpoint's and the run's name (default: the name on its card)")
    validate.add_argument("--out", type=Path, required=True, help="folder in which the run's folder is made")
    validate.set_defaults(run=_validate)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Runs one command: 0 when it did its work, 1 with one sentence on standard error when it could not; an audit that
    finds something gives 3."""
    arguments = _parser().parse_args(argv)
    torch.set_num_threads(arguments.threads)
    try:
        return arguments.run(arguments) or 0
    except ChexviewError as error:
        print(f"python -m train: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        name = Path(error.filename).name if error.filename else "a file"
        print(f"python -m train: {name} cannot be used ({error.strerror}).", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("python -m train: stopped; what was finished is kept.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
