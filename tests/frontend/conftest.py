from __future__ import annotations

from collections.abc import Iterator

import pytest

from voxlite.frontend import native


def _forget() -> None:
    native.kernel.cache_clear()
    native.plan_for.cache_clear()


@pytest.fixture(scope="module", params=["compiled", "numpy"])
def both_paths(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a module's tests on the compiled front end and on NumPy's."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "numpy":
            patch.setenv(native.VARIABLE, "off")
        else:
            patch.delenv(native.VARIABLE, raising=False)
        _forget()
        if request.param == "compiled" and not native.kernel().isas:
            pytest.skip(f"needs the compiled front end: {native.kernel().detail}")
        yield request.param
    _forget()


@pytest.fixture
def fresh_kernel() -> Iterator[None]:
    """Let a test change what the kernel is looked up from."""
    _forget()
    yield
    _forget()


@pytest.fixture
def library() -> Iterator[native.Kernel]:
    """Return the compiled kernel; the test is skipped where there is none."""
    _forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(native.VARIABLE, raising=False)
        found = native.kernel()
        if not found.isas:
            pytest.skip(f"needs the compiled front end: {found.detail}")
        yield found
    _forget()
