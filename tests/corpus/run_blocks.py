"""Runs code blocks one after another in this process: torch is loaded once.

Standard input: JSON `[[note, code], …]`. Standard output: a JSON line `[note, null]` when a block
begins, so that a crash can be put down to its note, and `[note, problem]` when it fails.
"""

import contextlib
import io
import json
import signal
import sys
import traceback

import numpy as np
import torch

LIMIT_S = 10  # a block takes under two seconds on a free machine


def _too_long(signum: int, frame: object) -> None:
    raise TimeoutError(f"longer than {LIMIT_S} s")


def main() -> None:
    signal.signal(signal.SIGALRM, _too_long)
    torch.set_num_threads(1)
    for note, code in json.load(sys.stdin):
        print(json.dumps([note, None]), flush=True)
        torch.set_default_dtype(torch.float32)
        torch.manual_seed(0)
        np.random.seed(0)
        signal.alarm(LIMIT_S)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(code, note, "exec"), {"__name__": "__main__"})
        except BaseException:
            problem = traceback.format_exc(limit=-2)
            print(json.dumps([note, problem]), flush=True)
        finally:
            signal.alarm(0)


if __name__ == "__main__":
    main()
