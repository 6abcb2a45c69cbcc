plugins {
    alias(libs.plugins.kotlin.jvm)
}

kotlin {
    compilerOptions {
        jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_1_8
    }
}

java {
    sourceCompatibility = JavaVersion.VERSION_1_8
    targetCompatibility = JavaVersion.VERSION_1_8
}

dependencies {
    compileOnly(libs.org.json)

    testImplementation(libs.org.json)
    testImplementation(libs.junit)
    testImplementation(libs.kotlin.test.junit)
    testImplementation(libs.bytedeco.tensorflow.lite.platform)
}

tasks.test {
    systemProperty("golden", rootDir.resolve("../tests/golden").path)
    systemProperty("generated", projectDir.resolve("target/golden").path)
}
