"""`make bench-demo`: the whole flow on a simulated phone, from adb to the report.

Starts a simulated phone and an adb server of its own (neither ~/.android nor a running adb server
is touched), measures with the official tool's simulated twin and with the simulated demo app, and
leaves the report in --out. Everything in it is labelled simulated.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.adb import find_adb  # noqa: E402
from benchmarks.simulation.daemon import Daemon  # noqa: E402
from benchmarks.simulation.faults import parse_faults  # noqa: E402
from benchmarks.simulation.phone import Phone  # noqa: E402
from blazepose_tf import command_line  # noqa: E402
from blazepose_tf.errors import BadInputError, CheckFailedError  # noqa: E402
from blazepose_tf.models.packages import find_model  # noqa: E402

HERE = Path(__file__).resolve().parent


def find_models(given: list[str]) -> list[Path]:
    """The given files, or what `make convert` left in dist/, or MediaPipe's lite."""
    if given:
        return [find_model(name) for name in given]
    converted = sorted(HERE.parent.glob("dist/pose_landmark_lite_*.tflite"))
    return converted or [find_model("npm:lite")]


def free_port() -> int:
    """A TCP port that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def measure(runner: list[str], serial: str, models: list[Path], out: Path, name: str) -> None:
    """One call of run.py, as a user would type it.

    Raises:
        CheckFailedError: it did not end well.
    """
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    words = ["--serial", serial, *runner, "--models", *map(str, models), "--out", str(folder)]
    words += ["--quick", "--min-seconds", "1", "--poll", "0.5", "--warmup-limit", "2"]
    words += ["--cooldown-limit", "5"]
    print(f"\n$ python benchmarks/run.py {' '.join(words)}\n", flush=True)
    done = subprocess.run([sys.executable, str(HERE / "run.py"), *words], check=False)
    if done.returncode != 0:
        raise CheckFailedError(f"run.py ended with code {done.returncode}")


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("--models", nargs="+", default=[], help=".tflite files, or npm:lite")
    parser.add_argument("--out", type=Path, default=Path("results/demo"), help="where reports go")
    parser.add_argument("--fault", action="append", default=[], help="see simulated_phone.py")
    arguments = parser.parse_args()
    adb = find_adb()
    models = find_models(arguments.models)
    binary = HERE / "simulation" / "benchmark_model"
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HOME=home, ANDROID_ADB_SERVER_PORT=str(free_port()), ADB_MDNS="0")
        daemon = Daemon(Phone(faults=parse_faults(arguments.fault)))
        try:
            answer = subprocess.run(
                [adb, "connect", daemon.serial], capture_output=True, text=True, check=False
            ).stdout.strip()
            print(answer)
            if "connected" not in answer:
                raise BadInputError(f"adb does not reach the simulated phone: {answer}")
            tool = ["--benchmark-model", str(binary), "--delegates", "xnnpack", "gpu"]
            measure([*tool, "--threads", "1", "2"], daemon.serial, models, arguments.out, "tool")
            measure(["--runner", "app"], daemon.serial, models, arguments.out, "app")
        finally:
            subprocess.run([adb, "kill-server"], capture_output=True, check=False)
            daemon.stop()
    for name in ("tool", "app"):
        print(f"open {arguments.out / name / 'report.html'}")


if __name__ == "__main__":
    command_line.run(main)
