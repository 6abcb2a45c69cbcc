"""BlazePose for phones: import, train, quantise, prove, measure, ship."""

__version__ = "0.1.0"
