"""What surfaces look like: one GLSL function for each material, chosen by name.

A material's name is "skin", "eye", "scalp", "hair", "sky", "cloth/PATTERN" or "room/PATTERN". Each
becomes a program of its own: a software renderer would otherwise pay for all of them everywhere.

`rest` is the point on MakeHuman's template in metres (people: patterns stick to them), or metres
along a wall or floor (rooms). Numbers in the face are places on the template's head.
"""

from __future__ import annotations

HAIRLINE = """
uniform float hairLow;
// Height above the hairline in metres: forehead, temple, nape; the ears are left out.
float aboveHairline() {
    float y = rest.y;
    float forehead = mix(.775, .80, clamp((-.08 - y) / .05, 0., 1.));
    float temple = mix(.700, .775, (-.035 - y) / .045);
    float nape = mix(hairLow, .700, clamp((.02 - y) / .055, 0., 1.));
    bool ear = abs(rest.x) > .0725 && y > -.085 && y < .0 && rest.z < .765;
    return ear ? -.02 : rest.z - (y < -.08 ? forehead : y < -.035 ? temple : nape);
}
"""
CUTS: dict[str, str] = {
    # Skin: not drawn where clothes cover it, with a margin for their hems.
    "skin": HAIRLINE
    + """
uniform int covers;
uniform vec3 coverLow[4], coverHigh[4];
uniform vec4 coverNeck[4];
bool cut() {
    for (int i = 0; i < covers; i++)
        if (all(greaterThan(zone, coverLow[i] + .03)) && all(lessThan(zone, coverHigh[i] - .03))
            && !inBall(coverNeck[i], .012)) return true;
    return false;
}
""",
    "cloth": """
uniform vec3 keepLow, keepHigh;
uniform vec4 neck;
bool cut() {
    return any(lessThan(zone, keepLow)) || any(greaterThan(zone, keepHigh)) || inBall(neck, 0.);
}
""",
    "scalp": HAIRLINE + "bool cut() { return aboveHairline() < 0.; }\n",
    # The strands that hang in front of the face.
    "hair": "bool cut() { return rest.y < -.045 && rest.z < .80; }\n",
}
NO_CUT = "bool cut() { return false; }\n"

CLOTH_PATTERNS: dict[str, str] = {
    "plain": "0.",
    "hoops": "stripe(p.z * frequency)",
    "stripes": "stripe(p.x * frequency)",
    "checks": ".5 * stripe(p.x * frequency) + .5 * stripe(p.z * frequency)",
    "blotches": "smoothstep(.47, .53, clouds(p * frequency))",
    "dots": "smoothstep(.32, .27, length(fract(p.xz * frequency) - .5))",
    "print": "p.y < 0. && length(p.xz - vec2(0., .38)) < .07 ? step(.5, noise(p * 60.)) : 0.",
}
"""How much of the second colour a cloth shows at `p`, 0..1."""

ROOM_PATTERNS: dict[str, str] = {
    "plain": "return 0.;",
    "planks": """
    float plank = floor(q.y * 6.);
    float board = hash(vec3(plank, floor(q.x * .7 + hash(vec3(plank))), 1.));
    return board * .7 + .3 * noise(q * vec3(2., 60., 1.));""",
    "tiles": """
    vec2 g = fract(q.xy * 2.);
    float joint = 1. - step(.03, min(g.x, g.y));
    return .25 * hash(vec3(floor(q.xy * 2.), 2.)) + .75 * joint;""",
    "mottled": "return clouds(q * 5.);",
    "checks": "return mod(floor(q.x * 2.) + floor(q.y * 2.), 2.);",
    "bricks": """
    float row = floor(q.y * 5.), x = q.x * 2. + .5 * mod(row, 2.);
    bool joint = fract(x) < .05 || fract(q.y * 5.) < .1;
    return joint ? 1. : .4 * hash(vec3(floor(x), row, 3.));""",
    "stripes": "return stripe(q.x * 2.);",
}
"""Share 0..1 of the second colour at `q`, metres along the surface times the frequency."""

COLORS: dict[str, str] = {
    "skin": """
vec3 albedo(vec3 p, inout vec3 n) {
    vec3 c = color * (.95 + .1 * noise(p * 90.));
    float x = abs(p.x);
    if (p.y < -.09) {
        float cheek = smoothstep(.03, .0, length(vec2(x - .045, p.z - .69)));
        c = mix(c, c * vec3(1.08, .88, .85), .5 * cheek);
        float arch = .7525 - 9. * (x - .033) * (x - .033);
        float brow = smoothstep(.0048, .0022, abs(p.z - arch));
        brow *= smoothstep(.010, .016, x) * smoothstep(.056, .048, x);
        c = mix(c, second, .85 * brow);
        float lips = smoothstep(1.1, .7, length(vec2(p.x / .028, (p.z - .6625) / .0095)));
        c = mix(c, c * vec3(.97, .72, .72), lips);
        c *= 1. - .45 * smoothstep(.0016, .0006, abs(p.z - .6628)) * smoothstep(.028, .022, x);
    }
    if (p.z > .62)
        c = mix(c, second * (.8 + .4 * noise(p * 300.)), smoothstep(-.004, .004, aboveHairline()));
    return c;
}""",
    "eye": """
vec3 albedo(vec3 p, inout vec3 n) {
    float d = length(vec2(abs(p.x) - .031, p.z - .729));
    return d < .003 ? vec3(.02) : d < .0068 ? color : vec3(.9, .88, .86);
}""",
    "cloth": """
uniform float folds;
float pattern(vec3 p) { return PATTERN; }
vec3 albedo(vec3 p, inout vec3 n) {
    // Folds: a bump map from screen-space differences of the world position and the height.
    float height = folds * .05 * clouds(p * vec3(15., 15., 8.));
    vec3 dx = dFdx(world), dy = dFdy(world), a = cross(dy, n), b = cross(n, dx);
    float area = dot(dx, a);
    vec3 slope = sign(area) * (dFdx(height) * a + dFdy(height) * b);
    n = normalize(abs(area) * n - clamp(slope, -abs(area), abs(area)));
    return mix(color, second, pattern(p)) * (.94 + .12 * noise(p * 140.));
}""",
    "hair": """
vec3 albedo(vec3 p, inout vec3 n) {
    return color * (.55 + .8 * noise(p * vec3(260., 260., 18.)));
}""",
    "room": """
float pattern(vec3 q) { PATTERN }
vec3 albedo(vec3 p, inout vec3 n) {
    vec3 q = p * frequency;
    return mix(color, second, pattern(q)) * (.85 + .3 * clouds(q * 3.));
}""",
    "sky": """
vec3 albedo(vec3 p, inout vec3 n) {
    return mix(color, second, clamp(p.y, 0., 1.)) * (.9 + .25 * clouds(p * vec3(4., 9., 4.)));
}""",
}
COLORS["scalp"] = COLORS["hair"]

TWO_SIDED = ("cloth", "hair")
ONE_SIDED = ("skin", "eye", "scalp")
"""Closed surfaces, whose far side is not drawn."""
WRAP: dict[str, float] = {"skin": 0.25}
"""How far light reaches around the edge of the lit side (light scattered below the skin)."""
HIGHLIGHT: dict[str, float] = {"eye": 60.0}
"""Exponent of the highlight; 18 where not named."""


def split(name: str) -> tuple[str, str]:
    """("cloth", "hoops") of "cloth/hoops"; ("skin", "") of "skin"."""
    kind, _, pattern = name.partition("/")
    return kind, pattern


def cut_source(name: str) -> str:
    """GLSL `bool cut()`: which pixels of the material are left out."""
    return CUTS.get(split(name)[0], NO_CUT)


def color_source(name: str) -> str:
    """GLSL `vec3 albedo(vec3 p, inout vec3 n)`: sRGB colour, and the normal with its folds."""
    kind, pattern = split(name)
    patterns = {"cloth": CLOTH_PATTERNS, "room": ROOM_PATTERNS}.get(kind, {})
    return COLORS[kind].replace("PATTERN", patterns[pattern] if patterns else "")
