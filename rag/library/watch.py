"""Index again whenever a file of a folder changes, until told to stop."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

from watchfiles import DefaultFilter, watch

from rag.errors import RagError

QUIET_MS = 1500  # an editor writes a file in several steps; wait until it has finished


def watch_folder(folder: Path, index: Callable[[], None], stop: Event | None = None) -> None:
    """Call `index` at once and after every change, until Ctrl-C or `stop`.

    What changes while `index` runs is noticed: the folder is watched before the first call.

    Raises:
        RagError: the folder cannot be watched.
    """
    changes = watch(
        folder, watch_filter=DefaultFilter(), debounce=QUIET_MS, step=100, stop_event=stop,
        rust_timeout=500, yield_on_timeout=True, raise_interrupt=True,
    )  # fmt: skip
    began = False
    try:
        for changed in changes:
            if changed or not began:
                began = True
                index()
    except KeyboardInterrupt:
        return
    except OSError as error:
        raise RagError(f"{folder} cannot be watched ({error}); run `rag index` by hand.") from error
