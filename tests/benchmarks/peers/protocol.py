"""What the workers share: requests and answers, one JSON object a line, over standard input and output.

The workers run on interpreters of other programs, the oldest of them Python 3.8, so this file and its neighbours use
nothing that is newer and nothing of this project (but for `our_worker.py`).

A request names a method of the worker and its arguments: ``{"do": "run", "steps": 100}``. The answer is what the
method returned, a dict, or ``{"error": ...}``.
"""

import json
import os
import sys
import time
import traceback


def serve(worker):
    """Answers requests until standard input ends."""
    # Libraries print; their words go to standard error, so that only answers go where answers are read.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(worker, request.pop("do"))(**request)
        except Exception:  # noqa: BLE001 - the boundary: who asked is told
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


class SteppingWorker:
    """A worker that makes training steps on minibatches of resident digits.

    A subclass says in `prepare` what a step is, and calls `deal` to have the digits dealt into minibatches.
    """

    def deal(self, count, batch):
        """Minibatches of a fixed shuffled order, as slices of it."""
        self._slices = [slice(start, start + batch) for start in range(0, count - batch + 1, batch)]
        self._position = 0

    def step(self, part):
        """One training step on the digits of this slice of the order."""
        raise NotImplementedError

    def run(self, steps):
        """Makes so many steps, and says how many seconds they took, by the clock and of the processors."""
        begun, worked = time.perf_counter(), time.process_time()
        for _ in range(steps):
            self.step(self._slices[self._position])
            self._position = (self._position + 1) % len(self._slices)
        self.finish()
        return {"seconds": time.perf_counter() - begun, "processor": time.process_time() - worked}

    def finish(self):
        """Waits until everything that was begun is done."""
