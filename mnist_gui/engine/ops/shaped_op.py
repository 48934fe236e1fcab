"""An Op that says the shapes of its results before anything is computed."""

from abc import abstractmethod
from typing import Any

from pytensor.graph.op import Op


class ShapedOp(Op):
    """Base of the Ops of this package.

    WORKAROUND https://github.com/pymc-devs/pytensor/blob/main/pytensor/graph/op.py: PyTensor 3.0, the newest for
    Python 3.11, calls ``infer_shape(fgraph, node, shapes)``. PyTensor 3.3, for newer ones, leaves the graph out and
    warns of Ops that want it.
    """

    def infer_shape(self, *arguments: Any) -> list[Any]:
        """Called by PyTensor in either form; see `result_shapes`."""
        return self.result_shapes(arguments[-1])

    @abstractmethod
    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """The shapes of the results from the shapes of the arguments, each a tuple of expressions or numbers."""
