// For Android Studio. The build that is run and tested is `make apk` (README.md). Versions stand in
// gradle/libs.versions.toml, which both builds read.
plugins {
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.kotlin.android) apply false
    alias(libs.plugins.kotlin.jvm) apply false
}
