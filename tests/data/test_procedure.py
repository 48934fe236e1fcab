import pytest

from mnist_gui.data.procedure import DEFAULT, STAGES, Procedure


def test_that_a_procedure_comes_back_from_what_json_can_hold():
    other = Procedure(**dict.fromkeys(STAGES, False))
    assert Procedure.from_dict(other.to_dict()) == other
    assert set(other.to_dict()) == set(STAGES)


@pytest.mark.parametrize("values", [{}, {"contrast": 0, "centring": "off"}, {"colour": False}])
def test_that_what_cannot_be_used_is_as_by_default(values):
    assert Procedure.from_dict(values) == DEFAULT
