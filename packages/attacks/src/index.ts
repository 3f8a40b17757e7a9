export { type AttackLoss, crossEntropy, cwMargin } from './attack-loss.ts';
export { type CraftOptions, craft } from './craft.ts';
export { enterLoss, inputGradient, type Logits } from './input-gradient.ts';
export { fillUniformNoise } from './uniform-noise.ts';
