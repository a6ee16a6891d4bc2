"""``drumsmith demo``: drums at once, then the end-to-end pipeline, small, without a download."""

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

HELP = "make drums with the pretrained model, then run the end-to-end pipeline, small"

SOUNDS_PER_CLASS = 150
GENERATED_PER_CLASS = 8
BOXED_PER_CLASS = 2
SEED = 1
STOP_WITHIN_S = 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder for all of it")
    parser.add_argument(
        "--steps", type=int, default=None, help="training steps (default: those of the demo preset)"
    )


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    began = time.monotonic()
    out = args.out
    collection, records, training, models = (
        out / name for name in ("collection", "records", "run", "models")
    )
    steps = [] if args.steps is None else ["--steps", str(args.steps)]
    _say("1/7  drums from the pretrained model")
    _pretrained_sounds(out / "pretrained")
    _say("2/7  now a model of your own: a collection of drums from the built-in synthesiser")
    _make_collection(collection)
    _say("3/7  records for training")
    _once(records, "prepare", collection, records)
    _say("4/7  training (small and short: enough to tell the classes apart, not to make records)")
    _command("train", records, training, "--preset", "demo", *steps)
    _say("5/7  export for TF Serving")
    _once(models, "export", training, models)
    _say("6/7  a server on a free port, and new drums over gRPC")
    with _server(models) as address:
        sounds = _generate(address, out / "sounds")
    _say("7/7  a picture and a check")
    _picture(sounds, out / "drums.png")
    in_order = _check(sounds)
    print(
        f"\nthe end-to-end pipeline took {time.monotonic() - began:.0f} s; "
        f"listen to {out / 'sounds'}"
    )
    return 0 if in_order else 1


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


def _make_collection(folder: Path) -> None:
    from ..common.publish import publish_folder
    from ..tfrecords.collection.synthesis import synthesise_collection

    if folder.exists():
        print(f"{folder} is there already")
        return
    with publish_folder(folder) as partial:
        synthesise_collection(partial, counts=SOUNDS_PER_CLASS, seed=SEED)
    print(f"{folder}: {SOUNDS_PER_CLASS} each of {', '.join(_names(folder))}")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def _once(made: Path, *words: object) -> None:
    """Run a command unless a demo before this one got as far."""
    if made.exists():
        print(f"{made} is there already")
    else:
        _command(*words)


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


def _check(sounds: dict[str, Path]) -> bool:
    """Print each class's mean spectral centroid; they must rise from kick to cymbal."""
    from ..evaluation.metrics.descriptors import spectral_centroid

    audio, sample_rate = _read(sounds)
    centroids = {
        label: float(spectral_centroid(audio[label], sample_rate).mean())
        for label in ("kick", "snare", "cymbal")
    }
    for label, centroid in centroids.items():
        print(f"  {label:7} mean spectral centroid {centroid:6.0f} Hz")
    in_order = centroids["kick"] < centroids["snare"] < centroids["cymbal"]
    verdict = "as drums do" if in_order else "NOT in the order of drums; try more --steps"
    print(f"  kick < snare < cymbal: {verdict}")
    return in_order


def _read(sounds: dict[str, Path]):
    import numpy as np
    import soundfile

    audio, sample_rate = {}, 0
    for label, folder in sounds.items():
        read = [soundfile.read(path, dtype="float32") for path in sorted(folder.glob("*.wav"))]
        audio[label] = np.stack([samples for samples, _ in read])
        sample_rate = read[0][1]
    return audio, sample_rate
