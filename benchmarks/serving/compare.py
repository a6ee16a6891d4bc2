"""Is this checkout's server slower than another's?

Serves one model by the code of an older checkout and by this one's, in turn, on the same cores and
called by the same callers, and compares the processor time that a sound takes and the rate. Turns
lie beside each other, so that a machine that changes its pace changes both.

    git worktree add /elsewhere/drumsmith TAG
    python benchmarks/serving/compare.py /elsewhere/drumsmith [--width 16] [--sounds 1 8]
        [--clients 16] [--turns 3] [--seconds 4] [--shared]

Ends with one line for each size of request that begins `compare`; below 1 is faster than before.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from server_process import Cores, Result, Served, export_width, load

HERE = Path(__file__).resolve().parents[2]


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path, help="the other checkout, in a folder named drumsmith")
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--sounds", type=int, nargs="+", default=[1, 8], help="in one request")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--shared", action="store_true", help="clients on the server's cores")
    args = parser.parse_args()
    # The folder is the package, so that its name must be the package's.
    for checkout in (args.old.resolve(), HERE):
        if checkout.name != "drumsmith" or not (checkout / "cli").is_dir():
            sys.exit(f"{checkout} is no checkout in a folder named drumsmith")
    cores = Cores.split(args.shared)
    print(f"{cores}; load {os.getloadavg()[0]:.1f}; width {args.width}, {args.clients} clients")
    with tempfile.TemporaryDirectory() as scratch:
        export_width(args.width, Path(scratch))
        turns = [_turn(Path(scratch), cores, args) for _ in range(args.turns)]
    for sounds in args.sounds:
        cost, rate = (
            [
                statistics.median(of(turn[name, sounds], sounds) for turn in turns)
                for name in ("old", "new")
            ]
            for of in (_cpu_ms, _rate)
        )
        print(
            f"compare {sounds} sounds a request: {cost[0]:.3f} -> {cost[1]:.3f} ms of a core for a "
            f"sound, {cost[1] / cost[0]:.2f} of before; {rate[0]:.0f} -> {rate[1]:.0f} sounds/s, "
            f"{rate[1] / rate[0]:.2f} of before"
        )


def _turn(models: Path, cores: Cores, args: argparse.Namespace) -> dict[tuple[str, int], Result]:
    """Measure both, one after the other."""
    results = {}
    for name, checkout in (("old", args.old.resolve()), ("new", HERE)):
        os.environ["PYTHONPATH"] = str(checkout.parent)
        with Served(models, cores) as server:
            # The callers are this checkout's, whoever serves.
            os.environ["PYTHONPATH"] = str(HERE.parent)
            for sounds in args.sounds:
                load(server, args.clients, 1.0, sounds)
                results[name, sounds] = load(server, args.clients, args.seconds, sounds)
                print(
                    f"{name}, {sounds} sounds: {_cpu_ms(results[name, sounds], sounds):.3f} ms of a"
                    f" core for a sound, {_rate(results[name, sounds], sounds):.0f} sounds/s",
                    flush=True,
                )
    return results


def _cpu_ms(result: Result, sounds: int) -> float:
    return 1e3 * result.cpu_s / (result.calls * sounds)


def _rate(result: Result, sounds: int) -> float:
    return result.rate * sounds


if __name__ == "__main__":
    main()
