"""``drumsmith examples``: a page of sounds to be shown to others."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from ...evaluation.report.examples_page import Row

HELP = "write a page of example sounds: each class beside real ones, and paths between sounds"

STEPS = 6
"""Sounds on a path."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument(
        "models",
        metavar="MODELS",
        type=Path,
        nargs="?",
        help="folder of exported models (default: the pretrained model)",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PAGE", help="of the page, such as examples.html"
    )
    parser.add_argument(
        "--records",
        type=Path,
        help="real sounds to show beside",
    )
    parser.add_argument(
        "--part",
        choices=("train", "valid", "test"),
        help="of the records (default: test, or valid where there is no test part)",
    )
    parser.add_argument(
        "--report", type=Path, help="of 'drumsmith evaluate', whose targets are shown"
    )
    parser.add_argument("--count", type=int, default=6, help="sounds of each class and kind")
    parser.add_argument("--seed", type=int, default=1, help="of the first sound of each class")
    parser.add_argument("--version", type=int, help="of the model (default: the newest)")
    parser.add_argument("--title", default="Drums by drumsmith", help="of the page")
    parser.add_argument(
        "--note",
        action="append",
        default=[],
        help="a line at the end: whose sounds these are",
    )


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...common.errors import UserError
    from ...common.progress import progress
    from ...evaluation.report.compare import read_report
    from ...evaluation.report.examples_page import Section, write_examples
    from ...serving.saved_model.local_model import LocalModel

    if args.count < 2:
        raise UserError(f"--count must be at least 2, but is {args.count}")
    with LocalModel(args.models, args.version) as model:
        real, kind = _real(args.records, args.part, model.sample_rate)
        with progress("sounds", len(model.labels)) as meter:
            sections = []
            for label in model.labels:
                rows = _rows(model, label, real.get(label), kind, args)
                sections.append(Section(label, list(rows)))
                meter.advance()
        facts = (
            f"Model {model.model_id}: {', '.join(model.labels)}; "
            f"{model.length / model.sample_rate:.3g} s at {model.sample_rate} Hz."
        )
        write_examples(
            args.out,
            sections,
            model.sample_rate,
            title=args.title,
            facts=facts,
            notes=args.note,
            report=read_report(args.report) if args.report else None,
        )
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB")
    return None


def _rows(
    model: Any, label: str, real: "np.ndarray | None", kind: str, args: argparse.Namespace
) -> Iterator["Row"]:
    from ...common.latent import path_z
    from ...evaluation.report.examples_page import Row

    made = model.generate(label, args.count, seed=args.seed)
    seeds = [f"seed {seed}" for seed in made.seeds]
    yield Row("generated", made.audio, seeds)
    if real is not None and len(real):
        # Spread over all: neighbours are often takes of one drum.
        chosen = real[:: max(len(real) // args.count, 1)][: args.count]
        yield Row(kind, chosen, ["real"] * len(chosen), real=True)
    z = path_z(made.z[0], made.z[1], STEPS)
    number = model.labels.index(label)
    steps = [f"{step + 1} of {STEPS}" for step in range(STEPS)]
    title = f"from {seeds[0]} to {seeds[1]}"
    yield Row(title, model.from_z(z, [number] * STEPS), steps)


def _real(
    records: Path | None, part: str | None, sample_rate: int
) -> tuple[dict[str, "np.ndarray"], str]:
    """Return real sounds by class, all of the part, and what to call them."""
    if records is None:
        return {}, ""
    from ...common.errors import UserError
    from ...tfrecords.reading.pipeline import load_split
    from ...tfrecords.records.dataset_info import DatasetInfo

    info = DatasetInfo.load(records)
    if info.sample_rate != sample_rate:
        raise UserError(f"{records} is at {info.sample_rate} Hz, the model at {sample_rate} Hz")
    part = next((one for one in ([part] if part else ["test", "valid"]) if info.count(one)), None)
    if part is None:
        raise UserError(f"{records} has no such sounds: prepare it with a share, or give --part")
    audio, label, _ = load_split(records, part)
    kind = "real, of the training part" if part == "train" else "real, never trained on"
    return {name: audio[label == number] for number, name in enumerate(info.labels)}, kind
