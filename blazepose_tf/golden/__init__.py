"""What the Android demo reads from Python: constants, and vectors that prove both sides equal."""
