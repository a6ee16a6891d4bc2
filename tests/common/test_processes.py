import os
import subprocess
import sys

from drumsmith.common.processes import is_running


def test_a_process_runs_until_it_has_ended():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert is_running(process.pid)
    process.communicate(b"\n")
    assert not is_running(process.pid)


def test_somebody_elses_process_runs_as_well():
    assert is_running(1)
    assert is_running(os.getpid())
