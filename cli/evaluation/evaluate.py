"""``drumsmith evaluate``."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .seed import seed

if TYPE_CHECKING:
    from ...evaluation.evaluate import Evaluation

HELP = "measure how good a model's sounds are, beside real ones"

EPILOG = """examples:
  drumsmith evaluate models/ records/ --out report/
  drumsmith evaluate my-sounds/ records/ --out report/     (my-sounds/kick/*.wav, ...)
  drumsmith evaluate records/ --out report/                (the pretrained model)
  drumsmith evaluate --compare models-a/ models-b/ records/ --out comparison/
  drumsmith evaluate --compare report-a/ report-b/ --out comparison/
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "paths",
        metavar="SOUNDS RECORDS",
        nargs="*",
        type=Path,
        help="a folder of exported models, or of audio files by class; and the records to measure "
        "against (the records alone: of the pretrained model, or with --compare)",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for report.json and .html")
    parser.add_argument(
        "--compare",
        nargs=2,
        type=Path,
        metavar=("A", "B"),
        help="put two models, folders of sounds, or finished reports side by side",
    )
    parser.add_argument("--count", type=int, default=256, help="sounds of each class")
    parser.add_argument("--seed", type=seed, default=0, help="of the sounds and of all draws")
    parser.add_argument(
        "--part",
        choices=("valid", "test"),
        help="real sounds to measure against (default: the test part where the records have one)",
    )
    parser.add_argument(
        "--leave-out-faulty",
        action="store_true",
        help="judge what generate writes: faulty sounds are drawn again (default: kept)",
    )
    parser.add_argument("--version", type=int, help="of the exported model (default: the newest)")
    parser.add_argument(
        "--embedding", type=Path, metavar="SAVEDMODEL", help="a third embedding, VGGish for one"
    )
    parser.add_argument(
        "--embedding-rate",
        type=int,
        default=16_000,
        metavar="HZ",
        help="the sample rate that it takes",
    )
    parser.add_argument(
        "--embedding-seconds",
        type=float,
        default=0.975,
        metavar="S",
        help="length that sounds are padded to for it, zeros behind",
    )


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    if args.compare:
        return _compare(args)
    from ...evaluation.sounds.real_sounds import EvaluationError
    from ...serving.pretrained import pretrained_models

    if len(args.paths) == 1 and _are_records(args.paths[0]):
        args.paths.insert(0, pretrained_models())
    if len(args.paths) != 2:
        raise EvaluationError(
            "evaluate takes a folder of models or sounds, and the records: "
            "drumsmith evaluate MODELS RECORDS --out REPORT"
        )
    sounds, records = args.paths
    evaluation = _evaluate(args, sounds, records, args.out)
    _print_summary(evaluation, args.out)
    return 0


def _are_records(folder: Path) -> bool:
    # A lone folder of models is a mistake: its records are missing.
    from ...tfrecords.records.dataset_info import FILE_NAME

    return (folder / FILE_NAME).is_file()


def _compare(args: argparse.Namespace) -> int:
    from ...evaluation.report.compare import read_report, write_comparison
    from ...evaluation.report.report import JSON_NAME
    from ...evaluation.sounds.real_sounds import EvaluationError

    reports, evaluations = [], []
    for side, path in zip("ab", args.compare, strict=True):
        if path.is_file() or (path / JSON_NAME).is_file():
            reports.append(read_report(path))
            continue
        if len(args.paths) != 1:
            raise EvaluationError(
                f"{path} holds no report yet: name the records to measure it against, "
                "drumsmith evaluate --compare A B RECORDS --out COMPARISON"
            )
        # One folder keeps the classifier for both.
        evaluation = _evaluate(args, path, args.paths[0], args.out / side, keep_in=args.out)
        evaluations.append(evaluation)
        reports.append(read_report(args.out / side))
    both = (evaluations[0], evaluations[1]) if len(evaluations) == 2 else None
    comparison = write_comparison(reports[0], reports[1], args.out, both)
    _print_comparison(comparison, args.out)
    return 0


def _evaluate(
    args: argparse.Namespace, sounds: Path, records: Path, out: Path, keep_in: Path | None = None
) -> "Evaluation":
    from ...evaluation.evaluate import evaluate
    from ...evaluation.report.report import write_report
    from ...evaluation.sounds.embeddings import SavedModelEmbedding

    embedding = None
    if args.embedding:
        embedding = SavedModelEmbedding(args.embedding, args.embedding_rate, args.embedding_seconds)
    source, facts = _source(sounds, args.version)
    evaluation = evaluate(
        source,
        records,
        name=sounds.resolve().name,
        count=args.count,
        seed=args.seed,
        part=args.part,
        leave_out_faulty=args.leave_out_faulty,
        keep_in=keep_in or out,
        embedding=embedding,
        facts=facts,
    )
    write_report(evaluation, out)
    return evaluation


def _source(path: Path, version: int | None) -> tuple[Any, dict[str, Any]]:
    """Return a model where the folder holds one, else the folder; and what there is to tell."""
    from ...serving.saved_model.versions import list_versions

    if not list_versions(path):
        return path, {"folder": path.name}
    from ...serving.saved_model.local_model import LocalModel

    model = LocalModel(path, version)
    facts = {
        "model": model.model_id,
        "version": model.version,
        "latent_dim": model.latent_dim,
        **{f"trained, {key}": value for key, value in model.description.summary.items()},
    }
    return model, facts


def _print_summary(evaluation: "Evaluation", out: Path) -> None:
    from ...common.tables import print_table
    from ...evaluation.report.formatting import expected, reached

    worst = evaluation.standings[0]
    real = evaluation.real
    counts = ", ".join(f"{real.held_out.count(i)} {name}" for i, name in enumerate(real.labels))
    print(f"against the {real.part_words} part of {real.name}: {counts}")
    print(
        f"score {evaluation.score:.2f} (lower is better, 1 just meets every target); worst class: "
        f"{worst.label}, by its {worst.weakest}"
    )
    labels = real.labels
    rows = []
    for metric in evaluation.metrics:
        if metric.target is None:
            continue
        figures = [evaluation.figures[label].get(metric.name) for label in labels]
        cells = (
            f"{reached(figure, metric)} {'ok' if figure.target_met else 'NO'}" if figure else ""
            for figure in figures
        )
        rows.append([metric.title, expected(metric), *cells])
    print_table(["metric", "expected", *labels], rows, right=labels)
    _print_means(evaluation)
    for sentence in (*evaluation.limits, *evaluation.advice):
        print(f"- {sentence}")
    print(f"the page to listen to: {out / 'report.html'}", file=sys.stderr)


def _print_means(evaluation: "Evaluation") -> None:
    import numpy as np

    from ...common.tables import print_table
    from ...evaluation.report.report import typical_descriptors

    means = typical_descriptors(evaluation, np.mean)
    labels = evaluation.real.labels
    rows = []
    for name, title, scale in (
        ("centroid", "spectral centroid, Hz", 1.0),
        ("decay", "decay time, ms", 1000.0),
    ):
        cells = [means[label][name] for label in labels]
        texts = (f"{scale * cell['judged']:.0f}, {scale * cell['real']:.0f}" for cell in cells)
        rows.append([title, *texts])
    print_table(["mean (these, real)", *labels], rows, right=labels)


def _print_comparison(comparison: dict[str, Any], out: Path) -> None:
    from ...common.tables import print_table

    a, b = comparison["a"], comparison["b"]
    print(f"A {a['name']}: score {a['score']:.2f};  B {b['name']}: score {b['score']:.2f}")
    rows = []
    for name, one in comparison["differences"]["overall"].items():
        metric = comparison["metrics"][name]
        digits = metric["digits"]
        verdict = f"{one['better'].upper()} better" if one["better"] else "differ"
        numbers = (f"{one[side]:.{digits}f}" for side in "ab")
        difference = f"{one['difference']:+.{digits}f} ± {one['half_width']:.{digits}f}"
        rows.append([metric["title"], *numbers, difference, verdict if one["counts"] else "alike"])
    headers = ("metric", "A", "B", "difference", "verdict")
    print_table(headers, rows, right=("A", "B", "difference"))
    print(f"the page: {out / 'compare.html'}", file=sys.stderr)
