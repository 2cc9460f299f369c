/** The colour of a number in masks of Pascal VOC, as red + 256 green + 65536 blue: its bits, three by three, from the highest of each channel down. */
export function vocColour(index: number): number {
  let colour = 0;
  for (let bit = 0; bit < 8; bit++) {
    for (let channel = 0; channel < 3; channel++) {
      const isSet = (index >> (3 * bit + channel)) & 1;
      colour += isSet * 2 ** (8 * channel + 7 - bit);
    }
  }
  return colour;
}
