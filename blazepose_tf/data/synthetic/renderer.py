"""Draws parts with OpenGL (moderngl, EGL): shadow map, multisampled picture, exact depth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.synthetic import shaders
from blazepose_tf.data.synthetic.scene import Camera, Light
from blazepose_tf.errors import BadInputError

Array = NDArray[np.floating]

SHADOW_SIZE = 512
NEAR, FAR = 0.1, 80.0
SKIN, EYE, CLOTH, SCALP, HAIR, SURFACE, BACKDROP = range(7)
"""What a part is made of: the shader's `kind`."""
EVERYTHING = (-99.0, -99.0, -99.0), (99.0, 99.0, 99.0)


@dataclass(frozen=True)
class Part:
    """Triangles with one material.

    positions, normals [V, 3]: world; rest [V, 3]: template metres (patterns stick to it); zone [V, 3]:
    (torso height, arm, leg) coordinates that clothes are cut along; faces [F, 3]; material: uniforms
    by name; casts: throws a shadow and can cover landmarks.
    """

    positions: Array
    normals: Array
    rest: Array
    zone: Array
    faces: NDArray[np.integer]
    material: dict[str, Any] = field(default_factory=dict)
    casts: bool = True


DEFAULTS: dict[str, Any] = {
    "kind": SURFACE, "color": (0.5, 0.5, 0.5), "second": (0.5, 0.5, 0.5), "pattern": 0, "frequency": 1.0,
    "shine": 0.0, "folds": 0.0, "seed": 0.0, "keepLow": EVERYTHING[0], "keepHigh": EVERYTHING[1],
    "neck": (0.0, 0.0, 0.0, 0.0), "covers": 0, "hairLow": 0.66,
}  # fmt: skip


class Renderer:
    """Draws pictures of up to width x height. One OpenGL context; not to be shared between threads."""

    def __init__(self, width: int, height: int, samples: int = 4) -> None:
        """Open a context without a window.

        Raises:
            BadInputError: moderngl is missing or no OpenGL 3.3 can be had through EGL.
        """
        try:
            import moderngl
        except ImportError as error:
            raise BadInputError(
                "moderngl is not installed; pip install 'blazepose-tf[synthetic]'"
            ) from error
        try:
            self.context = moderngl.create_context(standalone=True, backend="egl")
        except Exception as error:  # moderngl raises bare Exception
            raise BadInputError(
                f"no OpenGL through EGL ({error}); install Mesa's libegl1"
            ) from error
        context, size = self.context, (width, height)
        self.width, self.height = size
        self._program = context.program(shaders.VERTEX, shaders.FRAGMENT)
        self._depth_program = context.program(shaders.DEPTH_VERTEX, shaders.DEPTH_FRAGMENT)
        self._picture = context.framebuffer(
            [context.renderbuffer(size, 4, samples=samples)],
            context.depth_renderbuffer(size, samples=samples),
        )
        self._resolved = context.framebuffer([context.renderbuffer(size, 4)])
        self._depth = context.depth_texture(size)
        self._depth_target = context.framebuffer(depth_attachment=self._depth)
        self._shadow = context.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        self._shadow_target = context.framebuffer(depth_attachment=self._shadow)
        for texture in (self._depth, self._shadow):
            texture.compare_func = ""
        context.enable(moderngl.DEPTH_TEST)

    def draw(
        self, parts: list[Part], camera: Camera, light: Light, contacts: Array
    ) -> tuple[NDArray[np.uint8], Array]:
        """Picture uint8 RGB [H, W, 3] and depth [H, W] in metres of the casting parts (else inf).

        H and W are the camera's.

        `contacts` [N <= 6, 4]: where the person nears the floor (x, y, z, radius): it darkens there.
        """
        buffers = [self._upload(part) for part in parts]
        shadow_view = _light_view(parts, light)
        view = _projection(camera) @ camera.matrix()
        self._pass(self._shadow_target, parts, buffers, shadow_view)
        corner = (0, 0, camera.width, camera.height)
        for target in (self._depth_target, self._picture):
            target.viewport = corner
        self._pass(self._depth_target, parts, buffers, view)
        depth = self._read_depth()[: camera.height, : camera.width]
        self._picture.use()
        self._picture.clear(0.0, 0.0, 0.0, 1.0, depth=1.0)
        self._shadow.use(0)
        eye = -camera.rotation.T @ camera.translation
        common = {
            "view": view, "lightView": shadow_view, "shadowMap": 0, "sun": light.direction,
            "sunColor": light.sun, "sky": light.sky, "ground": light.ground, "eye": eye,
            "haze": light.haze, "contacts": len(contacts), "contact": _padded(contacts, 6),
        }  # fmt: skip
        for name, value in common.items():
            _set(self._program, name, value)
        for part, (_, _, arrays) in zip(parts, buffers, strict=True):
            for name, value in {**DEFAULTS, **part.material}.items():
                _set(self._program, name, value)
            arrays[0].render()
        self.context.copy_framebuffer(self._resolved, self._picture)
        pixels = np.frombuffer(self._resolved.read(corner, components=3, alignment=1), np.uint8)
        for vertices, faces, arrays in buffers:
            for item in (*arrays, vertices, faces):
                item.release()
        return pixels.reshape(camera.height, camera.width, 3), depth

    def _upload(self, part: Part) -> tuple[Any, Any, tuple[Any, Any]]:
        table = np.concatenate([part.positions, part.normals, part.rest, part.zone], axis=1)
        vertices = self.context.buffer(np.ascontiguousarray(table, "f4").tobytes())
        faces = self.context.buffer(np.ascontiguousarray(part.faces, "i4").tobytes())
        full = [(vertices, "3f 3f 3f 3f", "position", "surface", "place", "limb")]
        bare = [(vertices, "3f 12x 3f 3f", "position", "place", "limb")]
        return vertices, faces, (
            self.context.vertex_array(self._program, full, faces),
            self.context.vertex_array(self._depth_program, bare, faces),
        )  # fmt: skip

    def _pass(self, target: Any, parts: list[Part], buffers: list[Any], view: Array) -> None:
        target.use()
        target.clear(depth=1.0)
        _set(self._depth_program, "view", view)
        for part, (_, _, arrays) in zip(parts, buffers, strict=True):
            if part.casts:
                for name, value in {**DEFAULTS, **part.material}.items():
                    _set(self._depth_program, name, value)
                arrays[1].render()

    def _read_depth(self) -> Array:
        stored = np.frombuffer(self._depth.read(alignment=1), np.float32).reshape(
            self.height, self.width
        )
        metres = 2 * FAR * NEAR / ((FAR + NEAR) - (2 * stored - 1) * (FAR - NEAR))
        return np.where(stored >= 1, np.inf, metres)


def _set(program: Any, name: str, value: Any) -> None:
    """Set a uniform; what the compiler left out of this program is skipped."""
    if name not in program:
        return
    if np.ndim(value) == 2 and np.shape(value) == (4, 4):
        program[name].write(np.ascontiguousarray(np.transpose(value), "f4").tobytes())
    elif np.ndim(value) == 2:
        program[name].write(np.ascontiguousarray(value, "f4").tobytes())
    elif np.ndim(value) == 1:
        program[name].value = tuple(float(v) for v in value)
    else:
        program[name].value = value


def _padded(rows: Array, count: int) -> Array:
    table = np.zeros((count, 4))
    table[: len(rows)] = rows
    return table


def _projection(camera: Camera) -> Array:
    """Camera frame -> clip space; image row 0 becomes OpenGL's first row, so that nothing is flipped."""
    width, height = camera.width, camera.height
    (cx, cy), f = camera.center, camera.focal
    return np.array([
        [2 * f / width, 0, 2 * cx / width - 1, 0],
        [0, 2 * f / height, 2 * cy / height - 1, 0],
        [0, 0, (FAR + NEAR) / (FAR - NEAR), -2 * FAR * NEAR / (FAR - NEAR)],
        [0, 0, 1, 0],
    ])  # fmt: skip


def _light_view(parts: list[Part], light: Light) -> Array:
    """Parallel projection along the sun that just holds everything that casts a shadow."""
    points = np.concatenate([part.positions for part in parts if part.casts])
    center = (points.min(axis=0) + points.max(axis=0)) / 2
    radius = float(np.linalg.norm(points - center, axis=1).max()) * 1.02
    z = -light.direction
    x = np.cross([0.3, 0.2, 1.0], z)
    x /= np.linalg.norm(x)
    view = np.eye(4)
    view[:3, :3] = np.stack([x, np.cross(z, x), z]) / radius
    view[:3, 3] = -view[:3, :3] @ center
    return view
