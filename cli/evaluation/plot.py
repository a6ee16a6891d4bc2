"""``drumsmith plot``."""

import argparse
import sys
from pathlib import Path

from .seed import seed

HELP = "draw the paper's figures 3 and 4 from an exported model"

SOUNDS = 4
"""Sounds of each class in figure 3."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument(
        "models",
        metavar="MODELS",
        type=Path,
        nargs="?",
        help="a folder of exported models (default: the pretrained model)",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--version", type=int, help="of the exported model (default: the newest)")
    parser.add_argument("--seed", type=seed, default=0, help="of the sounds and paths")
    parser.add_argument(
        "--directions",
        choices=("principal", "random"),
        default="principal",
        help="what figure 4 shows of more than three latent dimensions",
    )
    parser.add_argument(
        "--format", choices=("png", "pdf", "svg"), default="png", help="of the pictures"
    )


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    import numpy as np

    from ...common.progress import progress
    from ...evaluation.report.figures import figure_3, figure_4
    from ...evaluation.sounds.latent_paths import latent_paths
    from ...evaluation.sounds.sources import generate_sounds
    from ...serving.pretrained import pretrained_models
    from ...serving.saved_model.local_model import LocalModel

    model = LocalModel(args.models or pretrained_models(), args.version)
    written = [args.out / f"figure3.{args.format}"]
    with progress("figures", 1 + len(model.labels)) as meter:
        sounds = generate_sounds(model, model.labels, SOUNDS, args.seed)
        by_label = {name: sounds.of(i) for i, name in enumerate(model.labels)}
        figure_3(by_label, model.sample_rate, written[0])
        meter.advance()
        for name in model.labels:
            paths = latent_paths(model, name, args.seed, args.directions)
            written.append(args.out / f"figure4-{_file_name(name)}.{args.format}")
            figure_4(
                np.asarray(paths.points),
                paths.audio,
                written[-1],
                path_names=paths.names,
                axis_names=paths.axis_names,
                title=paths.title,
            )
            meter.advance()
    for path in written:
        print(path)
    print(f"{len(written)} figures", file=sys.stderr)
    return 0


def _file_name(label: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in label)
