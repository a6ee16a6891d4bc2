"""What Prometheus' own clients tell of a process, under the same names."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

_SELF = Path("/proc/self")


def process_lines() -> Iterator[str]:
    """Yield the metrics' lines; none on systems without /proc."""
    try:
        # The command's name may hold spaces and brackets: fields are counted behind it.
        stat = (_SELF / "stat").read_text().rsplit(")", 1)[1].split()
        descriptors = len(os.listdir(_SELF / "fd"))
        booted = _booted_at()
    except OSError:
        return
    ticks = os.sysconf("SC_CLK_TCK")
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    values = (
        ("cpu_seconds_total", "counter", "Seconds of processors used.", _ticks(stat, 11, 12)),
        ("resident_memory_bytes", "gauge", "Memory held, in bytes.", int(stat[21]) * _page()),
        ("virtual_memory_bytes", "gauge", "Address space, in bytes.", int(stat[20])),
        ("threads", "gauge", "Threads.", int(stat[17])),
        ("open_fds", "gauge", "File descriptors open.", descriptors),
        ("max_fds", "gauge", "File descriptors that may be open.", limit),
        (
            "start_time_seconds",
            "gauge",
            "When the process began, in seconds since 1970.",
            booted + int(stat[19]) / ticks,
        ),
    )
    for name, kind, words, value in values:
        yield f"# HELP process_{name} {words}"
        yield f"# TYPE process_{name} {kind}"
        yield f"process_{name} {value}"


def _ticks(stat: list[str], *fields: int) -> float:
    return sum(int(stat[field]) for field in fields) / os.sysconf("SC_CLK_TCK")


def _page() -> int:
    return os.sysconf("SC_PAGE_SIZE")


def _booted_at() -> int:
    for line in Path("/proc/stat").read_text().splitlines():
        if line.startswith("btime "):
            return int(line.split()[1])
    return 0
