"""Training on a lent machine that has PyTorch and no TensorFlow. See `training.parcel`."""
