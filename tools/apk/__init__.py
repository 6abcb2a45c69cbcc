"""The steps of build_apk.py: the Android demo as a signed APK from Maven Central and a JDK."""
