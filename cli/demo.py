"""``drumsmith demo``: drums at once, then the end-to-end pipeline, without a download."""

import argparse
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..common.errors import UserError

HELP = "make drums with the pretrained model, then tune it to a collection and serve it"

SOUNDS_PER_CLASS = 100
GENERATED_PER_CLASS = 8
BOXED_PER_CLASS = 2
SEED = 1
MINUTES = 0.5
"""Of tuning: all of the demo is to take under 150 s on two slow cores."""

LEAST_RIGHT, MOST_FAULTY, MOST_COPIED = 0.9, 0.1, 0.02
"""Shares of the tuned model's sounds that are as asked for, that have a fault, that are copies."""

STOP_WITHIN_S = 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder for all of it")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="time for tuning")
    parser.add_argument("--steps", type=int, help="so many updates instead of --minutes")
    parser.add_argument(
        "--sounds", type=int, default=SOUNDS_PER_CLASS, help="of each class of the collection"
    )


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    began = time.monotonic()
    out = args.out
    collection, models, work = (out / name for name in ("collection", "models", "tuning"))
    budget = ("--minutes", args.minutes) if args.steps is None else ("--steps", args.steps)
    _say("1/5  drums from the pretrained model")
    _pretrained_sounds(out / "pretrained")
    _say("2/5  a collection, as yours might be: here from the built-in synthesiser")
    _make_collection(collection, args.sounds)
    _say("3/5  the pretrained model made its own: records, training, evaluation, export")
    _command("tune", collection, models, "--work", work, *budget)
    _say("4/5  a server for TF Serving's protocol on a free port, and new drums over gRPC")
    with _server(models) as address:
        sounds = _generate(address, out / "sounds")
    _say("5/5  a picture and a check")
    _picture(sounds, out / "drums.png")
    good = _check(work)
    count = sum(len(list(folder.glob("*.wav"))) for folder in sounds.values())
    print(
        f"\nthe demo took {time.monotonic() - began:.0f} s: here are {count} sounds of the tuned "
        f"model in {out / 'sounds'}, and some of the pretrained one in {out / 'pretrained'}"
    )
    print("next, with a folder of your own: drumsmith tune FOLDER MODELS")
    return 0 if good else 1


def _say(words: str) -> None:
    print(f"\n{words}", flush=True)


def _pretrained_sounds(folder: Path) -> None:
    """Write sounds of every class, and their picture, all in one process: it takes seconds."""
    from ..serving.pretrained import pretrained_models
    from ..serving.saved_model.local_model import LocalModel
    from ..serving.saved_model.versions import ModelsError

    try:
        models = pretrained_models()
    except ModelsError as error:
        print(error)
        return
    with LocalModel(models) as model:
        for label in model.labels:
            made = model.generate(label, BOXED_PER_CLASS, seed=SEED)
            print(*made.save(folder / label, overwrite=True), sep="\n")
        sounds = {label: folder / label for label in model.labels}
    _picture(sounds, folder / "drums.png")
    print("more of them: drumsmith generate LABEL -n 8")


def _make_collection(folder: Path, count: int) -> None:
    from ..common.publish import publish_folder
    from ..tfrecords.collection.synthesis import synthesise_collection

    if folder.exists():
        print(f"{folder} is there already")
        return
    with publish_folder(folder) as partial:
        synthesise_collection(partial, counts=count, seed=SEED)
    print(f"{folder}: {count} each of {', '.join(_names(folder))}")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def _command(*words: object) -> None:
    """Run a drumsmith command in a process of its own, as its user would, and show it."""
    arguments = [str(word) for word in words]
    print(f"$ drumsmith {shlex.join(arguments)}", flush=True)
    done = subprocess.run([*_drumsmith(), *arguments], check=False)
    if done.returncode:
        raise UserError(f"the demo stops: drumsmith {arguments[0]} failed, its message is above")


def _drumsmith() -> list[str]:
    return [sys.executable, "-m", "drumsmith.cli.main"]


@contextmanager
def _server(models: Path) -> Iterator[str]:
    """Yield the address of a server that runs while the block does."""
    arguments = ["serve", str(models), "--port", "0"]
    print(f"$ drumsmith {shlex.join(arguments)}", flush=True)
    process = subprocess.Popen([*_drumsmith(), *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield _address(process)
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _address(process: subprocess.Popen) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="")
        found = re.search(r" on (\S+:\d+)$", line.rstrip())
        if found:
            return found[1]
    raise UserError("the demo stops: the server did not start, its message is above")


def _generate(address: str, folder: Path) -> dict[str, Path]:
    """Ask for sounds of every class; return the folder of each."""
    from ..serving.client.client import Client

    with Client(address) as client:
        labels = client.labels
    for label in labels:
        _command(
            *("generate", label, "-n", GENERATED_PER_CLASS, "--seed", SEED),
            *("--server", address, "--out", folder / label, "--overwrite"),
        )
    return {label: folder / label for label in labels}


def _picture(sounds: dict[str, Path], path: Path) -> None:
    from ..evaluation.report.figures import figure_3

    audio, sample_rate = _read(sounds)
    figure_3(audio, sample_rate, path)
    print(f"{path}: waveform and mel spectrogram of each class, as in the paper's figure 3")


def _check(work: Path) -> bool:
    """Say what the evaluation found, and whether it is good."""
    from ..tuning.work_notes import figures

    found = figures(work)
    before, tuned = found["before"], found["tuned"]
    print(
        f"  distance to held-out sounds {tuned.distance:.1f} times that of real ones "
        f"(before tuning {before.distance:.1f})\n"
        f"  of the label that was asked for {tuned.right:.0%}, faulty {tuned.faulty:.0%}, "
        f"copies {tuned.copies:.0%}"
    )
    good = (
        tuned.distance < before.distance
        and tuned.right >= LEAST_RIGHT
        and tuned.faulty <= MOST_FAULTY
        and tuned.copies <= MOST_COPIED
    )
    print("  a good model" if good else "  NOT good yet; try more --minutes, with another --out")
    return good


def _read(sounds: dict[str, Path]):
    import numpy as np
    import soundfile

    audio, sample_rate = {}, 0
    for label, folder in sounds.items():
        read = [soundfile.read(path, dtype="float32") for path in sorted(folder.glob("*.wav"))]
        audio[label] = np.stack([samples for samples, _ in read])
        sample_rate = read[0][1]
    return audio, sample_rate
