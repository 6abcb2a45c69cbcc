"""Rendered people with exact labels: 33 points, depth, visibility, world points, face box.

`assets` fetches the body's data, `body` shapes and poses it, `poses` says how, `clothes` dresses
it, `scene` places camera, light and room, `renderer` draws, `sample` puts labels beside the picture.
A person and a room outlive a frame, so a moving sequence is the same objects drawn again.

World frame: metres, x right, y away from a viewer in front, z up; a person at rest faces -y, so the
left hand is at +x. Needs the `synthetic` extra (moderngl, scipy) and OpenGL 3.3 through EGL; Mesa's
llvmpipe on a CPU is enough.
"""
