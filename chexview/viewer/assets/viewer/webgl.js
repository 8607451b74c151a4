/* Draws films with WebGL2: all 16 bits as whole numbers, own smaller levels, window and level in a table of greys. */

import { inverse } from "./geometry.js";

/** @import { Drawing, Film, Level, Painter, Rect } from "./types.js" */
/** @typedef {{film: WebGLTexture, mask: WebGLTexture | null}} Textures */

const VERTEX = `#version 300 es
void main() { gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0); }`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform usampler2D film, padding;
uniform highp sampler2D greys;
uniform vec3 across, down;
uniform vec2 size;
uniform float level, tall;
uniform bool padded;
out vec4 colour;

// The mean of the four nearest values that are not padding, and their share of the four.
vec2 taken(vec2 place, int lod) {
  ivec2 last = textureSize(film, lod) - 1;
  vec2 at = place / float(1 << lod) - 0.5;
  vec2 low = floor(at), part = at - low;
  vec2 sum = vec2(0.0);
  for (int k = 0; k < 4; k++) {
    ivec2 shift = ivec2(k & 1, k >> 1);
    ivec2 cell = clamp(ivec2(low) + shift, ivec2(0), last);
    vec2 both = mix(1.0 - part, part, vec2(shift));
    float weight = both.x * both.y;
    if (padded && texelFetch(padding, cell, lod).r != 0u) continue;
    sum += weight * vec2(float(texelFetch(film, cell, lod).r), 1.0);
  }
  return sum;
}

float grey(float value) {
  int low = int(floor(value));
  int high = min(low + 1, 65535);
  float a = texelFetch(greys, ivec2(low & 255, low >> 8), 0).r;
  float b = texelFetch(greys, ivec2(high & 255, high >> 8), 0).r;
  return a + (b - a) * (value - float(low));
}

float shown(vec2 place, int lod) {
  vec2 sum = taken(place, lod);
  return sum.y > 0.0 ? grey(clamp(sum.x / sum.y, 0.0, 65535.0)) * sum.y : 0.0;
}

void main() {
  vec3 here = vec3(gl_FragCoord.x, tall - gl_FragCoord.y, 1.0);
  vec2 place = vec2(dot(across, here), dot(down, here));
  if (any(lessThan(place, vec2(0.0))) || any(greaterThanEqual(place, size))) { colour = vec4(0.0, 0.0, 0.0, 1.0); return; }
  int lod = int(floor(level));
  float g = shown(place, lod);
  float part = level - float(lod);
  if (part > 0.0) g = mix(g, shown(place, lod + 1), part);
  colour = vec4(vec3(floor(g * 255.0 + 0.5) / 255.0), 1.0);
}`;

const KEPT_TEXTURES = 4;
const UNIFORMS = /** @type {const} */ (["film", "padding", "greys", "across", "down", "size", "level", "tall", "padded"]);

/**
 * Whether WebGL is drawn by the processor: a remote desktop, or a browser without a GPU. The 2D canvas is quicker then.
 * @param {WebGL2RenderingContext} gl
 */
function isSoftware(gl) {
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  return Boolean(info) && /swiftshader|llvmpipe|softpipe|software|basic render/i.test(gl.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? 0));
}

/** @implements {Painter} */
export class WebglPainter {
  /**
   * Null where there is no WebGL2.
   * @param {HTMLCanvasElement} canvas
   * @param {boolean} evenSlow
   */
  static on(canvas, evenSlow) {
    const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, stencil: false });
    if (!gl || (!evenSlow && isSoftware(gl))) return null;
    try {
      return new WebglPainter(canvas, gl);
    } catch {
      return null;
    }
  }

  /** @type {"webgl"} */
  name = "webgl";
  /** @type {Map<Film, Textures>} */
  films = new Map();
  /** @type {Map<string, {texture: WebGLTexture, greys: Float32Array | null}>} */
  tables = new Map();

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {WebGL2RenderingContext} gl
   */
  constructor(canvas, gl) {
    this.canvas = canvas;
    this.gl = gl;
    const program = gl.createProgram();
    for (const [kind, text] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
      const shader = gl.createShader(kind);
      if (!shader) throw new Error("the context is lost");
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "");
    gl.useProgram(program);
    const locations = UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]);
    this.at = /** @type {Record<typeof UNIFORMS[number], WebGLUniformLocation>} */ (Object.fromEntries(locations));
    gl.uniform1i(this.at.film, 0);
    gl.uniform1i(this.at.padding, 1);
    gl.uniform1i(this.at.greys, 2);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.enable(gl.SCISSOR_TEST);
    this.largest = gl.getParameter(gl.MAX_TEXTURE_SIZE);
  }

  /** @param {Film} film */
  takes(film) {
    return Math.max(film.levels[0].width, film.levels[0].height) <= this.largest;
  }

  begin() {
    const { gl, canvas } = this;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.scissor(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  /** @param {Drawing} drawing */
  draw({ film, greys, at, rect, key }) {
    const { gl } = this;
    const textures = this.textures(film);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, textures.film);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, textures.mask ?? textures.film);
    gl.activeTexture(gl.TEXTURE2);
    this.table(key, greys);
    const { across, down } = inverse(at);
    gl.uniform3fv(this.at.across, across);
    gl.uniform3fv(this.at.down, down);
    gl.uniform2f(this.at.size, film.levels[0].width, film.levels[0].height);
    gl.uniform1f(this.at.tall, this.canvas.height);
    gl.uniform1f(this.at.level, Math.min(Math.max(-Math.log2(at.s), 0), film.levels.length - 1));
    gl.uniform1i(this.at.padded, film.masked ? 1 : 0);
    gl.scissor(rect.x, this.canvas.height - rect.y - rect.height, rect.width, rect.height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** @param {number} unit */
  texture(unit) {
    const { gl } = this;
    const made = gl.createTexture();
    gl.activeTexture(unit);
    gl.bindTexture(gl.TEXTURE_2D, made);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST_MIPMAP_NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
    return made;
  }

  /**
   * @param {Level[]} levels
   * @param {number} inner
   * @param {number} type
   * @param {"data" | "mask"} part
   */
  levels(levels, inner, type, part) {
    const { gl } = this;
    const made = this.texture(gl.TEXTURE0);
    gl.texStorage2D(gl.TEXTURE_2D, levels.length, inner, levels[0].width, levels[0].height);
    levels.forEach((level, number) => {
      gl.texSubImage2D(gl.TEXTURE_2D, number, 0, 0, level.width, level.height, gl.RED_INTEGER, type, level[part]);
    });
    return made;
  }

  /** @param {Film} film */
  textures(film) {
    const { gl } = this;
    let known = this.films.get(film);
    this.films.delete(film);
    known ??= {
      film: this.levels(film.levels, gl.R16UI, gl.UNSIGNED_SHORT, "data"),
      mask: film.masked ? this.levels(film.levels, gl.R8UI, gl.UNSIGNED_BYTE, "mask") : null,
    };
    this.films.set(film, known);
    for (const [other, { film: pixels, mask }] of this.films) {
      if (this.films.size <= KEPT_TEXTURES) break;
      gl.deleteTexture(pixels);
      gl.deleteTexture(mask);
      this.films.delete(other);
    }
    return known;
  }

  /**
   * Binds the table of a pane's greys; it is sent only where it changed.
   * @param {string} key
   * @param {Float32Array} greys
   */
  table(key, greys) {
    const { gl } = this;
    let known = this.tables.get(key);
    if (!known) {
      known = { texture: this.texture(gl.TEXTURE2), greys: null };
      gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32F, 256, 256);
      this.tables.set(key, known);
    }
    gl.bindTexture(gl.TEXTURE_2D, known.texture);
    if (known.greys !== greys) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 256, 256, gl.RED, gl.FLOAT, greys);
    known.greys = greys;
  }

  /**
   * What was drawn in a rectangle in this very task, top row first.
   * @param {Rect} rect
   */
  read(rect) {
    const { gl } = this;
    const bytes = new Uint8Array(4 * rect.width * rect.height);
    gl.readPixels(rect.x, this.canvas.height - rect.y - rect.height, rect.width, rect.height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
    const upright = new Uint8ClampedArray(bytes.length);
    const line = 4 * rect.width;
    for (let row = 0; row < rect.height; row += 1) {
      upright.set(bytes.subarray(row * line, (row + 1) * line), (rect.height - 1 - row) * line);
    }
    return upright;
  }

  /** Waits until the frame is drawn, by asking for one pixel of it. */
  flush() {
    this.gl.readPixels(0, 0, 1, 1, this.gl.RGBA, this.gl.UNSIGNED_BYTE, new Uint8Array(4));
  }

  release() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
