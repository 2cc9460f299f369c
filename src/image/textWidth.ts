/** Advance widths of ' ' … '~' in IBM Plex Sans, in thousandths of the size. test/image/fontWidths.ts reads them off. */
const REGULAR =
  '236 284 419 713 598 927 694 242 335 335 450 600 272 399 272 383 600 600 600 600 600 600 600 600 ' +
  '600 600 292 292 600 600 600 477 891 641 653 621 671 583 559 695 707 400 510 634 501 812 707 708 ' +
  '606 708 640 581 572 678 609 891 613 593 580 317 383 317 600 565 600 534 580 503 580 549 324 528 ' +
  '568 250 250 527 272 873 568 560 580 580 367 487 351 568 492 768 507 499 464 343 314 343 600';
const SEMI_BOLD =
  '236 309 471 656 600 960 713 260 337 337 556 600 299 402 299 437 600 600 600 600 600 600 600 600 ' +
  '600 600 319 319 600 600 600 493 899 672 663 642 689 600 577 712 719 423 545 678 521 817 719 712 ' +
  '641 712 664 611 580 689 638 949 655 632 599 329 437 329 600 559 600 559 600 513 600 558 350 545 ' +
  '588 275 275 562 294 888 588 563 600 600 393 499 374 588 524 819 544 524 502 363 376 363 600';

const tables = { regular: REGULAR.split(' ').map(Number), bold: SEMI_BOLD.split(' ').map(Number) };

export interface TextStyle {
  /** Font size in pixels. */
  readonly size: number;
  readonly bold?: boolean | undefined;
}

/** A letter's width: those with accents as without, others as a digit, Chinese, Japanese and Korean square. */
function letterWidth(letter: string, table: readonly number[]): number {
  const base = letter.normalize('NFD').codePointAt(0) ?? 0;
  return table[base - 32] ?? (base >= 0x2e80 ? 1000 : base < 32 ? 0 : 600);
}

/** About how many pixels a text takes. */
export function textWidth(text: string, { size, bold = false }: TextStyle): number {
  const table = bold ? tables.bold : tables.regular;
  let width = 0;
  for (const letter of text.normalize('NFC')) width += letterWidth(letter, table);
  return (width * size) / 1000;
}

/** Letters of a text that are looked at: no picture has room for more, and a file may hold millions. */
const MOST_LETTERS = 2000;

/** The text, or as much of it as fits into so many pixels and an ellipsis. */
export function fitText(text: string, pixels: number, style: TextStyle): string {
  const letters = Array.from(text.slice(0, 2 * MOST_LETTERS)).slice(0, MOST_LETTERS);
  const begun = letters.join('');
  if (begun.length === text.length && textWidth(text, style) <= pixels) return text;
  const shortened = (kept: number) => `${letters.slice(0, kept).join('').trimEnd()}…`;
  // By halves: `fits` letters fit, or are none, and `tooMany` do not.
  let fits = 0;
  let tooMany = letters.length;
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (textWidth(shortened(middle), style) <= pixels) fits = middle;
    else tooMany = middle;
  }
  return shortened(fits);
}
