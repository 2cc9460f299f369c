import type { ModelData } from '../../src/model/data/format.ts';
import type { NetworkOptions } from './builder.ts';
import { createConvNextTiny } from './convNextTiny.ts';
import { createEfficientNetB0 } from './efficientNetB0.ts';
import { createMobileNetV2 } from './mobileNetV2.ts';
import { createResNet50 } from './resNet50.ts';
import { createSqueezeNet } from './squeezeNet.ts';
import { createSwinTiny } from './swinTiny.ts';
import { createVgg16 } from './vgg16.ts';
import { createVitTiny } from './vitTiny.ts';

/** The networks, by the names of their files. */
export const networks = {
  vgg16: createVgg16,
  'squeezenet1.1': createSqueezeNet,
  resnet50: createResNet50,
  mobilenetv2: createMobileNetV2,
  efficientnet: createEfficientNetB0,
  vit: createVitTiny,
  convnext: createConvNextTiny,
  swin: createSwinTiny,
} as const satisfies Record<string, (options?: NetworkOptions) => ModelData>;

export type NetworkName = keyof typeof networks;

/** As people write them. */
export const networkTitles: Readonly<Record<NetworkName, string>> = {
  vgg16: 'VGG-16',
  'squeezenet1.1': 'SqueezeNet 1.1',
  resnet50: 'ResNet-50',
  mobilenetv2: 'MobileNetV2',
  efficientnet: 'EfficientNet-B0',
  vit: 'ViT-Ti/16',
  convnext: 'ConvNeXt-T',
  swin: 'Swin-T',
};
