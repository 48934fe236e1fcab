"""The stand-ins as fixtures."""

import pytest
from why_tools import AnsweringSession, FakeExplainer


@pytest.fixture
def session(tiny_dataset):
    return AnsweringSession(tiny_dataset)


@pytest.fixture
def explainer():
    return FakeExplainer()
