"""Ways to run a model: this machine, the official binary on a phone, the demo app on a phone."""
