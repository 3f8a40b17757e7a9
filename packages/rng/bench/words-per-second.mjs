// Times the generators on one core, after `tsc -b packages/rng`: node packages/rng/bench/words-per-second.mjs [repeats].
// Each figure is the best of several repeats, in millions per second; what is counted is the name's last word.
import {
  jax,
  Mt19937,
  NumpyRandomState,
  PythonRandom,
  SeedSequence,
  seedWords,
  TorchGenerator,
} from '../dist/index.js';

const repeats = Number(process.argv[2] ?? 9);
const engine = new Mt19937(1);
const numpy = new NumpyRandomState(1);
const torch = new TorchGenerator(1);
const python = new PythonRandom(1);
const block = new Uint32Array(1_000_000);
const floats = new Float32Array(1_000_000);
const seed = new Uint32Array(4);
let sum = 0;

/** Millions of `count` per second in the best repeat. */
function rate(count, run) {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= repeats; i++) {
    const start = performance.now();
    run(count);
    const seconds = (performance.now() - start) / 1000;
    // The first repeat compiles.
    if (i > 0) best = Math.min(best, seconds);
  }
  return Number((count / best / 1e6).toFixed(2));
}

/** Millions per second of one draw in a loop. */
const draws = (count, draw) =>
  rate(count, (n) => {
    for (let i = 0; i < n; i++) sum += draw(i);
  });

const result = {
  fillWords: rate(20_000_000, (n) => {
    for (let i = 0; i < n; i += block.length) engine.fill(block);
  }),
  nextUint32Words: rate(10_000_000, (n) => {
    let last = 0;
    for (let i = 0; i < n; i++) last ^= engine.nextUint32();
    sum += last;
  }),
  numpyNextUint32Words: rate(10_000_000, (n) => {
    let last = 0;
    for (let i = 0; i < n; i++) last ^= numpy.nextUint32();
    sum += last;
  }),
  numpyRandomSampleDoubles: draws(5_000_000, () => numpy.randomSample()),
  numpyRandint9Draws: draws(5_000_000, () => numpy.randint(0, 9)),
  numpyStandardNormalDraws: draws(1_000_000, () => numpy.standardNormal()),
  numpyBeta11Draws: draws(500_000, () => numpy.beta(1, 1)),
  torchUniformFloats: rate(5_000_000, (n) => {
    for (let i = 0; i < n; i += floats.length) torch.fillUniform(floats, -0.1, 0.1);
  }),
  torchRandnFloats: rate(2_000_000, (n) => {
    for (let i = 0; i < n; i += floats.length) torch.fillRandn(floats);
  }),
  pythonRandrange9Draws: draws(5_000_000, () => python.randrange(0, 9)),
  // What mode per_sample does for every sample, and what mode jax_fold_in would.
  seededNumpyStreams: draws(50_000, (i) => {
    numpy.seed(seedWords([2021, 3, i], seed));
    return numpy.nextUint32();
  }),
  seedSequenceObjects: draws(100_000, (i) => new SeedSequence([2021, 3, i]).generateState(4)[0]),
  jaxFoldInKeys: draws(500_000, (i) => jax.foldIn(jax.prngKey(2021), i)[1]),
};
console.log(JSON.stringify({ unit: 'million per second, best repeat', repeats, node: process.version, ...result }));
if (!Number.isFinite(sum)) throw new Error('a generator gave a value that is not finite');
