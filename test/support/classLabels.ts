/** Labels of a model as they come: synset ids, several names, two that are alike. */
export const classLabels = [
  'n01440764 tench, Tinca tinca',
  'n02012849 crane',
  'n03126707 crane',
  'n02963159 cardigan',
  'n02113186 Cardigan, Cardigan Welsh corgi',
  'n02108089 boxer',
  'great white shark, white shark',
];
