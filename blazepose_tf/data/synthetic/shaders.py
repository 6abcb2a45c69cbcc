"""GLSL programs: a material under sun, sky, shadow and haze; and depth with rest positions."""

from __future__ import annotations

from blazepose_tf.data.synthetic import materials

HEAD = "#version 330\n"

VERTEX = (
    HEAD
    + """
in vec3 position, surface, place, limb;
uniform mat4 view, lightView;
out vec3 normal, rest, zone, world;
out vec4 inLight;
void main() {
    gl_Position = view * vec4(position, 1.);
    inLight = lightView * vec4(position, 1.);
    normal = surface; rest = place; zone = limb; world = position;
}"""
)

DEPTH_VERTEX = (
    HEAD
    + """
in vec3 position, place, limb;
uniform mat4 view;
out vec3 rest, zone;
void main() { gl_Position = view * vec4(position, 1.); rest = place; zone = limb; }"""
)

INPUTS = """
in vec3 rest, zone;
bool inBall(vec4 ball, float grow) {
    vec3 d = (rest - ball.xyz) * vec3(1., 1., .8);
    return ball.w > 0. && length(d) < ball.w + grow;
}
"""

NOISE = """
uniform float seed;
uniform sampler3D grain;
float hash(vec3 p) {
    p = fract(p * .3183099 + seed) * 17.;
    return fract(p.x * p.y * p.z * (p.x + p.y + p.z));
}
// Smooth noise 0..1 with one bump per unit; `grain` holds NOISE_CELLS of them, tiling.
float noise(vec3 x) { return texture(grain, x / NOISE_CELLS + seed).r; }
float clouds(vec3 x) { return .6 * noise(x) + .4 * noise(x * 2.37); }
float stripe(float x) { return smoothstep(.46, .54, abs(fract(x) * 2. - 1.)); }
"""

LIGHTING = """
in vec3 normal, world;
in vec4 inLight;
uniform sampler2D shadowMap;
uniform vec3 color, second, sun, sunColor, sky, ground, eye, haze;
uniform float frequency, shine;
uniform int contacts;
uniform vec4 contact[12];
layout(location = 0) out vec4 result;
"""

MAIN = """
float lit(vec3 n) {
    vec3 p = inLight.xyz / inLight.w * .5 + .5;
    if (any(lessThan(p.xy, vec2(0.))) || any(greaterThan(p.xy, vec2(1.)))) return 1.;
    float bias = .004 + .006 * (1. - abs(dot(n, sun))), sum = 0.;
    for (int i = 0; i < 4; i++) {
        vec2 at = p.xy + (vec2(i & 1, i >> 1) * 1.4 - .7) / SHADOW_SIZE;
        float nearest = texture(shadowMap, at).r;
        sum += nearest < .9999 && nearest < p.z - bias ? 0. : .25;
    }
    return sum;
}
void main() {
    if (cut()) discard;
    vec3 n = normalize(normal), toEye = normalize(eye - world);
    if (TWO_SIDED && dot(n, toEye) < 0.) n = -n;
    vec3 base = pow(albedo(rest, n), vec3(2.2)), ambient = mix(ground, sky, .5 + .5 * n.z);
    float slope = dot(n, sun), shade = lit(n);
    float diffuse = max((slope + WRAP) / (1. + WRAP), 0.) * shade;
#ifdef ROOM
    for (int i = 0; i < contacts; i++) {
        vec3 d = world - contact[i].xyz;
        ambient *= 1. - .55 * exp(-dot(d, d) / (contact[i].w * contact[i].w));
    }
#endif
    vec3 light = base * (ambient + sunColor * diffuse);
    float mirrored = max(dot(n, normalize(sun + toEye)), 0.);
    light += sunColor * pow(mirrored, HIGHLIGHT) * shine * shade * .25;
#ifdef ROOM
    light = mix(light, haze, 1. - exp(-max(0., length(eye - world) - 12.) / 45.));
#endif
#ifdef FLESH  // red light bleeds across the border of the shadow
    light += base * vec3(.5, .15, .1) * max(0., .25 - abs(slope)) * .5 * sunColor;
#endif
#ifdef SKY
    light = base * (sky + .5 * sunColor);
#endif
    result = vec4(pow(clamp(light, 0., 1.), vec3(1. / 2.2)), 1.);
}
"""

DEPTH_MAIN = """
uniform float who;
layout(location = 0) out vec4 where;
void main() {
    if (cut()) discard;
    where = vec4(rest, who);
}
"""


def fragment_source(name: str, shadow_size: int, noise_cells: int) -> str:
    """Fragment shader of the material `name`, lit."""
    kind = materials.split(name)[0]
    constants = {
        "SHADOW_SIZE": float(shadow_size),
        "NOISE_CELLS": float(noise_cells),
        "WRAP": materials.WRAP.get(kind, 0.06),
        "HIGHLIGHT": materials.HIGHLIGHT.get(kind, 18.0),
        "TWO_SIDED": "true" if kind in materials.TWO_SIDED else "false",
    }
    flags = {"room": "ROOM", "sky": "SKY", "skin": "FLESH"}
    defines = "".join(f"#define {key} {value}\n" for key, value in constants.items())
    defines += f"#define {flags[kind]}\n" if kind in flags else ""
    cut, color = materials.cut_source(name), materials.color_source(name)
    return HEAD + defines + INPUTS + cut + NOISE + LIGHTING + color + MAIN


def depth_source(name: str) -> str:
    """Fragment shader that writes where on the template a pixel lies, and on whom."""
    return HEAD + INPUTS + materials.cut_source(name) + DEPTH_MAIN
