"""The rules against PyTorch's, on a small least-squares problem; the moving average by hand."""

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.config import Updates
from mnist_gui.engine.nn.updates import Rule, averaging, make_updates

import pytensor  # isort: skip
import pytensor.tensor as pt  # isort: skip

# What PyTorch 2.13.0 (CPU, float32) has after six steps of this script, the rows of w and then b:
#
#   def run(make, decay):
#       w = torch.tensor([[0.5, -1.0, 2.0], [0.25, 0.75, -0.5]], requires_grad=True)
#       b = torch.tensor([0.0, 0.1, -0.1], requires_grad=True)
#       x = torch.tensor([[1.0, 2.0], [-1.0, 0.5], [0.3, -0.7], [2.0, -1.5]])
#       y = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
#       rule = make([{"params": [w], "weight_decay": decay}, {"params": [b], "weight_decay": 0.0}])
#       for group in rule.param_groups:
#           group["first"] = group["lr"]
#       for step in range(6):
#           for group in rule.param_groups:
#               group["lr"] = group["first"] if step < 3 else 0.3 * group["first"]
#           rule.zero_grad()
#           ((x @ w + b - y) ** 2).mean().backward()
#           rule.step()
#       return [*w.flatten().tolist(), *b.tolist()]
#
#   for momentum, square_decay, decay in [(0.9, 0.999, 0.0), (0.7, 0.9, 0.2)]:
#       betas = (momentum, square_decay)
#       for name, make in {
#           "sgd": lambda p: SGD(p, 0.1),
#           "momentum": lambda p: SGD(p, 0.1, momentum=momentum),
#           "nesterov": lambda p: SGD(p, 0.1, momentum=momentum, nesterov=True),
#           "rmsprop": lambda p: RMSprop(p, 0.1, alpha=0.9, eps=1e-8),
#           "adagrad": lambda p: Adagrad(p, 0.1, eps=1e-8),
#           "adadelta": lambda p: Adadelta(p, 10.0, rho=0.9, eps=1e-6),
#           "adam": lambda p: Adam(p, 0.1, betas=betas),
#           "adamw": lambda p: AdamW(p, 0.1, betas=betas),
#       }.items():
#           print(name, [round(v, 6) for v in run(make, decay)])
PYTORCH = {
    "sgd": [0.517793, -0.57722, 1.327489, 0.22916, 0.333166, -0.188593, 0.04448, 0.292737, -0.240439],
    "momentum": [0.537427, -0.068076, 0.497456, 0.203666, -0.170868, 0.175273, 0.101725, 0.526511, -0.39403],
    "nesterov": [0.535192, 0.013123, 0.307673, 0.198214, -0.257017, 0.202676, 0.121387, 0.568714, -0.371733],
    "rmsprop": [0.501788, -0.337519, 1.236302, 0.190766, 0.048935, 0.124023, 0.18541, 0.654606, -0.541936],
    "adagrad": [0.496434, -0.747825, 1.741334, 0.188298, 0.495024, -0.249595, 0.16852, 0.345774, -0.33969],
    "adadelta": [0.521558, -0.87717, 1.875496, 0.198375, 0.626448, -0.377594, 0.101483, 0.221276, -0.219901],
    "adam": [0.456239, -0.616332, 1.613235, 0.203511, 0.36485, -0.117291, 0.251323, 0.479665, -0.475056],
    "adamw": [0.456239, -0.616332, 1.613235, 0.203511, 0.36485, -0.117291, 0.251323, 0.479665, -0.475056],
}  # fmt: skip
PYTORCH_WITH_DECAY = {
    "sgd": [0.484044, -0.527241, 1.219339, 0.212537, 0.300924, -0.171821, 0.046632, 0.289568, -0.233387],
    "momentum": [0.469052, -0.168422, 0.611455, 0.182694, -0.039691, 0.066701, 0.086346, 0.435544, -0.322401],
    "nesterov": [0.460582, -0.122942, 0.500213, 0.175752, -0.082732, 0.074687, 0.101423, 0.458795, -0.304222],
    "rmsprop": [0.328351, -0.330135, 1.228139, 0.112398, 0.055759, 0.110207, 0.281688, 0.653274, -0.539777],
    "adagrad": [0.377348, -0.747348, 1.740652, 0.136555, 0.495454, -0.250502, 0.214773, 0.34576, -0.339662],
    "adadelta": [0.419517, -0.87705, 1.87531, 0.161364, 0.626559, -0.377818, 0.117542, 0.221274, -0.219898],
    "adam": [0.332465, -0.620659, 1.615592, 0.11854, 0.369077, -0.123398, 0.328546, 0.472896, -0.4662],
    "adamw": [0.43345, -0.559294, 1.478469, 0.182983, 0.325505, -0.099285, 0.24714, 0.471075, -0.459461],
}  # fmt: skip

X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.3, -0.7], [2.0, -1.5]], np.float32)
Y = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]], np.float32)


def scalar(value, name):
    return pytensor.shared(np.float32(value), name=name)


def problem():
    """Parameters and a loss."""
    parameters = {
        "w": pytensor.shared(np.array([[0.5, -1.0, 2.0], [0.25, 0.75, -0.5]], np.float32), name="w"),
        "b": pytensor.shared(np.array([0.0, 0.1, -0.1], np.float32), name="b"),
    }
    return parameters, pt.mean(pt.sqr(pt.dot(X, parameters["w"]) + parameters["b"] - Y))


def make_rule(rate=0.1, momentum=0.9, square_decay=0.999, **decays):
    """A rule of shared scalars; `decays` by the name of a parameter."""
    return Rule(
        scalar(rate, "rate"),
        scalar(momentum, "momentum"),
        scalar(square_decay, "square_decay"),
        {name: scalar(value, f"{name}.decay") for name, value in decays.items()},
    )


def reached(updates, rule):
    """The weights after six steps, the last three at 0.3 of the rate."""
    parameters, loss = problem()
    step = backend.INTERPRETER.function([], loss, make_updates(updates, loss, parameters, rule))
    first = rule.rate.get_value()
    for number in range(6):
        rule.rate.set_value(np.float32(first if number < 3 else 0.3 * first))
        step()
    return np.concatenate([variable.get_value().ravel() for variable in parameters.values()])


def rate_of(updates):
    """Adadelta begins with steps of a thousandth of the rate; these are long enough to be seen."""
    return 10.0 if updates is Updates.ADADELTA else 0.1


@pytest.mark.parametrize("updates", list(Updates))
def test_that_a_rule_moves_weights_as_in_pytorch_also_when_the_rate_changes_between_steps(updates):
    forgets = 0.9 if updates in (Updates.RMSPROP, Updates.ADADELTA) else 0.999
    rule = make_rule(rate_of(updates), square_decay=forgets)
    np.testing.assert_allclose(reached(updates, rule), PYTORCH[updates], atol=3e-6)


@pytest.mark.parametrize("updates", list(Updates))
def test_that_decay_and_other_memories_act_as_in_pytorch(updates):
    rule = make_rule(rate_of(updates), momentum=0.7, square_decay=0.9, w=0)
    rule.decays["w"].set_value(np.float32(0.2))  # a scalar that may change, like the others
    np.testing.assert_allclose(reached(updates, rule), PYTORCH_WITH_DECAY[updates], atol=3e-6)


def test_that_the_decay_of_adamw_does_not_pass_through_its_averages():
    """A weight without a gradient shrinks by rate times decay; with Adam it would move by the whole rate."""
    parameters = {"w": pytensor.shared(np.float32([2.0, -4.0]), name="w")}
    loss = 0 * pt.sum(parameters["w"])
    for updates, expected in ((Updates.ADAMW, [1.9, -3.8]), (Updates.ADAM, [1.9, -3.9])):
        parameters["w"].set_value(np.float32([2.0, -4.0]))
        backend.INTERPRETER.function([], loss, make_updates(updates, loss, parameters, make_rule(0.1, w=0.5)))()
        np.testing.assert_allclose(parameters["w"].get_value(), expected, rtol=1e-6)


@pytest.mark.parametrize("updates", list(Updates))
def test_that_updates_keep_float32_and_shapes(updates):
    parameters, loss = problem()
    for variable, value in make_updates(updates, loss, parameters, make_rule(w=0.1)):
        assert value.type.dtype == variable.type.dtype == "float32"
        assert value.type.ndim == variable.type.ndim


@pytest.mark.parametrize("updates", list(Updates))
def test_that_a_weight_whose_gradient_was_never_other_than_zero_stays_where_it_is(updates):
    """Nothing is divided by zero."""
    parameters = {"w": pytensor.shared(np.float32([2.0, -4.0]), name="w")}
    loss = 0 * pt.sum(parameters["w"])
    step = backend.INTERPRETER.function([], loss, make_updates(updates, loss, parameters, make_rule()))
    step()
    step()
    np.testing.assert_array_equal(parameters["w"].get_value(), np.float32([2.0, -4.0]))


def test_that_the_momentum_can_be_changed_between_steps():
    parameters, loss = problem()
    rule = make_rule()
    step = backend.INTERPRETER.function([], loss, make_updates(Updates.MOMENTUM, loss, parameters, rule))
    step()
    rule.momentum.set_value(np.float32(0))
    before = [variable.get_value() for variable in parameters.values()]
    gradients = backend.INTERPRETER.function([], pytensor.grad(loss, list(parameters.values())))()
    step()
    for variable, value, gradient in zip(parameters.values(), before, gradients, strict=True):
        np.testing.assert_allclose(variable.get_value(), value - np.float32(0.1) * gradient, rtol=1e-5)


def test_that_the_first_step_of_adam_is_as_long_as_the_learning_rate_whatever_the_gradient():
    """Kingma and Ba, section 2.1: the correction for starting at zero makes it so; float32 must not blur it."""
    parameters = {"w": pytensor.shared(np.zeros(3, np.float32), name="w")}
    loss = pt.dot(parameters["w"], np.array([1e-3, 1.0, 300.0], np.float32))
    rule = make_rule(0.01, momentum=0)
    backend.INTERPRETER.function([], loss, make_updates(Updates.ADAM, loss, parameters, rule))()
    np.testing.assert_allclose(parameters["w"].get_value(), [-0.01] * 3, rtol=2e-5)


def test_that_the_moving_average_follows_the_next_weights_and_forgets_sooner_at_first():
    memory, step = scalar(0.5, "memory"), scalar(0, "step")
    network = {"w": pytensor.shared(np.float32([0.0, 8.0]), name="w"), "fixed": pytensor.shared(np.float32([3.0]))}
    averages = {name: pytensor.shared(np.float32(0) * variable.get_value()) for name, variable in network.items()}
    pairs = [(network["w"], network["w"] + np.float32(1))]
    pairs += averaging(network, averages, pairs, memory, step)
    advance = backend.INTERPRETER.function([], None, [*pairs, (step, step + np.float32(1))])
    expected = np.zeros(3)
    for number in range(12):
        advance()
        kept = min(0.5, (1 + number) / (10 + number))  # 0.1, 2/11, ... and 0.5 from step 8 on
        now = np.array([number + 1, number + 9, 3])
        expected = kept * expected + (1 - kept) * now
        found = np.concatenate([averages["w"].get_value(), averages["fixed"].get_value()])
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    memory.set_value(np.float32(0))  # remembers nothing: the latest weights
    advance()
    np.testing.assert_array_equal(averages["w"].get_value(), network["w"].get_value())
    assert averages["w"].get_value().dtype == np.float32
