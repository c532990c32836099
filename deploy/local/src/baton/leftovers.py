"""Processes that a killed supervisor left running: ended before the next start, and by `baton down`."""

import signal

from baton import processes
from baton.data_dir import DataDir, StackState

SERVICES_STOP_SECONDS = 25.0
STORES_STOP_SECONDS = 20.0
STORES = ("postgres", "kafka")


def end_leftovers(data_dir: DataDir, state: StackState) -> bool:
    """End what a killed supervisor left running, services first; return whether there was any."""
    found = False
    order = [name for name in state.parts if name not in STORES] + list(reversed(STORES))
    for name in order:
        process = state.parts.get(name)
        if process is not None:
            number = signal.SIGINT if name == "postgres" else signal.SIGTERM
            seconds = STORES_STOP_SECONDS if name in STORES else SERVICES_STOP_SECONDS
            found |= processes.end_leftover_process(process.pid, process.created, number, seconds)
    if data_dir.was_started() and state.phase != "failed":
        state.phase, state.supervisor, state.parts = "stopped", None, {}
        data_dir.write_state(state)
    return found
