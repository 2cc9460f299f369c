import type { HeadForm } from '../model/graph/headForm.ts';
import type { Choices } from './choices.ts';
import { isExponential } from './score.ts';

/**
 * Why Smooth Grad-CAM++ is Grad-CAM++ here, whatever the noise; undefined where it is not known to be.
 *
 * With Y = exp(z_c) and z_c piecewise linear with slopes that are g_i or 0, sample s has D_r = e^(z_s) m_si g_iʳ with a mask m_si of 0 and
 * 1, so the means are D̄_r = μ_i g_iʳ with μ_i = mean e^(z_s) m_si. Then α_i = 1/(2 + g_i ΣA) without μ_i, and
 * w_k = Σ_i ReLU(g_i) μ_i / (2 + g_i ΣA). Where g is one number over a set of entries of each channel, and Σ μ_i over that set the same for
 * all sets, w is Grad-CAM++'s times a number, and the map divided by its maximum is Grad-CAM++'s. That holds for an affine head
 * (no masks), for a tiling max-pool (one winner in each window) and for a gate that a cell's channels pass together.
 * docs/theory.md has the proof. Where classes are held against others (`contrasts`), z_c − z_against is affine and tiled as z_c is.
 */
export function smoothEquals(
  form: HeadForm | undefined,
  { score, sigma, select, layout }: Pick<Choices, 'score' | 'sigma' | 'select' | 'layout'>,
  contrasts = false,
): string | undefined {
  if (form === undefined || score === 'custom' || !isExponential(score) || sigma === 0) return undefined;
  // Two classes have a gate each: a cell's slopes are those of either, of both, or none.
  if (contrasts && form.kind === 'gated') return undefined;
  // What passes a gate or wins a pool is looked for in [N, C, H, W] alone.
  if (form.kind !== 'affine' && layout.kind !== 'NCHW') return undefined;
  // A region or neurons may take part of a window, or other cells of one map than of another.
  const cutsCells = select?.region !== undefined || select?.neurons !== undefined;
  return form.kind !== 'affine' && cutsCells ? undefined : form.reason;
}
