"""Training runs side by side: what they were, what they took, how far they came.

    python tools/runs_table.py RUN [RUN ...] [--figure runs.png]

Prints, for each light evaluation of each run (`drumsmith train --evaluate-every`), the step, the
processor minutes of training so far, and the figures; then one line per run with the options in
which it differs from its preset. Runs may still be training. The figure shows the log-mel Frechet
distance to held-out validation sounds, in multiples of the real control's, by step and by processor
minutes; a stage that is not the last is compared with real sounds at its own rate, drawn dotted. A
run that started from another's networks is drawn from where that one had come.
"""

import argparse
import dataclasses
import statistics
from pathlib import Path

from drumsmith.evaluation.light_evaluation import SCALARS
from drumsmith.training.config.config import HOUSEKEEPING, TrainingConfig
from drumsmith.training.config.presets import preset
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import read_lines
from drumsmith.training.run.starting_point import STARTED_FROM


def main() -> None:
    """Print the table, draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", metavar="RUN", nargs="+", type=Path)
    parser.add_argument("--figure", type=Path, help="a PNG to draw")
    args = parser.parse_args()
    evaluations = {path.name: evaluations_of(RunFolder(path)) for path in args.runs}
    print("| run | step | stage | min | " + " | ".join(SCALARS.values()) + " |")
    print("|---" * (4 + len(SCALARS)) + "|")
    for name, rows in evaluations.items():
        for row in rows:
            # A class of kicks may not be there, a run may be older than a figure.
            cells = [f"{row[name]:.2f}" if name in row else "" for name in SCALARS]
            figures = " | ".join(cells)
            print(f"| {name} | {row['step']} | {row['stage']} | {row['minutes']:.1f} | {figures} |")
    for path in args.runs:
        config, data = RunFolder(path).load()
        print(f"{path.name}: {config.preset}, {sum_of(data)} sounds; {changes_of(config)}")
    if args.figure:
        draw(
            evaluations,
            {path.name: spent_before(RunFolder(path)) for path in args.runs},
            args.figure,
        )


def evaluations_of(run: RunFolder) -> list[dict]:
    """Light evaluations, each with its stage and the processor minutes spent before it."""
    lines = read_lines(run.scalars_file)
    training = [line for line in lines if "seconds" in line]
    rows = []
    for line in lines:
        if "evaluation/score" not in line:
            continue
        before = [one for one in training if one["step"] <= line["step"]]
        row = {k.removeprefix("evaluation/"): v for k, v in line.items()}
        rows.append(row | {"stage": before[-1]["stage"], "minutes": minutes(before, training)})
    return rows


def minutes(before: list[dict], training: list[dict]) -> float:
    """Processor minutes of some lines of scalars.

    A line's own time may hold the tracing of a step, or, where only seconds were logged, what else
    the machine did: every line counts as the median of all the run's lines of its phase.
    """
    typical = {phase: median_seconds(training, phase) for phase in map(phase_of, training)}
    return sum(typical[phase_of(line)] for line in before) / 60


def phase_of(line: dict) -> tuple[int, bool]:
    """Return what the networks' shape depends on."""
    return line["stage"], line["fade"] < 1


def median_seconds(training: list[dict], phase: tuple[int, bool]) -> float:
    """Of a line of that phase."""
    own = [line for line in training if phase_of(line) == phase]
    known = [line["processor_seconds"] for line in own if "processor_seconds" in line]
    return statistics.median(known or [line["seconds"] for line in own])


def sum_of(data: dict) -> int:
    """Sounds trained on."""
    return sum(data["sounds"]["train"].values())


def spent_before(run: RunFolder) -> dict[str, float]:
    """Return steps and processor minutes of the runs that a run descends from."""
    spent = {"step": 0, "minutes": 0.0}
    _, data = run.load()
    origin = data.get(STARTED_FROM)
    while origin is not None:
        spent["step"] += origin["step"]
        spent["minutes"] += 60 * (origin.get("hours") or 0.0)
        origin = origin.get(STARTED_FROM)
    return spent


def changes_of(config: TrainingConfig) -> str:
    """Options that differ from the preset's."""
    before = preset(config.preset)
    return ", ".join(
        f"{field.name}={getattr(config, field.name)}"
        for field in dataclasses.fields(config)
        if getattr(config, field.name) != getattr(before, field.name)
        and field.name not in HOUSEKEEPING
    )


def draw(
    evaluations: dict[str, list[dict]], before: dict[str, dict[str, float]], path: Path
) -> None:
    """Draw distances by step and by time; ``before``: what each run's ancestors took of both."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    last = max(row["stage"] for rows in evaluations.values() for row in rows)
    for name, rows in evaluations.items():
        for plot, key in zip(axes, ("step", "minutes"), strict=True):
            early = [row for row in rows if row["stage"] < last]
            late = [row for row in rows if row["stage"] == last]
            shown = plot.plot(
                [before[name][key] + row[key] for row in late],
                [row["logmel_frechet_ratio"] for row in late],
                "o-",
            )
            plot.plot(
                [before[name][key] + row[key] for row in early],
                [row["logmel_frechet_ratio"] for row in early],
                "o:",
                color=shown[0].get_color(),
            )
            shown[0].set_label(name)
    axes[0].set(xlabel="step", ylabel="log-mel Frechet distance / real control", yscale="log")
    axes[0].yaxis.set_major_formatter("{x:g}")
    axes[0].yaxis.set_minor_formatter("{x:g}")
    axes[1].set(xlabel="processor minutes")
    axes[0].legend()
    figure.savefig(path, dpi=110)
    print(path)


if __name__ == "__main__":
    main()
