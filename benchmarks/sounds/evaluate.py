"""How long an evaluation takes: the full one of an exported model, and the light one.

    python benchmarks/sounds/evaluate.py MODELS RECORDS [--count 256]

Prints one line of JSON: seconds by part, once with the classifier to train and once with it kept,
and the light evaluation's preparation (once in a training run) and its repetition.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from drumsmith.evaluation.evaluate import evaluate
from drumsmith.evaluation.light_evaluation import LightEvaluation
from drumsmith.evaluation.report.report import write_report
from drumsmith.evaluation.sounds.sources import generate_sounds
from drumsmith.serving.saved_model.local_model import LocalModel


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("records", type=Path)
    parser.add_argument("--count", type=int, default=256)
    args = parser.parse_args()
    model = LocalModel(args.models)
    found: dict[str, object] = {"count": args.count, "length": model.length}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first", "again"):
            start = time.perf_counter()
            evaluation = evaluate(model, args.records, count=args.count, keep_in=Path(folder))
            write_report(evaluation, Path(folder) / name)
            found[name] = {
                "total": round(time.perf_counter() - start, 1),
                "parts": evaluation.seconds,
            }
    found["light"] = _light(model, args.records)
    print(json.dumps(found))


def _light(model: LocalModel, records: Path, count: int = 64) -> dict[str, float]:
    start = time.perf_counter()
    light = LightEvaluation(records, length=model.length)
    prepared = time.perf_counter()
    sounds = generate_sounds(model, light.labels, count, seed=0)
    generated = time.perf_counter()
    light.scalars(sounds.audio, sounds.label)
    done = time.perf_counter()
    return {
        "prepare": round(prepared - start, 2),
        "generate": round(generated - prepared, 2),
        "measure": round(done - generated, 2),
    }


if __name__ == "__main__":
    main()
