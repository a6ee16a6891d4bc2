"""``drumsmith train``: records in, a run out."""

import argparse
import dataclasses
import json
from pathlib import Path

from ...common.errors import UserError
from ...training.config.preset_descriptions import DESCRIPTIONS, RECOMMENDED

HELP = "train a generator on records; called again, it goes on where it stopped"
EPILOG = "presets:\n" + "".join(f"  {name:18}{words}\n" for name, words in DESCRIPTIONS.items())

# Options of their own; every other is reached by --set.
_SHORTHANDS = (
    ("--steps", int, "steps", "generator updates in all"),
    ("--seed", int, "seed", "seed of everything"),
    ("--batch-size", int, "batch_size", "sounds in each update"),
    ("--latent-dim", int, "latent_dim", "length of z"),
    ("--checkpoint-every", int, "checkpoint_every", "steps between checkpoints"),
    ("--keep", int, "keep", "checkpoints to keep"),
    ("--evaluate-every", int, "evaluate_every", "steps between light evaluations; 0 for none"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("records", type=Path, metavar="RECORDS", help="folder made by prepare")
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of this training run")
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help=f"where to start from (default: {RECOMMENDED}, the recommended one)",
    )
    for flag, kind, name, words in _SHORTHANDS:
        parser.add_argument(flag, type=kind, dest=name, help=words)
    parser.add_argument(
        "--progressive", action="store_true", default=None, help="grow the networks"
    )
    parser.add_argument("--stage-steps", metavar="A,B,C,D", help="steps of each stage")
    parser.add_argument("--fade-steps", metavar="A,B,C,D", help="of those, steps of fading in")
    parser.add_argument(
        "--strategy",
        default="auto",
        help="auto, mirrored:N (logical CPUs), multiworker (TF_CONFIG)",
    )
    parser.add_argument(
        "--start-from",
        type=Path,
        metavar="RUN",
        help="start a new run with another's networks: on your own samples, or at other rates",
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any other option"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print what would be done, how long a step takes here, and the time in all",
    )


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...training.run.run_folder import RunFolder

    folder = RunFolder(args.run)
    config = _started(_resolve(args, folder), args, folder)
    if args.dry_run:
        return _describe(config, args.records, folder)
    import tensorflow as tf

    from ...training.trainer import train

    # It warns of every network that growth builds anew, as if that were an accident.
    tf.get_logger().setLevel("ERROR")
    step = train(config, args.records, folder, strategy=args.strategy, start_from=args.start_from)
    print(_closing_line(step, config.steps, args))
    return 0


def _resolve(args: argparse.Namespace, folder):
    from ...training.config.presets import preset

    settings = _settings(args)
    if not folder.exists():
        return preset(args.preset or RECOMMENDED).with_settings(settings)
    stored, _ = folder.load()
    if args.preset not in (None, stored.preset):
        raise UserError(
            f"{folder.path} was started with --preset {stored.preset}, not {args.preset}; "
            "leave the option out, or choose another folder"
        )
    wanted = stored.with_settings(settings)
    _refuse_contradiction(stored, wanted, folder)
    return wanted


def _started(config, args: argparse.Namespace, folder):
    """Take the networks over from the run that a new one starts from."""
    if args.start_from is None or folder.exists():
        return config
    from ...training.run.run_folder import RunFolder
    from ...training.run.starting_point import with_networks_of

    given = {setting.partition("=")[0].strip().replace("-", "_") for setting in _settings(args)}
    return with_networks_of(config, RunFolder(args.start_from), given)


def _settings(args: argparse.Namespace) -> list[str]:
    names = [name for _, _, name, _ in _SHORTHANDS] + ["progressive", "stage_steps", "fade_steps"]
    given = [f"{name}={getattr(args, name)}" for name in names if getattr(args, name) is not None]
    return given + args.set


def _refuse_contradiction(stored, wanted, folder) -> None:
    from ...training.callbacks.checkpointing import last_saved
    from ...training.config.config import contradiction

    name = contradiction(stored, wanted, last_saved(folder) or 0)
    if name is not None:
        raise UserError(
            f"{folder.path} was started with {name}={getattr(stored, name)}, not "
            f"{getattr(wanted, name)}; leave the option out, or choose another folder"
        )


def _describe(config, records: Path, folder) -> int:
    from ...training.callbacks.checkpointing import last_saved
    from ...training.config.estimates import estimate
    from ...training.settled_precision import settle

    print(json.dumps(config.to_json(), indent=2))
    settled = settle(config, folder)
    print(settled)
    if settled.warning:
        print(settled.warning)
    config = dataclasses.replace(config, precision=settled.precision)
    for line in estimate(config, records, done=last_saved(folder) or 0):
        print(line)
    return 0


def _closing_line(step: int, steps: int, args: argparse.Namespace) -> str:
    if step < steps:
        again = " ".join(["drumsmith train", str(args.records), str(args.run)])
        return f"stopped at step {step} of {steps}; '{again}' goes on from there"
    return f"trained {steps} steps; next: drumsmith export {args.run} MODELS"
