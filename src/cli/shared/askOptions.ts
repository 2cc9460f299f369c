import { Option } from 'commander';
import { boxLayoutNames } from '../../cam/boxes/layouts.ts';
import { oneOf } from './parseOptions.ts';

/** How a detector says its boxes. */
export const boxesOption = () =>
  new Option(
    '--boxes <layout>',
    `how a detector's raw outputs say boxes: ${boxLayoutNames.join(', ')} (default: as shapes and labels tell)`,
  ).argParser(oneOf('boxes', boxLayoutNames));

/** Which pixels of a segmentation are explained. */
export const maskOption = () =>
  new Option('--mask <file>', 'a picture, white where the pixels are whose class is explained');
