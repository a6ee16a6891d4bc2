"""Other processes on this machine."""

import os


def is_running(process: int) -> bool:
    """Tell whether a process of that number runs, whoever owns it."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
