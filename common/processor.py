"""What the processor can do, in few words: times mean nothing without the kind of machine."""

import os
import platform
from functools import cache
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")

_INSTRUCTIONS = (
    ("AVX2", ("avx2",)),
    ("AVX-512", ("avx512f",)),
    ("bfloat16", ("avx512_bf16", "bf16")),
    ("AMX", ("amx_bf16",)),
)
"""Names that matter to matrix products, and the flags of Linux that mean them."""

_LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")
"""Environment variables that hold oneDNN to fewer instructions than there are."""


def usable_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def describe_processor() -> str:
    """Say model, cores and instructions, as in ``Xeon, 2 cores, AVX2, AVX-512``."""
    words = [_model() or platform.machine(), f"{usable_cores()} cores", *instructions()]
    words += [f"{name}={os.environ[name]}" for name in _LIMITS if name in os.environ]
    return ", ".join(words)


def instructions() -> tuple[str, ...]:
    """Name the instruction sets that matter here; none where the system does not tell."""
    flags = set(_field("flags").split()) | set(_field("Features").split())
    return tuple(name for name, any_of in _INSTRUCTIONS if flags.intersection(any_of))


def _model() -> str:
    return " ".join(_field("model name").split())


def _field(name: str) -> str:
    if not _CPUINFO.is_file():
        return ""
    for line in _CPUINFO.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""
