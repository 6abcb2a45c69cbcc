"""Keras -> .tflite, and the proof that the file is right.

`export` and `quantize` make files, `metadata` lets them describe themselves, `parity`,
`delegates` and `gpu_rules` check them, `build` does all of it in order, `report` writes it down.
"""
