"""What the simulated phone is made of: properties, cores, sensors and the files that show them."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

CORES_KHZ = (1803000,) * 4 + (2348000,) * 2 + (2850000,) * 2
"""Four small, two middle, two big cores, as on recent Pixels."""
BOOT_ID = "proc/sys/kernel/random/boot_id"
APP_PACKAGE = "io.github.blazepose_tf.demo"

PROPERTIES = {
    "ro.product.manufacturer": "blazepose_tf",
    "ro.product.model": "Simulated phone",
    "ro.product.device": "simulated",
    "ro.soc.manufacturer": "Simulated",
    "ro.soc.model": "SIM-1",
    "ro.hardware": "simulated",
    "ro.build.fingerprint": "simulated/simulated/simulated:14/SIM1.000000.001/1:user/release-keys",
    "ro.build.version.release": "14",
    "ro.build.version.sdk": "34",
    "ro.product.cpu.abi": "arm64-v8a",
    "ro.product.cpu.abilist": "arm64-v8a,armeabi-v7a,armeabi",
    "ro.blazepose_tf.simulated": "1",
    "sys.boot_completed": "1",
}


def make_state(
    faults: dict[str, int], serial: str, output: str, packages: list[str]
) -> dict[str, Any]:
    """The state that a phone with these faults starts with."""
    properties = {**PROPERTIES, "ro.serialno": serial}
    if "wrong-abi" in faults:
        properties |= {"ro.product.cpu.abi": "armeabi-v7a"}
        properties |= {"ro.product.cpu.abilist": "armeabi-v7a,armeabi"}
    if "old-android" in faults:
        properties |= {"ro.build.version.sdk": "29", "ro.build.version.release": "10"}
    if "emulator" in faults:
        properties |= {"ro.kernel.qemu": "1", "ro.hardware": "ranchu"}
    installed = [] if "app-missing" in faults else [APP_PACKAGE, *packages]
    return {
        "properties": properties,
        "faults": faults,
        "output": output,
        "packages": installed,
        "thermal": 3 if "hot" in faults else 0,
        "thermal_looks": 0,
        "battery": {"status": 2 if "charging" in faults else 3, "level": 88, "temperature": 291},
        "screen_on": "screen-off" not in faults,
        "fixed_performance": False,
        "fixed_performance_history": [],
        "runs": 0,
        "masks": [],
        "log": [],
    }


def make_files(root: Path, *, busy: bool) -> None:
    """/data, /sdcard and the few files of /sys and /proc that the harness reads."""
    for name in ("data/local/tmp", f"sdcard/Android/data/{APP_PACKAGE}/files/benchmark",
                 f"data/app/{APP_PACKAGE}"):  # fmt: skip
        (root / name).mkdir(parents=True)
    (root / f"data/app/{APP_PACKAGE}/base.apk").write_bytes(b"no real APK: the app is simulated")
    for core, khz in enumerate(CORES_KHZ):
        folder = root / f"sys/devices/system/cpu/cpu{core}/cpufreq"
        folder.mkdir(parents=True)
        (folder / "cpuinfo_max_freq").write_text(f"{khz}\n")
        (folder / "scaling_governor").write_text("sched_pixel\n")
    boot_id = root / BOOT_ID
    boot_id.parent.mkdir(parents=True)
    boot_id.write_text(f"{uuid.uuid4()}\n")
    # Busy or idle since boot: user nice system idle iowait irq softirq, in ticks.
    total = "900000 0 90000 10000" if busy else "1000 0 1000 998000"
    (root / "proc/stat").write_text(f"cpu  {total} 0 0 0 0 0 0\n")
    (root / "proc/meminfo").write_text("MemTotal:        7772000 kB\nMemAvailable:    3900000 kB\n")
