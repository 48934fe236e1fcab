"""Theano 1.0.5 on the CPU: the peer of the benchmarks, and the reference for the losses.

Theano at its best: compiled C++ with OpenMP in convolution, pooling and elementwise operations, OpenBLAS, the memory
of temporaries kept between calls; the digits and the order lie in shared variables, and a call is given a position
only.
"""

import os

import numpy as np
from protocol import SteppingWorker, serve

RATE, MOMENTUM = 0.02, 0.9

SHAPES = {
    "softmax": [("dense1", (784, 10))],
    "mlp": [("dense1", (784, 500)), ("dense2", (500, 10))],
    "lenet": [("conv1", (20, 1, 5, 5)), ("conv2", (50, 20, 5, 5)), ("dense1", (800, 500)), ("dense2", (500, 10))],
}
"""Shapes of the weights by network: convolutions OIHW, dense layers (in, out)."""


class TheanoWorker(SteppingWorker):
    def prepare(self, network_name, batch, threads, digits, nesterov=True):
        # Read when the libraries are loaded.
        os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
        flags = "floatX=float32,device=cpu,openmp=True,blas.ldflags=-lopenblas,allow_gc=False,mode=FAST_RUN"
        os.environ["THEANO_FLAGS"] = ",".join(filter(None, [flags, os.environ.get("THEANO_FLAGS")]))
        import theano
        import theano.tensor as tt

        random = np.random.RandomState(0)
        self._parameters = {}
        for layer, shape in SHAPES[network_name]:
            fan_in = np.prod(shape[1:]) if len(shape) == 4 else shape[0]
            limit = np.sqrt(6.0 / fan_in)
            units = shape[0] if len(shape) == 4 else shape[1]
            self._parameters[layer + ".W"] = theano.shared(random.uniform(-limit, limit, shape).astype("float32"))
            self._parameters[layer + ".b"] = theano.shared(np.zeros(units, "float32"))
        with np.load(digits) as file:
            images = theano.shared(np.ascontiguousarray(file["images"][:, None], np.float32) / np.float32(255))
            labels = theano.shared(file["labels"].astype("int32"))
        self._order = theano.shared(random.permutation(len(labels.get_value())).astype("int32"))

        x, y, start = tt.tensor4("x"), tt.ivector("y"), tt.iscalar("start")
        outputs = _outputs(network_name, x, self._parameters, batch)
        loss = tt.mean(tt.nnet.categorical_crossentropy(tt.nnet.softmax(outputs), y))
        self.rate = theano.shared(np.float32(RATE))
        self.momentum = theano.shared(np.float32(MOMENTUM))
        updates, self._velocities = [], []
        weights = list(self._parameters.values())
        for weight, gradient in zip(weights, tt.grad(loss, weights)):  # noqa: B905 - `strict` is newer than 3.8
            if nesterov:
                velocity = theano.shared(np.zeros_like(weight.get_value()), broadcastable=weight.broadcastable)
                self._velocities.append(velocity)
                faster = self.momentum * velocity + gradient
                updates += [(velocity, faster), (weight, weight - self.rate * (gradient + self.momentum * faster))]
            else:
                updates.append((weight, weight - self.rate * gradient))
        chosen = self._order[start : start + batch]
        self._step = theano.function([start], loss, updates=updates, givens={x: images[chosen], y: labels[chosen]})
        self.deal(len(labels.get_value()), batch)
        return {"name": f"Theano {theano.__version__}, {threads} threads"}

    def step(self, part):
        return self._step(part.start)

    def losses(self, weights, order, steps, rate, momentum=0.0):
        """Begins with the weights and the order of digits in these files, and returns the loss of each step."""
        with np.load(weights) as file:
            for name, parameter in self._parameters.items():
                assert file[name].shape == parameter.get_value(borrow=True).shape, name
                parameter.set_value(file[name])
        for velocity in self._velocities:
            velocity.set_value(np.zeros_like(velocity.get_value()))
        self._order.set_value(np.load(order))
        self.rate.set_value(np.float32(rate))
        self.momentum.set_value(np.float32(momentum))
        return {"losses": [float(self.step(part)) for part in self._slices[:steps]]}


def _outputs(network_name, x, parameters, batch):
    """What the network says of images (batch, 1, 28, 28) before the softmax, as in Theano's tutorials, with ReLU."""
    import theano.tensor as tt
    from theano.tensor.signal.pool import pool_2d

    def relu(x):
        return tt.maximum(x, np.float32(0))

    side, channels = 28, 1
    for layer, shape in SHAPES[network_name]:
        weight, bias = parameters[layer + ".W"], parameters[layer + ".b"]
        if layer.startswith("conv"):
            # The default: kernels are flipped, as in mathematics.
            x = tt.nnet.conv2d(x, weight, input_shape=(batch, channels, side, side), filter_shape=shape)
            x = relu(pool_2d(x, (2, 2), ignore_border=True) + bias.dimshuffle("x", 0, "x", "x"))
            side, channels = (side - 4) // 2, shape[0]
        else:
            x = tt.dot(x.flatten(2), weight) + bias
            if layer != SHAPES[network_name][-1][0]:
                x = relu(x)
    return x


if __name__ == "__main__":
    serve(TheanoWorker())
