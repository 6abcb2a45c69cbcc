"""Rendered people with exact labels: 33 points, depth, visibility, world points, face box.

`assets` fetches the body's data, `body` shapes it, `poses` and `skeleton` pose it, `clothes` and
`outfits` dress it, `places` and `scene` surround it, `renderer` draws, `labels` says what is where;
`sample.Studio` puts it all together and `dataset` writes folders. A person and a place outlive a
frame: a moving sequence is the same objects drawn again with other poses and cameras.

World frame: metres, x right, y away from a viewer in front, z up; a person at rest faces -y, so the
left hand is at +x. Needs the `synthetic` extra (moderngl, scipy) and OpenGL 3.3 through EGL; Mesa's
llvmpipe on a CPU is enough.
"""
