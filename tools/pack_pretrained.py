"""Puts a trained model into the package, and writes its card out of what was measured.

    drumsmith export RUN models
    drumsmith evaluate models RECORDS --out report
    python tools/pack_pretrained.py RUN RECORDS report --attribution ATTRIBUTION.md

Exports the run into serving/pretrained/models/ under the next number, removes the version before,
writes MODEL_CARD.md and copies the attribution beside it. Nothing is touched unless the report
is about the very weights that the export holds and the records are those of the run.

`--card-only` leaves the model as it is and writes the card again: after a new evaluation, or a
change of tools/model_card_template.md.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# Before TensorFlow is loaded: what its graphs refuse in the export's check is no news.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from drumsmith.common.errors import UserError
from drumsmith.common.publish import publish_file, publish_folder
from drumsmith.evaluation.report.compare import Report, read_report
from drumsmith.evaluation.sounds.real_sounds import PART_WORDS
from drumsmith.serving import pretrained as pretrained
from drumsmith.serving.export.exporter import export
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.saved_model.versions import find_version, list_versions, next_version
from drumsmith.tfrecords.records.dataset_info import DatasetInfo
from drumsmith.tools.model_card import Provenance, card, commands
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import processor_hours

ROOT = Path(__file__).resolve().parents[1]


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, pack the pretrained model, report; return the exit code."""
    args = _parser().parse_args(argv)
    try:
        _fill(args)
    except UserError as error:
        print(f"pack_pretrained: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="the training folder")
    parser.add_argument("records", type=Path, help="what it was trained on")
    parser.add_argument("report", type=Path, help="what drumsmith evaluate wrote about it")
    parser.add_argument(
        "--evaluated-on", type=Path, metavar="RECORDS", help="of the report, if not the same"
    )
    parser.add_argument("--attribution", type=Path, required=True, help="authors and licences")
    parser.add_argument("--best", action="store_true", help="the best checkpoint, not the newest")
    parser.add_argument("--raw", action="store_true", help="the last weights, not their average")
    parser.add_argument("--post-filter", action="store_true", help="as given to the export")
    parser.add_argument("--commit", help="that trained it (default: this checkout's)")
    parser.add_argument(
        "--command",
        action="append",
        help="that made it, once for each line of the card (default: derived from the files)",
    )
    parser.add_argument("--card-only", action="store_true", help="leave the model as it is")
    parser.add_argument(
        "--pretrained",
        type=Path,
        default=pretrained.folder(),
        help="(default: the package's)",
    )
    return parser


def _fill(args: argparse.Namespace) -> None:
    report = read_report(args.report)
    trained_on, evaluated_on = _records(args, report)
    attribution = _read(args.attribution)
    if not args.card_only:
        _put_model(args, report)
    number, folder = find_version(args.pretrained / pretrained.MODELS)
    description = Description.read(folder)
    _same_model(description, report)
    provenance = _provenance(args, report, trained_on, evaluated_on, description.summary["step"])
    text = card(description, number, _size(folder), report, provenance)
    _write(args.pretrained / pretrained.CARD, text)
    _write(args.pretrained / pretrained.ATTRIBUTION, attribution)
    print(f"{folder}: model {description.model_id}, {_size(folder) / 1e6:.1f} MB")
    print(args.pretrained / pretrained.CARD)


def _records(args: argparse.Namespace, report: Report) -> tuple[DatasetInfo, DatasetInfo]:
    trained_on = DatasetInfo.load(args.records)
    _, data = RunFolder(args.run).load()
    if trained_on.digest != data["digest"]:
        raise UserError(f"{args.records} is not what {args.run} was trained on")
    evaluated_on = DatasetInfo.load(args.evaluated_on or args.records)
    _same_records(evaluated_on, report)
    _nothing_seen(trained_on, evaluated_on, report["records"]["part"])
    return trained_on, evaluated_on


def _provenance(
    args: argparse.Namespace,
    report: Report,
    trained_on: DatasetInfo,
    evaluated_on: DatasetInfo,
    step: int,
) -> Provenance:
    run = RunFolder(args.run)
    config, _ = run.load()
    flags = {"--best": args.best, "--raw": args.raw, "--post-filter": args.post_filter}
    options = [flag for flag, given in flags.items() if given]
    return Provenance(
        config=config,
        trained_on=trained_on,
        evaluated_on=evaluated_on,
        commands=args.command or commands(config, trained_on, options, report),
        commit=args.commit or _commit(),
        hours=processor_hours(run.scalars_file, step),
    )


def _same_records(info: DatasetInfo, report: Report) -> None:
    judged = report["records"]
    counts = {"train": judged["train"], judged["part"]: judged["held_out"]}
    here = {
        split: {label: info.count_of(split, label) for label in info.labels} for split in counts
    }
    if counts != here:
        raise UserError(
            f"the report was made against other records ({report['records']['name']}): "
            "name them with --evaluated-on"
        )


def _nothing_seen(trained_on: DatasetInfo, evaluated_on: DatasetInfo, part: str) -> None:
    if trained_on.digest == evaluated_on.digest:
        return  # prepare keeps the parts of one collection apart
    trained = {source.sha256 for source in trained_on.sources if source.split == "train"}
    seen = [s.path for s in evaluated_on.sources if s.split == part and s.sha256 in trained]
    if seen:
        raise UserError(
            f"{len(seen)} of the report's {PART_WORDS[part]} sounds were trained on, "
            f"such as {seen[0]}"
        )


def _put_model(args: argparse.Namespace, report: Report) -> None:
    models = args.pretrained / pretrained.MODELS
    # Aside first: a model that is refused must not take a number in the package.
    with tempfile.TemporaryDirectory() as aside:
        new = export(
            args.run,
            Path(aside),
            averaged=not args.raw,
            best=args.best,
            post_filter=args.post_filter,
        )
        _same_model(Description.read(new), report)
        if _size(new) > pretrained.LARGEST_BYTES:
            raise UserError(
                f"the model has {_size(new) / 1e6:.1f} MB, "
                f"the package takes {pretrained.LARGEST_BYTES / 1e6:.0f}"
            )
        before = list_versions(models)
        with publish_folder(models / str(next_version(models))) as partial:
            shutil.copytree(new, partial, dirs_exist_ok=True)
    for folder in before.values():
        shutil.rmtree(folder)


def _same_model(description: Description, report: Report) -> None:
    judged = report["facts"].get("model")
    if judged != description.model_id:
        raise UserError(
            f"the report is about model {judged}, the export is {description.model_id}: "
            "export and evaluate with the same options, then call again"
        )


def _commit() -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise UserError("this is no checkout of git: name the commit with --commit")
    return done.stdout.strip()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error


def _write(path: Path, text: str) -> None:
    with publish_file(path) as partial:
        partial.write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
