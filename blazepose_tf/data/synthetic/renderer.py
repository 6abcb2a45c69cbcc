"""Draws parts with OpenGL (moderngl, EGL): shadow map, multisampled picture, exact depth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.synthetic import materials, shaders
from blazepose_tf.data.synthetic.parts import NOWHERE, Part, Picture
from blazepose_tf.data.synthetic.scene import Camera, Light
from blazepose_tf.errors import BadInputError

Array = NDArray[np.floating]

SHADOW_SIZE = 512
NOISE_CELLS, NOISE_SIZE = 16, 48
"""The noise texture: cells (bumps) and texels along each of its three axes; it tiles."""
NEAR, FAR = 0.1, 80.0
MAX_CONTACTS = 12
"""The shader's limit: two people's feet and hips."""
DEFAULTS: dict[str, Any] = {
    "color": (0.5, 0.5, 0.5), "second": (0.5, 0.5, 0.5), "frequency": 1.0, "shine": 0.0,
    "folds": 0.0, "seed": 0.0, "hairLow": 0.66, "covers": 0, "neck": (0.0, 0.0, 0.0, 0.0),
}  # fmt: skip


class Renderer:
    """Draws pictures of up to `size` x `size`. One OpenGL context: not to be shared by threads."""

    def __init__(self, size: int, samples: int = 4) -> None:
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
            settings: dict[str, Any] = {"backend": "egl"}  # typed as a dict by moderngl, wrongly
            self.context = moderngl.create_context(standalone=True, **settings)
        except Exception as error:  # moderngl raises bare Exception
            raise BadInputError(f"no OpenGL through EGL ({error}); install libegl1") from error
        context, shape = self.context, (size, size)
        self._programs: dict[str, tuple[Any, Any]] = {}
        self._picture = context.framebuffer(
            [context.renderbuffer(shape, 4, samples=samples)],
            context.depth_renderbuffer(shape, samples=samples),
        )
        self._resolved = context.framebuffer([context.renderbuffer(shape, 4)])
        self._backdrop = context.framebuffer(
            [context.renderbuffer(shape, 4)], context.depth_renderbuffer(shape)
        )
        self._depth = context.depth_texture(shape)
        self._rest = context.texture(shape, 4, dtype="f4")
        self._depth_target = context.framebuffer([self._rest], self._depth)
        self._shadow = context.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        self._shadow_target = context.framebuffer(depth_attachment=self._shadow)
        for texture in (self._depth, self._shadow):
            texture.compare_func = ""
        self._shadow.filter = (moderngl.NEAREST, moderngl.NEAREST)
        grain = _tiling_noise()
        self._grain = context.texture3d((NOISE_SIZE,) * 3, 1, grain.tobytes(), alignment=1)
        context.enable(moderngl.DEPTH_TEST)
        context.front_face = "cw"  # the projection mirrors: image rows run down
        self._moderngl = moderngl

    def draw(self, parts: list[Part], camera: Camera, light: Light, contacts: Array) -> Picture:
        """Draw `parts`; the picture has the camera's width and height.

        `contacts` [N <= MAX_CONTACTS, 4]: where people near the floor (x, y, z, radius): darker.
        """
        with self.context:  # there may be another renderer
            return self._draw(parts, camera, light, contacts)

    def _draw(self, parts: list[Part], camera: Camera, light: Light, contacts: Array) -> Picture:
        shadow_view = _light_view(parts, light)
        view = _projection(camera) @ camera.matrix()
        buffers = [self._upload(part) for part in parts]
        corner = (0, 0, camera.width, camera.height)
        for target in (self._depth_target, self._picture, self._backdrop):
            target.viewport = corner
        own = [_encoded(DEFAULTS | part.uniforms | {"who": float(part.who)}) for part in parts]
        self._fill_depth(self._shadow_target, parts, buffers, own, shadow_view)
        self._fill_depth(self._depth_target, parts, buffers, own, view)
        common = _encoded({
            "view": view.T, "lightView": shadow_view.T, "shadowMap": 0, "grain": 1,
            "eye": -camera.rotation.T @ camera.translation, "sun": light.direction,
            "sunColor": light.sun, "sky": light.sky, "ground": light.ground, "haze": light.haze,
            "contacts": len(contacts), "contact": _padded(contacts, MAX_CONTACTS),
        })  # fmt: skip
        uniforms = [common | values for values in own]
        self._fill_picture(self._picture, parts, buffers, uniforms, casts=True)
        self.context.copy_framebuffer(self._resolved, self._picture)
        front = self._read(self._resolved, corner)
        self._fill_picture(self._backdrop, parts, buffers, uniforms, casts=False)
        image = _over(front, self._read(self._backdrop, corner))
        depth, rest, who = self._read_depth(camera)
        for vertices, faces, arrays in buffers:
            for item in (*arrays, vertices, faces):
                item.release()
        return Picture(image, depth, rest, who)

    def _fill_picture(
        self, target: Any, parts: list[Part], buffers: list[Any], uniforms: list[dict[str, bytes]],
        casts: bool,
    ) -> None:  # fmt: skip
        """Draw what casts, or what does not: people and things multisampled, the backdrop not.

        A software renderer shades every sample, and most pixels show the backdrop.
        """
        target.use()
        target.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        self._shadow.use(0)
        self._grain.use(1)
        for part, (_, _, arrays), values in zip(parts, buffers, uniforms, strict=True):
            if part.casts == casts:
                self._face_sides(part)
                _set(self._program(part.material)[0], values)
                arrays[0].render()

    @staticmethod
    def _read(target: Any, corner: tuple[int, int, int, int]) -> NDArray[np.uint8]:
        pixels = np.frombuffer(target.read(corner, components=4, alignment=1), np.uint8)
        return pixels.reshape(corner[3], corner[2], 4)

    def _face_sides(self, part: Part) -> None:
        """Leave out the far side of closed surfaces: a body has more triangles than pixels."""
        if materials.split(part.material)[0] in materials.ONE_SIDED:
            self.context.enable(self._moderngl.CULL_FACE)
        else:
            self.context.disable(self._moderngl.CULL_FACE)

    def _program(self, material: str) -> tuple[Any, Any]:
        """(lit, depth) programs of a material, compiled once."""
        if material not in self._programs:
            lit = shaders.fragment_source(material, SHADOW_SIZE, NOISE_CELLS)
            self._programs[material] = (
                self.context.program(shaders.VERTEX, lit),
                self.context.program(shaders.DEPTH_VERTEX, shaders.depth_source(material)),
            )
        return self._programs[material]

    def _upload(self, part: Part) -> tuple[Any, Any, list[Any]]:
        table = np.concatenate([part.positions, part.normals, part.rest, part.zone], axis=1)
        vertices = self.context.buffer(np.ascontiguousarray(table, "f4").tobytes())
        faces = self.context.buffer(np.ascontiguousarray(part.faces, "i4").tobytes())
        attributes = {"position": "3f", "surface": "3f", "place": "3f", "limb": "3f"}
        arrays = []
        for program in self._program(part.material):  # what a program does not use is skipped
            used = [name for name in attributes if name in program]
            layout = " ".join(form if name in used else "12x" for name, form in attributes.items())
            arrays.append(self.context.vertex_array(program, [(vertices, layout, *used)], faces))
        return vertices, faces, arrays

    def _fill_depth(
        self, target: Any, parts: list[Part], buffers: list[Any], uniforms: list[dict[str, bytes]],
        view: Array,
    ) -> None:  # fmt: skip
        target.use()
        target.clear(NOWHERE, NOWHERE, NOWHERE, NOWHERE, depth=1.0)
        common = _encoded({"view": view.T})
        for part, (_, _, arrays), values in zip(parts, buffers, uniforms, strict=True):
            if part.casts:
                self._face_sides(part)
                _set(self._program(part.material)[1], values | common)
                arrays[1].render()

    def _read_depth(self, camera: Camera) -> tuple[Array, Array, Array]:
        height, width = self._depth.height, self._depth.width
        stored = np.frombuffer(self._depth.read(alignment=1), np.float32).reshape(height, width)
        stored = stored[: camera.height, : camera.width]
        metres = 2 * FAR * NEAR / ((FAR + NEAR) - (2 * stored - 1) * (FAR - NEAR))
        rest = np.frombuffer(self._rest.read(), np.float32).reshape(height, width, 4)
        rest = rest[: camera.height, : camera.width]
        return np.where(stored >= 1, np.inf, metres), rest[:, :, :3], rest[:, :, 3]


def _encoded(values: dict[str, Any]) -> dict[str, bytes]:
    """Uniforms as OpenGL takes them: `int` as such, all else as floats, matrices by columns."""
    return {
        name: np.array(value, "i4" if isinstance(value, int) else "f4").tobytes()
        for name, value in values.items()
    }


def _set(program: Any, values: dict[str, bytes]) -> None:
    """Set the uniforms that the compiler kept in this program."""
    for name in program:
        if name in values:
            program[name].write(values[name])


def _over(front: NDArray[np.uint8], back: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB of `front`, whose colours are already weighted with its coverage, over `back`."""
    uncovered = (255 - front[:, :, 3:]).astype(np.uint16)
    shown = (back[:, :, :3] * uncovered + 127) // 255
    return np.minimum(front[:, :, :3] + shown, 255).astype(np.uint8)


def _padded(rows: Array, count: int) -> Array:
    table = np.zeros((count, 4))
    table[: len(rows)] = rows
    return table


def _tiling_noise() -> NDArray[np.uint8]:
    """Smooth noise [N, N, N], 0..255, that tiles: a random lattice upsampled, its ends joined."""
    lattice = np.random.default_rng(0).random((NOISE_CELLS,) * 3)
    at = np.arange(NOISE_SIZE) * NOISE_CELLS / NOISE_SIZE
    low, share = at.astype(int), at % 1
    share = share * share * (3 - 2 * share)
    for axis in range(3):
        shape = [1, 1, 1]
        shape[axis] = NOISE_SIZE
        first = np.take(lattice, low, axis)
        second = np.take(lattice, (low + 1) % NOISE_CELLS, axis)
        lattice = first + (second - first) * share.reshape(shape)
    return np.round(lattice * 255).astype(np.uint8)


def _projection(camera: Camera) -> Array:
    """Camera frame -> clip space; image row 0 becomes OpenGL's first row: nothing to flip."""
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
    apart = points - center
    radius = float(np.sqrt(np.einsum("ni,ni->n", apart, apart).max())) * 1.02
    z = -light.direction
    x = np.cross([0.3, 0.2, 1.0], z)
    x /= np.linalg.norm(x)
    view = np.eye(4)
    view[:3, :3] = np.stack([x, np.cross(z, x), z]) / radius
    view[:3, 3] = -view[:3, :3] @ center
    return view
