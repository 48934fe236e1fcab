"""The rules against PyTorch's, on a small least-squares problem."""

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.config import Updates
from mnist_gui.engine.nn.updates import make_updates

import pytensor  # isort: skip
import pytensor.tensor as pt  # isort: skip

# What PyTorch 2.13.0 (CPU, float32) has after six steps of this script, the rows of w and then b:
#
#   def run(make):
#       w = torch.tensor([[0.5, -1.0, 2.0], [0.25, 0.75, -0.5]], requires_grad=True)
#       b = torch.tensor([0.0, 0.1, -0.1], requires_grad=True)
#       x = torch.tensor([[1.0, 2.0], [-1.0, 0.5], [0.3, -0.7], [2.0, -1.5]])
#       y = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
#       rule = make([w, b])
#       for step in range(6):
#           rule.param_groups[0]["lr"] = 0.1 if step < 3 else 0.03
#           rule.zero_grad()
#           ((x @ w + b - y) ** 2).mean().backward()
#           rule.step()
#       return [*w.flatten().tolist(), *b.tolist()]
#
#   for name, make in {
#       "sgd": lambda p: SGD(p, 0.1),
#       "momentum": lambda p: SGD(p, 0.1, momentum=0.9),
#       "nesterov": lambda p: SGD(p, 0.1, momentum=0.9, nesterov=True),
#       "rmsprop": lambda p: RMSprop(p, 0.1, alpha=0.9, eps=1e-8),
#       "adam": lambda p: Adam(p, 0.1),
#   }.items():
#       print(name, [round(v, 6) for v in run(make)])
PYTORCH = {
    "sgd": [0.517793, -0.57722, 1.327489, 0.22916, 0.333166, -0.188593, 0.04448, 0.292737, -0.240439],
    "momentum": [0.537427, -0.068076, 0.497456, 0.203666, -0.170868, 0.175273, 0.101725, 0.526511, -0.39403],
    "nesterov": [0.535192, 0.013123, 0.307673, 0.198214, -0.257017, 0.202676, 0.121387, 0.568714, -0.371733],
    "rmsprop": [0.501788, -0.337519, 1.236302, 0.190766, 0.048935, 0.124023, 0.18541, 0.654606, -0.541936],
    "adam": [0.456239, -0.616332, 1.613235, 0.203511, 0.36485, -0.117291, 0.251323, 0.479665, -0.475056],
}  # fmt: skip

X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.3, -0.7], [2.0, -1.5]], np.float32)
Y = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]], np.float32)


def problem():
    parameters = {
        "w": pytensor.shared(np.array([[0.5, -1.0, 2.0], [0.25, 0.75, -0.5]], np.float32), name="w"),
        "b": pytensor.shared(np.array([0.0, 0.1, -0.1], np.float32), name="b"),
    }
    loss = pt.mean(pt.sqr(pt.dot(X, parameters["w"]) + parameters["b"] - Y))
    hyperparameters = {
        "learning_rate": pytensor.shared(np.float32(0.1), name="learning_rate"),
        "momentum": pytensor.shared(np.float32(0.9), name="momentum"),
    }
    return parameters, loss, hyperparameters


@pytest.mark.parametrize("rule", list(Updates))
def test_that_a_rule_moves_weights_as_in_pytorch_also_when_the_rate_changes_between_steps(rule):
    parameters, loss, hyperparameters = problem()
    step = backend.INTERPRETER.function([], loss, make_updates(rule, loss, parameters, hyperparameters))
    for number in range(6):
        hyperparameters["learning_rate"].set_value(np.float32(0.1 if number < 3 else 0.03))
        step()
    reached = np.concatenate([variable.get_value().ravel() for variable in parameters.values()])
    np.testing.assert_allclose(reached, PYTORCH[rule], atol=3e-6)


@pytest.mark.parametrize("rule", list(Updates))
def test_that_updates_keep_float32_and_shapes(rule):
    parameters, loss, hyperparameters = problem()
    for variable, value in make_updates(rule, loss, parameters, hyperparameters):
        assert value.type.dtype == variable.type.dtype == "float32"
        assert value.type.ndim == variable.type.ndim


def test_that_the_momentum_can_be_changed_between_steps():
    parameters, loss, hyperparameters = problem()
    step = backend.INTERPRETER.function([], loss, make_updates(Updates.MOMENTUM, loss, parameters, hyperparameters))
    step()
    hyperparameters["momentum"].set_value(np.float32(0))
    before = [variable.get_value() for variable in parameters.values()]
    gradients = backend.INTERPRETER.function([], pytensor.grad(loss, list(parameters.values())))()
    step()
    for variable, value, gradient in zip(parameters.values(), before, gradients, strict=True):
        np.testing.assert_allclose(variable.get_value(), value - np.float32(0.1) * gradient, rtol=1e-5)


def test_that_the_first_step_of_adam_is_as_long_as_the_learning_rate_whatever_the_gradient():
    """Kingma and Ba, section 2.1: the correction for starting at zero makes it so; float32 must not blur it."""
    parameters = {"w": pytensor.shared(np.zeros(3, np.float32), name="w")}
    loss = pt.dot(parameters["w"], np.array([1e-3, 1.0, 300.0], np.float32))
    hyperparameters = {"learning_rate": pt.constant(np.float32(0.01)), "momentum": pt.constant(np.float32(0))}
    backend.INTERPRETER.function([], loss, make_updates(Updates.ADAM, loss, parameters, hyperparameters))()
    np.testing.assert_allclose(parameters["w"].get_value(), [-0.01] * 3, rtol=2e-5)
