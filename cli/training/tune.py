"""``drumsmith tune``: the pretrained model made one's own."""

import argparse
from pathlib import Path

HELP = "make the pretrained model your own: more sounds like those in a folder, in minutes"

EXAMPLES = """\
examples:
  drumsmith tune my-kit models
      my-kit/kick/*.wav, my-kit/clap/*.wav, ...: the first sub-folder is the label
  drumsmith tune "Deep Kicks" models --label kick --minutes 10
      a folder without sub-folders, all of one label
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES
    add = parser.add_argument
    add("folder", metavar="FOLDER", type=Path, help="your sounds, one sub-folder per label")
    add("models", metavar="MODELS", type=Path, help="folder in which the tuned model appears")
    add("--label", help="the label of all sounds in FOLDER, whatever its sub-folders")
    add(
        *("--minutes",),
        type=float,
        default=20.0,
        help="time for training on this machine",
    )
    add("--steps", type=int, help="so many updates instead of --minutes")
    add(
        *("--from",),
        dest="source",
        default="pretrained",
        metavar="SOURCE",
        help="what to start from: pretrained, a models folder, or a run",
    )
    add(
        *("--keep-labels",),
        action="store_true",
        help="the tuned model also keeps the labels that FOLDER does not have",
    )
    add("--seed", type=int, default=0, help="seed of everything")
    add(
        *("--work",),
        type=Path,
        metavar="DIR",
        help="folder of records and run, with which the same command goes on where it stopped "
        "(default: MODELS-tuning)",
    )


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    import tensorflow as tf

    from ...tuning.outcome import table, verdict
    from ...tuning.tune import Tuning, tune

    tf.get_logger().setLevel("ERROR")
    work = args.work or args.models.with_name(f"{args.models.name}-tuning")
    tuning = Tuning(
        folder=args.folder,
        work=work,
        source=args.source,
        label=args.label,
        keep_labels=args.keep_labels,
        minutes=args.minutes,
        steps=args.steps,
        seed=args.seed,
    )
    tuned = tune(tuning, args.models)
    if tuned.version is None:
        print(f"stopped at step {tuned.step} of {tuned.steps}; the same command goes on from there")
        return 0
    if tuned.again:
        print(f"this tuning has ended; to tune anew, choose another --work, or remove {work}")
    elif tuned.step < tuned.steps:
        print(f"ended at step {tuned.step} of {tuned.steps}: it was getting no better")
    if tuned.figures:
        print("128 new sounds of each label against those of yours that were held back:")
        print("\n".join(table(tuned.figures)))
        if words := verdict(tuned.figures):
            print(words)
    print(f"{tuned.version}: next: drumsmith generate LABEL --models {tuned.version.parent}")
    return 0
