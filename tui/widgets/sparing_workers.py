"""Workers that are let go of once they have ended."""

from __future__ import annotations

from typing import Any

from textual.worker import Worker, WorkerState
from textual.worker_manager import WorkerManager


class SparingWorkers(WorkerManager):
    """Has no worker that has ended hold on to what held on to it.

    Textual's (8.2) knows its task, whose context knows the worker; one that was cancelled keeps
    the error, and so the calls that it went through. Python would have to look for both.
    """

    def _remove_worker(self, worker: Worker[Any]) -> None:
        super()._remove_worker(worker)
        # One that never began is known to be cancelled by its task alone.
        if worker._task is not None and not worker._task.cancelled():
            worker._task = None
        if worker.state == WorkerState.CANCELLED and worker._error is not None:
            worker._error.__traceback__ = None
