import pytest

from ...helpers.few_draws import few_draws


@pytest.fixture(scope="module", autouse=True)
def _few_draws():
    with few_draws():
        yield
