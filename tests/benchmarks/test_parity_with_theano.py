"""That training gives the losses of Theano 1.0.5, the table of `parity_with_theano.py` as a test."""

import pytest
from parity_with_theano import LARGEST, RATES, RULES, differences
from side_by_side import THEANO, needed_interpreter
from timing import size

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(580)]


@pytest.mark.parametrize("updates", RULES)
@pytest.mark.parametrize("network", RATES)
def test_that_losses_are_those_of_theano(network, updates, capsys):
    found, control = differences(needed_interpreter(THEANO), network, updates, size(full=200, smoke=50))
    with capsys.disabled():
        words = ", ".join(f"{compiler} {value:.1e}" for compiler, value in found.items())
        print(f"\n{network}, {updates}: losses differ from Theano's by at most {words}; control {control:.1e}")
    assert max(found.values()) <= LARGEST
