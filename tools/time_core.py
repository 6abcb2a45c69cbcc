"""Time the Android demo's pipeline on this machine's JVM: everything but inference.

Needs JDK 17 and Maven. The table goes to a Markdown file with its conditions. It is a desktop JVM's
time, not a phone's: the app's HUD and its benchmark mode show the phone's.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import date
from pathlib import Path

from blazepose_tf import command_line
from blazepose_tf.errors import BadInputError, CheckFailedError
from blazepose_tf.files import write_atomically
from blazepose_tf.runtime.default_models import find_default_model

Times = dict[str, dict[str, float]]
ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "android_demo"
CLASSPATH = DEMO / "core" / "target" / "classpath.txt"
LIMITS_MS = {
    "crop of 256 px from a 1080p camera frame": 1.5,
    "all but inference, tracked frame, 1080p": 2.5,
}
"""What the demo set out to keep (issue 5)."""


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("--landmark-model", type=Path, help="default: lite in dist/")
    parser.add_argument("--detector-model", type=Path, help="default: the one in dist/")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "android_core.md")
    parser.add_argument("--json", action="store_true", help="print the times as JSON")
    arguments = parser.parse_args()
    landmarks = arguments.landmark_model or find_default_model("pose_landmark_lite")
    detector = arguments.detector_model or find_default_model("pose_detector")
    goals = ["test-compile", "dependency:build-classpath", f"-Dmdep.outputFile={CLASSPATH}"]
    _run(["mvn", "-B", "-ntp", "-q", "-pl", "core", *goals], "Maven cannot compile the core")
    classes = [str(DEMO / "core" / "target" / name) for name in ("classes", "test-classes")]
    path = os.pathsep.join([*classes, CLASSPATH.read_text(encoding="utf-8").strip()])
    program = "io.github.blazepose_tf.core.StageBenchmarkKt"
    java = ["java", "-cp", path, program, str(landmarks.resolve()), str(detector.resolve())]
    times: Times = json.loads(_run(java, "the measurement failed").splitlines()[-1])
    write_atomically(arguments.out, _page(times).encode())
    print(json.dumps(times) if arguments.json else _table(times))


def _run(command: list[str], failure: str) -> str:
    try:
        done = subprocess.run(command, cwd=DEMO, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise BadInputError(f"{command[0]} is not installed; install JDK 17 and Maven") from error
    if done.returncode:
        reason = (done.stdout + done.stderr).strip().splitlines() or ["no output"]
        raise CheckFailedError(f"{failure}: {reason[0][:200]}")
    return done.stdout


def _table(times: Times) -> str:
    rows = [
        f"| {stage} | {ms['median']:.2g} | {ms['fastest_tenth']:.2g} | {LIMITS_MS.get(stage, '')} |"
        for stage, ms in times.items()
    ]
    return "\n".join(["| stage | ms, median | fastest tenth | limit |", "|---|---|---|---|", *rows])


def _page(times: Times) -> str:
    java = _run(["java", "--version"], "java does not start").splitlines()[0]
    return f"""# The Android demo's core on a desktop JVM

Everything but inference, one thread, noise as pictures. CPU time of the thread over 100 runs of 10
calls, after 100 runs to warm up. {date.today()}, {java}, {_processor()},
{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}: where others keep the cores busy, the
fastest tenth of the runs is nearest to a free one. Written by `python tools/time_core.py`.
**Not a phone's times**: the app shows those.

{_table(times)}

"Camera frame": YUV_420_888, semi-planar, turned by 90 degrees and mirrored, ROI turned by 0.3
radians. "All but inference, tracked frame": crop, projection, smoothing and the tracker's
decisions; with the detector also letterbox, decoding and suppression.
"""


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    command_line.run(main)
