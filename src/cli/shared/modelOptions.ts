import { Option } from 'commander';

/** Class names in place of the model's own. */
export const labelsOption = () => new Option('--labels <file>', 'class names, one a line or JSON');

/** How pictures are prepared in place of what the model says. */
export const preprocessOption = () =>
  new Option('--preprocess <how>', 'imagenet, unit, bytes or a .json file (default: as the model says)');
