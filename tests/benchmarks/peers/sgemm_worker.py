"""Matrix products of this machine: NumPy's BLAS on square float32 matrices, which every rate is a share of."""

import numpy as np
from protocol import SteppingWorker, serve
from threadpoolctl import threadpool_limits

SIDE = 1024


class SgemmWorker(SteppingWorker):
    def prepare(self, threads):
        self._limits = threadpool_limits(limits=threads, user_api="blas")
        random = np.random.default_rng(0)
        self._a, self._b = random.random((2, SIDE, SIDE), np.float32)
        self._c = np.empty_like(self._a)
        self.deal(1, 1)
        return {"name": f"sgemm {SIDE}, {threads} threads", "flop": 2 * SIDE**3}

    def step(self, part):
        np.dot(self._a, self._b, out=self._c)


if __name__ == "__main__":
    serve(SgemmWorker())
