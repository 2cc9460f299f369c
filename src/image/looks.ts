/** The look of maps of a layer's cells: the photograph shows through where they are 0. */
export const mapLook = { opacity: 0.75, veil: 0 } as const;

/**
 * The look of maps of single pixels, as SmoothGrad's: the photograph is dark behind them.
 * @example
 * const gray = { width: 4, height: 4, data: new Uint8Array(64).fill(128) };
 * overlay(gray, tensor([[0, 1], [0, 0]]), pixelMapLook).height // 4
 */
export const pixelMapLook = { opacity: 0.85, veil: 0.9 } as const;
