"""Each service with one lead that somebody has, as the bad inputs find it too."""

from tests.bad_input.conftest import target

__all__ = ["target"]
