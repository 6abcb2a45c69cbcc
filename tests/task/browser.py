"""A page in headless Chromium that runs MediaPipe's web client on a bundle and a picture."""

from __future__ import annotations

import http.server
import json
import os
import queue
import subprocess
import tarfile
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import Any

from blazepose_tf.files import replacing
from blazepose_tf.models.packages import cache_folder
from tests.programs import CHROMIUM_FLAGS

PACKAGE, VERSION = "@mediapipe/tasks-vision", "0.10.21"
PAGE = Path(__file__).with_name("page.html")
TIME_LIMIT_S = 240
TYPES = {".html": "text/html", ".mjs": "text/javascript", ".js": "text/javascript",
         ".wasm": "application/wasm", ".png": "image/png"}  # fmt: skip


def package(npm: str) -> Path:
    """The package's archive, fetched with npm once."""
    path = cache_folder() / f"tasks-vision-{VERSION}.tgz"
    if not path.exists():
        with tempfile.TemporaryDirectory() as folder:
            command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            (archive,) = Path(folder).glob("*.tgz")
            with replacing(path) as temporary:
                temporary.write_bytes(archive.read_bytes())
    return path


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serves files by their path, takes the result."""

    def __init__(self, files: dict[str, bytes], answers: queue.Queue[Any], *args: Any) -> None:
        self.files, self.answers = files, answers
        super().__init__(*args)

    def do_GET(self) -> None:  # noqa: N802 (http.server's name)
        content = self.files.get(self.path)
        self.send_response(200 if content is not None else 404)
        self.send_header("Content-Type", TYPES.get(Path(self.path).suffix, "application/x-binary"))
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def do_POST(self) -> None:  # noqa: N802
        length = int(self.headers["Content-Length"])
        self.answers.put(json.loads(self.rfile.read(length)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Silence."""


def run_page(chromium: str, npm: str, bundle: Path, picture: bytes) -> Any:
    """What the page found: `width`, `height`, `landmarks`, `world`, `covered`, or `error`.

    bundle: a .task file. picture: PNG.
    """
    files = {"/": PAGE.read_bytes(), "/page.html": PAGE.read_bytes(), "/picture.png": picture,
             "/bundle.task": bundle.read_bytes()}  # fmt: skip
    with tarfile.open(package(npm)) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            if file is not None:
                files[f"/{member.name}"] = file.read()
    answers: queue.Queue[Any] = queue.Queue()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, files, answers))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Snap's Chromium sees nothing of /tmp; the cache lies in the home folder.
    with tempfile.TemporaryDirectory(dir=cache_folder(), ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [chromium, *CHROMIUM_FLAGS, "--enable-unsafe-swiftshader", "--use-gl=angle",
             "--use-angle=swiftshader", f"--user-data-dir={profile}",
             f"http://127.0.0.1:{server.server_port}/page.html"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ},
        )  # fmt: skip
        try:
            return answers.get(timeout=TIME_LIMIT_S)
        finally:
            process.terminate()
            process.wait(30)
            server.shutdown()
            server.server_close()
