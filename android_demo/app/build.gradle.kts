plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

/** The one version of the project: `__version__` of the Python package. */
val versionOfProject: String = Regex("__version__ = \"(\\d+)\\.(\\d+)\\.(\\d+)\"")
    .find(rootDir.resolve("../blazepose_tf/__init__.py").readText())!!
    .groupValues.drop(1).joinToString(".")

android {
    namespace = "io.github.blazepose_tf.demo"
    compileSdk = libs.versions.android.target.sdk.get().toInt()

    defaultConfig {
        applicationId = "io.github.blazepose_tf.demo"
        minSdk = libs.versions.android.min.sdk.get().toInt()
        targetSdk = libs.versions.android.target.sdk.get().toInt()
        versionName = versionOfProject
        // 1.2.3 -> 10203, as tools/apk/resources.py has it.
        versionCode = versionOfProject.split(".").fold(0) { code, part -> code * 100 + part.toInt() }
    }

    sourceSets["main"].assets.srcDir(rootDir.resolve("build/assets"))
    sourceSets["main"].java.srcDir("src/main/kotlin")

    androidResources {
        noCompress += listOf("tflite", "jpg") // models are mapped into memory from where they lie
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }

    kotlinOptions {
        jvmTarget = "1.8"
    }
}

dependencies {
    implementation(project(":core"))

    // org.tensorflow.lite for 16 KB memory pages too; it is not on Maven Central.
    implementation(libs.litert)
    implementation(libs.litert.gpu)
    implementation(libs.litert.gpu.api)
}

/** Models and pictures are laid out by Python, once: see README.md. */
val checkAssets = tasks.register("checkAssets") {
    val models = rootDir.resolve("build/assets/models")
    doLast {
        check(models.isDirectory) { "no models in $models; run: python tools/build_apk.py --prepare" }
    }
}

tasks.named("preBuild") { dependsOn(checkAssets) }
