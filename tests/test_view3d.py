"""The 3-D view: its numbers, and the page itself in a browser."""

from __future__ import annotations

import json
import math
import re
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from blazepose_tf import view3d
from blazepose_tf.errors import BadInputError
from blazepose_tf.topology import INDEX
from blazepose_tf.view3d import Body, View3D, pixels_per_metre
from tests.programs import CHROMIUM_FLAGS, need_chromium

FLAGS = [
    *CHROMIUM_FLAGS, "--enable-logging=stderr", "--hide-scrollbars",
    "--force-device-scale-factor=1",
]  # fmt: skip


def standing(x: float = 0.0, lift: float = 0.0, number: int = 1, scale: float = 200.0) -> Body:
    """A person whose left hand points at the viewer; `x`: metres from the picture's middle."""
    world = np.zeros((33, 3))
    rows = {0: -0.65, 11: -0.45, 13: -0.2, 15: 0.0, 17: 0.05, 19: 0.06, 21: 0.04, 23: 0.0,
            25: 0.4, 27: 0.8, 29: 0.85, 31: 0.86}  # fmt: skip
    for left, y in rows.items():
        world[left, 1] = y
        if left:
            world[left + 1, 1] = y
            world[left, 0], world[left + 1, 0] = 0.15, -0.15
    world[1:11, 1] = -0.66
    world[15, 2] = world[17, 2] = world[19, 2] = world[21, 2] = -0.5
    pixels = world[:, :2] * scale + [320 + x * scale, 240 + lift * scale]
    return Body(number, world, pixels)


def data_of(path: Path) -> dict[str, Any]:
    found = re.search(
        r'<script id="data" type="application/json">(.*?)</script>', path.read_text(), re.S
    )
    assert found
    return json.loads(found[1])


def test_scale_and_place_come_from_the_picture(tmp_path: Path) -> None:
    body = standing(x=-1.2, lift=0.1, scale=150)
    assert pixels_per_metre(body) == pytest.approx(150)
    view = View3D(tmp_path / "v.html")
    view.add(0, 0.0, [body, standing(x=0.4, number=2, scale=300)], 480, 640)
    view.write()
    ((seconds, index, people),) = data_of(tmp_path / "v.html")["frames"]
    assert (seconds, index) == (0, 0)
    assert [(number, place) for number, place, _ in people] == [(1, [-1200, 100]), (2, [400, 0])]
    points = np.reshape(people[0][2], (33, 3))
    assert points == pytest.approx(1000 * body.world, abs=0.5)


def test_bodies_without_extent_have_no_place(tmp_path: Path) -> None:
    nothing = Body(1, np.zeros((33, 3)), np.full((33, 2), 100.0))
    assert pixels_per_metre(nothing) == 0
    view = View3D(tmp_path / "v.html")
    view.add(0, 0.0, [nothing], 480, 640)
    view.write()
    assert data_of(tmp_path / "v.html")["frames"][0][2][0][1] == [0, 0]


def test_long_videos_are_thinned_evenly_in_constant_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view3d, "MAX_FRAMES", 10)
    view = View3D(tmp_path / "v.html")
    for i in range(100):
        view.add(i, i / 25, [], 480, 640)
        assert len(view._frames) <= 10
    view.write()
    numbers = [frame[1] for frame in data_of(tmp_path / "v.html")["frames"]]
    assert numbers == list(range(0, 100, 16))


def test_names_are_checked_and_titles_cannot_break_the_page(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"\.html"):
        View3D(tmp_path / "v.png")
    View3D(tmp_path / "v.html", "</script><script>alert(1)").write()
    assert data_of(tmp_path / "v.html")["title"] == "</script><script>alert(1)"
    # Self-contained: nothing is loaded from anywhere.
    page = (tmp_path / "v.html").read_text()
    assert not re.search(r"https?://|@import|<link|src=", page)


def in_browser(page: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [need_chromium(), *FLAGS, f"--user-data-dir={folder / 'profile'}", *options, page.as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr, done.stderr[-1000:]
    return done


ACT = """<script>
const project = (x, y, z) => projector()(x, y, z).slice(0, 3);
const point = (k) => project(...frames[view.at][2][0][2].slice(3 * k, 3 * k + 3));
const ink = () => { const p = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let n = 0; for (let i = 3; i < p.length; i += 4) n += p[i] > 0; return n; };
const found = { size: [canvas.width, canvas.height], ink: ink() };
byId("front").click();
found.front = { wrist: point(15), hip: point(23), other: point(24), nose: point(0),
  ankle: point(27) };
byId("side").click();
found.side = { wrist: point(15), hip: point(23), nose: point(0) };
byId("top").click();
found.top = { wrist: point(15), hip: point(23), nose: point(0) };
byId("front").click();
const drag = (type, x, y) =>
  canvas.dispatchEvent(new PointerEvent(`pointer${type}`, { clientX: x, clientY: y }));
drag("down", 100, 100); drag("move", 200, 150); drag("up", 200, 150); drag("move", 300, 300);
found.dragged = [view.turn, view.tilt];
canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: -500, cancelable: true }));
found.zoom = view.zoom;
byId("frame").value = 2; byId("frame").dispatchEvent(new Event("input"));
found.slid = [view.at, byId("time").textContent];
dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft" }));
found.stepped = view.at;
const before = canvas.toDataURL();
view.at = 0; byId("play").click();
setTimeout(() => { found.played = view.at; found.label = byId("play").textContent;
  byId("place").click(); found.moved = canvas.toDataURL() !== before;
  found.wide = document.documentElement.scrollWidth <= innerWidth;
  document.body.dataset.found = JSON.stringify(found); }, 1500);
</script></body>"""


def test_the_page_turns_and_plays_in_a_browser(tmp_path: Path) -> None:
    view = View3D(tmp_path / "v.html")
    for i in range(10):
        bodies = [standing(x=-0.5 + i / 20), standing(x=0.6, number=7)][: 1 + (i > 0)]
        view.add(i, i / 10, bodies, 480, 640)
    view.write()
    page = tmp_path / "v.html"
    page.write_text(page.read_text().replace("</body>", ACT))
    done = in_browser(
        page, tmp_path, "--window-size=900,700", "--virtual-time-budget=5000", "--dump-dom"
    )
    found = re.search(r'data-found="([^"]+)"', done.stdout)
    assert found, done.stderr[-1000:]
    seen = json.loads(found[1].replace("&quot;", '"'))
    width, height = seen["size"]
    assert width == 900 and height > 400 and seen["wide"]
    assert 0.01 < seen["ink"] / (width * height) < 0.5
    for view_from in ("front", "side", "top"):
        for x, y, _ in seen[view_from].values():
            assert 0 <= x <= width and 0 <= y <= height
    front, side, top = seen["front"], seen["side"], seen["top"]
    # As in the picture: the left side is on our right, the nose above the feet, the hand nearer.
    assert front["hip"][0] > front["other"][0] and front["nose"][1] < front["ankle"][1]
    assert front["wrist"][2] < front["hip"][2]
    # From the side the hand sticks out, from above it is below the body on the screen.
    assert abs(side["wrist"][0] - side["hip"][0]) > 80
    assert side["nose"][1] < side["hip"][1] - 80
    assert top["wrist"][1] > top["hip"][1] + 80 and top["nose"][2] < top["hip"][2]
    assert seen["dragged"] == pytest.approx([1.0, 0.5])
    assert seen["zoom"] == pytest.approx(math.exp(0.5))
    assert seen["slid"][0] == 2 and seen["slid"][1] == "0.20 s, frame 2, 2 people"
    assert seen["stepped"] == 1
    assert seen["played"] == 9 and seen["label"] == "Play"  # to the end, then stopped
    assert seen["moved"]


def test_a_screenshot_shows_both_sides_in_their_colours(tmp_path: Path) -> None:
    view = View3D(tmp_path / "v.html")
    view.add(0, 0.0, [standing()], 480, 640)
    view.write()
    picture = tmp_path / "shot.png"
    in_browser(tmp_path / "v.html", tmp_path, "--window-size=900,700", f"--screenshot={picture}")
    shot = cv2.cvtColor(cv2.imread(str(picture)), cv2.COLOR_BGR2RGB).astype(int)
    left = (np.abs(shot - [217, 108, 0]).max(axis=2) < 12)[:600]
    right = (np.abs(shot - [0, 134, 168]).max(axis=2) < 12)[:600]
    for side in (left, right):
        assert 300 < side.sum() < 0.1 * side.size
    assert np.nonzero(left)[1].mean() > np.nonzero(right)[1].mean() + 20
    assert INDEX["left_wrist"] == 15  # what ACT counts on


def test_nobody_at_all_is_said(tmp_path: Path) -> None:
    View3D(tmp_path / "v.html").write()
    done = in_browser(tmp_path / "v.html", tmp_path, "--dump-dom")
    assert "nobody in any frame" in done.stdout
