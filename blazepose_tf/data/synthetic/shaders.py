"""GLSL of the renderer: one program for people and rooms, one for depth only (shadows, visibility)."""

CUT = """
uniform vec3 keepLow, keepHigh; uniform vec4 neck; uniform float neckSide;
uniform int covers; uniform vec3 coverLow[4], coverHigh[4]; uniform vec4 coverNeck[4];
uniform int kind; uniform float hairLow;
in vec3 rest; in vec3 zone;
bool inNeck(vec4 ball, float grow) {
    vec3 d = rest - ball.xyz;
    return ball.w > 0. && length(d * vec3(1., 1., .8)) < ball.w + grow;
}
// Height above the hairline in metres, on the template's skull (ears left out).
float hair() {
    float y = rest.y, line = y < -.08 ? mix(.775, .80, clamp((-.08 - y) / .05, 0., 1.))
        : y < -.035 ? mix(.700, .775, (-.035 - y) / .045) : mix(hairLow, .700, clamp((.02 - y) / .055, 0., 1.));
    bool ear = abs(rest.x) > .0725 && y > -.085 && y < .0 && rest.z < .765;
    return ear ? -.02 : rest.z - line;
}
bool cut() {
    if (any(lessThan(zone, keepLow)) || any(greaterThan(zone, keepHigh))) return true;
    if (inNeck(neck, 0.)) return true;
    for (int i = 0; i < covers; i++)
        if (all(greaterThan(zone, coverLow[i] + .03)) && all(lessThan(zone, coverHigh[i] - .03))
            && !inNeck(coverNeck[i], .012)) return true;
    if (kind == 3 && hair() < .0) return true;
    if (kind == 4 && rest.y < -.045 && rest.z < .80) return true;  // keeps the face free
    return false;
}
"""

VERTEX = """#version 330
in vec3 position; in vec3 surface; in vec3 place; in vec3 limb;
uniform mat4 view, lightView;
out vec3 normal, rest, zone, world; out vec4 inLight;
void main() {
    gl_Position = view * vec4(position, 1.); inLight = lightView * vec4(position, 1.);
    normal = surface; rest = place; zone = limb; world = position;
}"""

DEPTH_VERTEX = """#version 330
in vec3 position; in vec3 place; in vec3 limb; uniform mat4 view; out vec3 rest, zone;
void main() { gl_Position = view * vec4(position, 1.); rest = place; zone = limb; }"""

DEPTH_FRAGMENT = "#version 330\n" + CUT + "void main() { if (cut()) discard; }"

FRAGMENT = (
    "#version 330\n"
    + CUT
    + """
in vec3 normal, world; in vec4 inLight;
uniform sampler2D shadowMap; uniform vec3 color, second, sun, sunColor, sky, ground, eye, haze;
uniform int pattern, contacts; uniform float frequency, shine, folds, seed; uniform vec4 contact[6];
layout(location = 0) out vec4 result;
float hash(vec3 p) { p = fract(p * .3183099 + seed); p *= 17.; return fract(p.x * p.y * p.z * (p.x + p.y + p.z)); }
float noise(vec3 x) {
    vec3 i = floor(x), f = fract(x); f = f * f * (3. - 2. * f);
    return mix(mix(mix(hash(i), hash(i + vec3(1, 0, 0)), f.x), mix(hash(i + vec3(0, 1, 0)), hash(i + vec3(1, 1, 0)), f.x), f.y),
        mix(mix(hash(i + vec3(0, 0, 1)), hash(i + vec3(1, 0, 1)), f.x), mix(hash(i + vec3(0, 1, 1)), hash(i + vec3(1)), f.x), f.y), f.z);
}
float clouds(vec3 x) { return .55 * noise(x) + .3 * noise(x * 2.1) + .15 * noise(x * 4.3); }
float stripe(float x) { return smoothstep(.46, .54, abs(fract(x) * 2. - 1.)); }
vec3 fabric(vec3 p) {
    float t = 0.;
    if (pattern == 1) t = stripe(p.z * frequency);
    if (pattern == 2) t = stripe(p.x * frequency);
    if (pattern == 3) t = .5 * stripe(p.x * frequency) + .5 * stripe(p.z * frequency);
    if (pattern == 4) t = smoothstep(.47, .53, clouds(p * frequency));
    if (pattern == 5) t = smoothstep(.32, .27, length(fract(p.xz * frequency) - .5));
    if (pattern == 6) t = p.y < -.02 && abs(p.x) < .075 && abs(p.z - .38) < .05 ? step(.5, noise(p * 60.)) : 0.;
    return mix(color, second, t);
}
vec3 skinColor(vec3 p) {
    float x = abs(p.x); bool front = p.y < -.09;
    vec3 c = color * (.95 + .1 * clouds(p * 60.));
    if (front) {
        c = mix(c, c * vec3(1.08, .88, .85), .5 * smoothstep(.03, .0, length(vec2(x - .045, (p.z - .69)))));
        float brow = .7525 - 9. * (x - .033) * (x - .033);
        c = mix(c, second, .85 * smoothstep(.0048, .0022, abs(p.z - brow)) * smoothstep(.010, .016, x) * smoothstep(.056, .048, x));
        c = mix(c, c * vec3(.97, .72, .72), smoothstep(1.1, .7, length(vec2(p.x / .028, (p.z - .6625) / .0095))));
        c *= 1. - .45 * smoothstep(.0016, .0006, abs(p.z - .6628)) * smoothstep(.028, .022, x);
    }
    if (p.z > .62 && kind == 0) c = mix(c, second * (.8 + .4 * noise(p * 300.)), smoothstep(-.004, .004, hair()));
    return c;
}
vec3 eyeColor(vec3 p) {
    float d = length(vec2(abs(p.x) - .031, p.z - .729));
    return d < .003 ? vec3(.02) : d < .0068 ? color : vec3(.9, .88, .86);
}
// Floors and walls: `rest` is metres along the surface.
vec3 roomColor(vec3 p) {
    vec3 q = p * frequency; float t = 0., grain = .85 + .3 * clouds(q * 3.);
    if (pattern == 1) { float plank = floor(q.y * 6.); t = hash(vec3(plank, floor(q.x * .7 + hash(vec3(plank))), 1.)) * .7 + .3 * noise(q * vec3(2., 60., 1.)); }
    if (pattern == 2) { vec2 g = fract(q.xy * 2.); t = .25 * hash(vec3(floor(q.xy * 2.), 2.)) + .75 * (1. - step(.03, min(g.x, g.y))); }
    if (pattern == 3) t = clouds(q * 5.);
    if (pattern == 4) t = mod(floor(q.x * 2.) + floor(q.y * 2.), 2.);
    if (pattern == 5) { float row = floor(q.y * 5.); vec2 g = vec2(fract(q.x * 2. + .5 * mod(row, 2.)), fract(q.y * 5.)); t = (g.x < .05 || g.y < .1) ? 1. : .4 * hash(vec3(floor(q.x * 2. + .5 * mod(row, 2.)), row, 3.)); }
    if (pattern == 6) t = stripe(q.x * 2.);
    if (pattern == 7) t = clamp(p.y * .5, 0., 1.) * .8 + .35 * smoothstep(.5, .75, clouds(q));
    return mix(color, second, t) * grain;
}
float lit(vec3 n) {
    vec3 p = inLight.xyz / inLight.w * .5 + .5; float bias = .004 + .006 * (1. - abs(dot(n, sun))), sum = 0.;
    if (any(lessThan(p.xy, vec2(0.))) || any(greaterThan(p.xy, vec2(1.)))) return 1.;
    for (int i = -1; i <= 1; i++) for (int j = -1; j <= 1; j++) {
        float nearest = texture(shadowMap, p.xy + vec2(i, j) / 512.).r;
        sum += nearest < .9999 && nearest < p.z - bias ? 0. : 1.;
    }
    return sum / 9.;
}
void main() {
    if (cut()) discard;
    vec3 n = normalize(normal), toEye = normalize(eye - world), c = color; float gloss = shine;
    if (kind == 2 || kind == 4) { if (dot(n, toEye) < 0.) n = -n; }
    if (kind == 0) c = skinColor(rest);
    if (kind == 1) { c = eyeColor(rest); gloss = .6; }
    if (kind == 2) {
        vec3 q = rest * vec3(15., 15., 8.), g; float base = clouds(q);
        g = vec3(clouds(q + vec3(.06, 0, 0)), clouds(q + vec3(0, .06, 0)), clouds(q + vec3(0, 0, .06))) - base;
        n = normalize(n - folds * (g - dot(g, n) * n) / .06);
        c = fabric(rest) * (.94 + .12 * noise(rest * 140.));
    }
    if (kind == 3 || kind == 4) { c = color * (.55 + .8 * noise(rest * vec3(260., 260., 18.))); gloss = .25; }
    if (kind == 5) c = roomColor(rest);
    if (kind == 6) c = mix(color, second, clamp(rest.z, 0., 1.)) * (.9 + .25 * clouds(rest * vec3(4., 4., 9.)));
    float shade = lit(n), slope = dot(n, sun), wrap = kind == 0 ? .25 : .06;
    float diffuse = max((slope + wrap) / (1. + wrap), 0.) * mix(1., shade, kind == 3 ? .6 : 1.);
    vec3 albedo = pow(c, vec3(2.2)), ambient = mix(ground, sky, .5 + .5 * n.z);
    if (kind == 5) for (int i = 0; i < contacts; i++)
        ambient *= 1. - .55 * exp(-dot(world - contact[i].xyz, world - contact[i].xyz) / (contact[i].w * contact[i].w));
    vec3 light = albedo * (ambient + sunColor * diffuse);
    light += sunColor * pow(max(dot(n, normalize(sun + toEye)), 0.), kind == 1 ? 60. : 18.) * gloss * shade * .25;
    if (kind == 0) light += albedo * vec3(.5, .15, .1) * max(0., .25 - abs(slope)) * .5 * sunColor;
    if (kind == 6) light = albedo * (ambient + .5 * sunColor);
    if (kind == 5) light = mix(light, haze, 1. - exp(-max(0., length(eye - world) - 12.) / 45.));
    result = vec4(pow(clamp(light, 0., 4.), vec3(1. / 2.2)), 1.);
}"""
)
