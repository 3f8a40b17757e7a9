// The seven ways in which the randomness of a training run goes wrong, with the sentence that explains each.

export type TraceVariantNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7;

export type TraceVariantName =
  | 'shared_state_across_workers'
  | 'repetition_across_epochs'
  | 'seed_never_reaches_workers'
  | 'component_resets_generator'
  | 'generator_tied_to_index'
  | 'resume_restarts_stream'
  | 'shifted_reuse';

export interface TraceVariant {
  readonly variant: TraceVariantNumber;
  readonly name: TraceVariantName;
  readonly meaning: string;
}

export const TRACE_VARIANTS: Readonly<Record<TraceVariantNumber, TraceVariant>> = {
  1: {
    variant: 1,
    name: 'shared_state_across_workers',
    meaning: 'Several workers draw the same values in the same order, because they start from one generator state.',
  },
  2: {
    variant: 2,
    name: 'repetition_across_epochs',
    meaning:
      'An epoch draws again what an earlier epoch drew, because the workers start from the same state each time.',
  },
  3: {
    variant: 3,
    name: 'seed_never_reaches_workers',
    meaning: 'Runs with different seeds draw the same values, so they are no replicates of each other.',
  },
  4: {
    variant: 4,
    name: 'component_resets_generator',
    meaning: 'Something seeds the generator again in the middle of the stream, and the stream starts over.',
  },
  5: {
    variant: 5,
    name: 'generator_tied_to_index',
    meaning: 'The draws belong to the sample: each sample meets the same values in every epoch.',
  },
  6: {
    variant: 6,
    name: 'resume_restarts_stream',
    meaning: 'After a resume the stream starts over, and the run draws again what it drew before the interruption.',
  },
  7: {
    variant: 7,
    name: 'shifted_reuse',
    meaning: 'Values are used again in another epoch, worker or run at a shifted place, as seed + epoch + worker does.',
  },
};
