// Lint rule: nothing random without a stream that was handed in. TensorFlow.js draws by name, however it was imported.

const STREAM = 'Draw from a stream of @reseed/rng and make a tensor of it.';
const LOOP = 'It shuffles with Math.random; use the training loop of @reseed/training.';

/** Names that no value of ours has: refused as a property of anything. */
const EVERYWHERE = {
  randomNormal: STREAM,
  randomStandardNormal: STREAM,
  randomUniform: STREAM,
  randomUniformInt: STREAM,
  randomGamma: STREAM,
  truncatedNormal: STREAM,
  multinomial: STREAM,
  fit: LOOP,
  fitDataset: LOOP,
};

/** Plainer names: refused when they come from TensorFlow.js itself. */
const OF_TENSORFLOW = {
  ...EVERYWHERE,
  rand: STREAM,
  dropout: 'Draw the mask from a DROPOUT stream of @reseed/rng.',
  initializers: 'Initialisers are fed by initStream of @reseed/rng.',
};

const isTensorflow = (source) => typeof source === 'string' && source.startsWith('@tensorflow/');

function nameOf(node) {
  if (node.type === 'Identifier') return node.name;
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

const rule = {
  create(context) {
    const namespaces = new Set();
    const refuse = (node, names, name) => {
      if (name !== undefined && Object.hasOwn(names, name))
        context.report({ node, message: `${name} draws unseeded. ${names[name]}` });
    };
    return {
      ImportDeclaration({ source, specifiers }) {
        if (!isTensorflow(source.value)) return;
        for (const specifier of specifiers) {
          if (specifier.type === 'ImportSpecifier') refuse(specifier, OF_TENSORFLOW, nameOf(specifier.imported));
          else namespaces.add(specifier.local.name);
        }
      },
      MemberExpression(node) {
        const { object, property, computed } = node;
        const name = computed && property.type === 'Identifier' ? undefined : nameOf(property);
        const ofTensorflow = object.type === 'Identifier' && namespaces.has(object.name);
        refuse(node, ofTensorflow ? OF_TENSORFLOW : EVERYWHERE, name);
        if (object.type === 'Identifier' && object.name === 'Math' && name === 'random')
          context.report({
            node,
            message: 'Math.random cannot be seeded. Draw from a stream of @reseed/rng that is handed in.',
          });
      },
      ObjectPattern({ properties }) {
        for (const property of properties)
          if (property.type === 'Property') refuse(property, EVERYWHERE, nameOf(property.key));
      },
    };
  },
};

export default { meta: { name: 'reseed' }, rules: { 'no-unseeded-randomness': rule } };
