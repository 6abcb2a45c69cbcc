"""Where the build reads and writes."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "android_demo"
MAVEN_CONFIG = DEMO / ".mvn" / "maven.config"
MANIFEST = DEMO / "app" / "src" / "main" / "AndroidManifest.xml"
RESOURCES = DEMO / "app" / "src" / "main" / "res"

BUILD = DEMO / "build"
"""Everything made on the way. Git-ignored; may be deleted."""
LOGS = BUILD / "logs"
DOWNLOADS = BUILD / "downloads"
LIBRARIES = BUILD / "aar"
"""One folder per unpacked Android library: classes.jar, jni/ABI/*.so."""
ASSETS = BUILD / "assets"
"""Models and pictures, as they lie in the APK. Gradle reads them from here too."""
MERGED_MANIFEST = BUILD / "AndroidManifest.xml"
"""The app's manifest with its package, as Gradle's manifest merger would make it."""
GENERATED = BUILD / "generated"
RESOURCES_APK = BUILD / "resources.apk"

DIST = ROOT / "dist"
APK = DIST / "blazepose-demo.apk"
