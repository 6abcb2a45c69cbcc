"""How well a .tflite file (ours or MediaPipe's) finds people and their landmarks.

`pck` turns points and labels into scores, `predict` gets the points from files, `report` writes
both down. Nothing here imports TensorFlow.
"""
