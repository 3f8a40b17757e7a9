import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { buildModel, ParameterCountError, WeightSizeError } from './build-model.ts';
import { getModel, type ModelName } from './get-model.ts';
import { tinyCnn } from './tiny-cnn.ts';
import { weightHash } from './weight-hash.ts';

interface InitialWeights {
  model: ModelName;
  seed: number;
  tensors: { name: string; shape: number[]; first: number[]; last: number }[];
  weightHash: string;
}
const golden = JSON.parse(readFileSync(new URL('../golden/models.json', import.meta.url), 'utf8')) as {
  initial: InitialWeights[];
};
const names: ModelName[] = ['tiny-cnn', 'mnist_net'];
const values = (tensors: readonly tf.Tensor[]) => tensors.map((tensor) => tensor.dataSync() as Float32Array);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test.each(names)('%s is by default what it is for 28×28 grey images', (name) => {
  expect(getModel(name)).toMatchObject({ name, imageShape: [28, 28, 1], classes: 10, normalisation: undefined });
  expect(getModel(name).buffers).toEqual([]);
});

test('an architecture whose layers do not add up to its declared count is refused', () => {
  const wrong = () => buildModel({ ...tinyCnn, parameterCount: 52_137 });
  expect(wrong).toThrow(ParameterCountError);
  expect(wrong).toThrow('tiny-cnn has 52138 trainable parameters, declared are 52137');
  const statistics = () => buildModel({ ...tinyCnn, bufferCount: 96 });
  expect(statistics).toThrow('tiny-cnn has 0 running statistics, declared are 96');
});

test.each(golden.initial)(
  '$model starts from the weights that NumPy draws for seed $seed',
  ({ model: name, seed, ...expected }) => {
    const model = getModel(name);
    const tensors = model.initialise(seed);
    expect(tensors.map((tensor) => tensor.shape)).toEqual(model.parameters.map((parameter) => parameter.shape));
    const torch = model.toTorchLayout(values(tensors));
    const found = torch.map((tensor, i) => ({
      name: model.parameters[i].name,
      shape: model.parameters[i].torchShape,
      first: [...tensor.subarray(0, 3)],
      last: tensor[tensor.length - 1],
    }));
    expect(found).toEqual(expected.tensors);
    const buffers = model.initialBuffers();
    expect(weightHash(model.inStateOrder(torch, values(buffers)))).toBe(expected.weightHash);
    if (buffers.length === 0) expect(weightHash(torch)).toBe(expected.weightHash);
    tf.dispose([...tensors, ...buffers]);
  },
);

test.each(names)('%s: PyTorch’s layout and ours hold the same values, in different places', (name) => {
  const model = getModel(name);
  let next = 0;
  const numbered = model.parameters.map(({ size }) => Float32Array.from({ length: size }, () => next++));
  const ours = model.fromTorchLayout(numbered);
  expect(model.toTorchLayout(ours)).toEqual(numbered);
  model.parameters.forEach((parameter, i) => {
    const isWeight = parameter.name.endsWith('.weight');
    expect(weightHash([ours[i]]) === weightHash([numbered[i]]), parameter.name).toBe(!isWeight);
  });
});

test('one value of a convolution and of a linear layer after the flatten, followed by hand', () => {
  const model = getModel('tiny-cnn');
  const torch = model.parameters.map(({ size }) => new Float32Array(size));
  torch[2][((5 * 8 + 3) * 3 + 1) * 3 + 2] = 1; // conv2.weight[out 5][in 3][row 1][column 2]
  torch[4][9 * 784 + (11 * 7 + 4) * 7 + 6] = 1; // fc1.weight[out 9][channel 11, row 4, column 6]
  const ours = model.fromTorchLayout(torch);
  expect(ours[2].indexOf(1)).toBe(((1 * 3 + 2) * 8 + 3) * 16 + 5);
  expect(ours[4].indexOf(1)).toBe(((4 * 7 + 6) * 16 + 11) * 64 + 9);
});

test('weights of another model are refused by name', () => {
  const model = getModel('tiny-cnn');
  const tensors = model.parameters.map(({ size }) => new Float32Array(size));
  tensors[3] = new Float32Array(17);
  expect(() => model.toTorchLayout(tensors)).toThrow(WeightSizeError);
  expect(() => model.toTorchLayout(tensors)).toThrow('tiny-cnn: conv2.bias has 17 values, expected 16');
  expect(() => model.fromTorchLayout([])).toThrow('tiny-cnn: conv1.weight has 0 values, expected 72');
});

test('the weight hash sees the sign of zero and the last bit', () => {
  const base = weightHash([Float32Array.of(0, 1)]);
  expect(weightHash([Float32Array.of(-0, 1)])).not.toBe(base);
  expect(weightHash([Float32Array.of(0, 1 + 2 ** -23)])).not.toBe(base);
  expect(weightHash([Float32Array.of(0), Float32Array.of(1)])).toBe(base);
});
