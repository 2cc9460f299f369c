/**
 * Functions of four numbers at once in float32, the same bits on every engine. Each is within 2 units in the last place, sigmoid
 * within 3; NaN stays NaN.
 */

@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** a x + b. */
@inline
function next(a: v128, x: v128, b: f32): v128 {
  return f32x4.add(f32x4.mul(a, x), splat(b));
}

const WHOLE: f32 = 12582912; // 1.5 · 2²³

/** x / ln 2 above WHOLE: the sum has no room for a fraction, so that its last bits are the whole number n that is nearest. */
@inline
function shiftedHere(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, splat(1.44269504088896341)), splat(WHOLE));
}

/** x − n ln 2. */
@inline
function remainderHere(x: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, splat(WHOLE));
  const coarse = f32x4.sub(x, f32x4.mul(n, splat(0.693359375)));
  return f32x4.add(coarse, f32x4.mul(n, splat(2.12194440e-4)));
}

/** e^r for |r| ≤ ln 2 / 2. Source of the polynomial: Cephes, expf. */
@inline
function fractionHere(r: v128): v128 {
  let y = next(splat(1.9875691500e-4), r, 1.3981999507e-3);
  y = next(y, r, 8.3334519073e-3);
  y = next(y, r, 4.1665795894e-2);
  y = next(y, r, 1.6666665459e-1);
  y = next(y, r, 5.0000001201e-1);
  return f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(y, r), r), r), splat(1));
}

/** y 2ⁿ for −150 ≤ n ≤ 0, by 2ⁿ⁺⁶⁴, which is never too small for a number. */
@inline
function shrunkHere(y: v128, shifted: v128): v128 {
  const power = i32x4.shl(i32x4.add(shifted, i32x4.splat(127 + 64)), 23);
  return f32x4.mul(f32x4.mul(y, power), splat(5.421010862427522e-20));
}

/** e^(x + rest), where rest is the small part of a sum that x alone does not hold. */
@inline
export function exponentialHere(x: v128, rest: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, splat(89)), splat(-104));
  const shifted = shiftedHere(bounded);
  let y = fractionHere(f32x4.add(remainderHere(bounded, shifted), rest));
  // 2ⁿ in two steps: one alone is no number where n is −150 or 128.
  const all = i32x4.sub(shifted, splat(WHOLE));
  const half = i32x4.shr_s(all, 1);
  const bias = i32x4.splat(127);
  y = f32x4.mul(y, i32x4.shl(i32x4.add(half, bias), 23));
  return f32x4.mul(y, i32x4.shl(i32x4.add(i32x4.sub(all, half), bias), 23));
}

/** The same as a call: what is inlined is for loops that many networks spend time in. */
export function exponential(x: v128, rest: v128): v128 {
  return exponentialHere(x, rest);
}

@inline
export function exp(x: v128): v128 {
  return exponential(x, splat(0));
}

/** 1 / (1 + e^−x), and e^x / (1 + e^x) below 0, where the other would lose the digits. */
@inline
export function sigmoidHere(x: v128): v128 {
  const exponent = f32x4.pmax(f32x4.neg(f32x4.abs(x)), splat(-104));
  const shifted = shiftedHere(exponent);
  const e = shrunkHere(fractionHere(remainderHere(exponent, shifted)), shifted);
  // e ≤ 1, so that the larger of e and 1, or of e and 0, is what stands above.
  const top = f32x4.pmax(e, v128.andnot(splat(1), f32x4.lt(x, splat(0))));
  return f32x4.div(top, f32x4.add(splat(1), e));
}

export function sigmoid(x: v128): v128 {
  return sigmoidHere(x);
}

/** σ′ = e / (1 + e)², e = e^−|x|. */
export function sigmoidSlope(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const s = f32x4.add(splat(1), e);
  return f32x4.div(e, f32x4.mul(s, s));
}

/** e^(−x² scale), scale being a power of two. */
@inline
function bellHere(x: v128, scale: v128): v128 {
  // x = high + low: the square of high is exact.
  const high = v128.and(x, i32x4.splat(0xfffff000));
  const low = f32x4.mul(f32x4.sub(x, high), f32x4.add(x, high));
  const square = f32x4.mul(f32x4.mul(high, high), scale);
  const isEnd = f32x4.gt(square, splat(104));
  const exponent = v128.bitselect(splat(-104), f32x4.neg(square), isEnd);
  const rest = v128.andnot(f32x4.neg(f32x4.mul(low, scale)), isEnd);
  const shifted = shiftedHere(exponent);
  return shrunkHere(fractionHere(f32x4.add(remainderHere(exponent, shifted), rest)), shifted);
}

export function bell(x: v128, scale: v128): v128 {
  return bellHere(x, scale);
}

/** 1 − erf x for x ≥ 0, given e^−x²: t P(t) e^−x² with t = 1 / (1 + 0.35 x). */
@inline
function complementHere(x: v128, e: v128): v128 {
  const t = f32x4.div(splat(1), f32x4.add(splat(1), f32x4.mul(splat(0.35), x)));
  let y = next(splat(0.0386861997), t, -0.160523764);
  y = next(y, t, 0.185338071);
  y = next(y, t, -0.0330658911);
  y = next(y, t, 0.0916578463);
  y = next(y, t, 0.14344061);
  y = next(y, t, 0.152129886);
  y = next(y, t, 0.187689234);
  y = next(y, t, 0.197165525);
  y = next(y, t, 0.197482291);
  return f32x4.mul(f32x4.mul(y, t), e);
}

/** y with the sign of x. */
@inline
function signed(y: v128, x: v128): v128 {
  return v128.bitselect(y, x, i32x4.splat(0x7fffffff));
}

/** x + x P(x²) below 1, else 1 − its complement. */
export function erf(x: v128): v128 {
  const a = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  let y = next(splat(7.853857823647559e-5), s, -8.010192541405559e-4);
  y = next(y, s, 5.188327748328447e-3);
  y = next(y, s, -2.6853810995817184e-2);
  y = next(y, s, 0.1128358542919159);
  y = next(y, s, -0.3761262595653534);
  y = next(y, s, 0.1283791670955126);
  const near = f32x4.add(x, f32x4.mul(x, y));
  const far = f32x4.sub(splat(1), complementHere(a, bell(a, splat(1))));
  return signed(v128.bitselect(near, far, f32x4.lt(a, splat(1))), x);
}

/** Source of the polynomial: Cephes, tanhf. */
export function tanh(x: v128): v128 {
  const a = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  let y = next(splat(-5.70498872745e-3), s, 2.06390887954e-2);
  y = next(y, s, -5.37397155531e-2);
  y = next(y, s, 1.33314422036e-1);
  y = next(y, s, -3.33332819422e-1);
  const near = f32x4.add(f32x4.mul(f32x4.mul(y, s), x), x);
  const e = exp(f32x4.add(a, a));
  const far = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(e, splat(1))));
  return signed(v128.bitselect(near, far, f32x4.lt(a, splat(0.625))), x);
}

/** Φ(x), the share of a normal distribution below x; `bellHalf` is e^−x²/2. */
@inline
function normalShareHere(x: v128, bellHalf: v128): v128 {
  const below = f32x4.mul(splat(0.5), complementHere(f32x4.mul(f32x4.abs(x), splat(0.7071067811865476)), bellHalf));
  return v128.bitselect(below, f32x4.sub(splat(1), below), f32x4.lt(x, splat(0)));
}

/** x Φ(x). */
@inline
export function geluHere(x: v128): v128 {
  return f32x4.mul(x, normalShareHere(x, bellHere(x, splat(0.5))));
}

/** Φ(x) + x φ(x). */
export function geluSlope(x: v128): v128 {
  const e = bell(x, splat(0.5));
  return f32x4.add(normalShareHere(x, e), f32x4.mul(f32x4.mul(x, splat(0.3989422804014327)), e));
}
