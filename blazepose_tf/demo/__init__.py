"""What `tools/demo.py` is made of: a camera, a live window, and the files that are written.

`camera` and `window` are thin coats around OpenCV, `live` is the loop between them, `tracking`
finds and draws people, `outputs` writes pictures, video, JSON lines, CSV and the 3-D view; `run` is
one run of the demo.
"""
