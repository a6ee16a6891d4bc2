"""``drumsmith export``: a trained run becomes a version that can be served."""

import argparse
import sys
from pathlib import Path

HELP = "export a run's generator as the next version in a models folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("run", metavar="RUN", type=Path, help="a training folder")
    parser.add_argument("models", metavar="MODELS", type=Path, help="folder of exported versions")
    parser.add_argument(
        "--raw",
        action="store_true",
        help="the last step's weights instead of their running average",
    )
    parser.add_argument(
        "--best", action="store_true", help="the best checkpoint instead of the newest"
    )
    parser.add_argument(
        "--post-filter",
        action="store_true",
        help="measure the generator's steady tones and put a filter against them behind it",
    )
    parser.add_argument(
        "--portable",
        action="store_true",
        help="for runtimes other than TensorFlow, such as OpenVINO: no batching in the graph, "
        "no complex numbers",
    )
    batching = parser.add_argument_group(
        "batching", "how a server gathers waiting requests; part of the export"
    )
    batching.add_argument(
        "--no-batching", action="store_true", help="compute each request by itself"
    )
    batching.add_argument(
        "--max-batch", type=int, default=16, help="examples computed at once (default: 16)"
    )
    batching.add_argument(
        "--max-request", type=int, default=256, help="examples in one request (default: 256)"
    )
    batching.add_argument(
        "--batch-timeout-us",
        type=int,
        default=0,
        help="how long a batch waits for more requests, in microseconds (default: 0)",
    )
    batching.add_argument(
        "--queue", type=int, default=64, help="batches that may wait (default: 64)"
    )
    batching.add_argument(
        "--batch-threads", type=int, default=2, help="batches computed side by side (default: 2)"
    )


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...serving.export.batching import Batching, batch_sizes
    from ...serving.export.exporter import export
    from ...serving.export.maturity import far_from_trained
    from ...serving.saved_model.description import Description
    from ...serving.saved_model.local_model import LocalModel

    batching = None
    if not (args.no_batching or args.portable):
        batching = Batching(
            sizes=batch_sizes(args.max_batch),
            max_request=args.max_request,
            timeout_us=args.batch_timeout_us,
            queue=args.queue,
            threads=args.batch_threads,
        )
    version = export(
        args.run,
        args.models,
        averaged=not args.raw,
        best=args.best,
        post_filter=args.post_filter,
        batching=batching,
        portable=args.portable,
    )
    description = Description.read(version)
    size = sum(path.stat().st_size for path in version.rglob("*") if path.is_file())
    print(
        f"{version}: {', '.join(description.labels)}; model {description.model_id}, "
        f"{size / 1e6:.1f} MB; every signature checked"
    )
    with LocalModel(args.models, int(version.name)) as model:
        if warning := far_from_trained(model):
            print(f"drumsmith: {warning}", file=sys.stderr)
    return None
