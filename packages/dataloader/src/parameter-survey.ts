// Counts the distinct augmentation parameters that an image meets, on images spread evenly over the dataset.

/** Enough for a mean of three digits; every parameter of ten million would cost more than the count of blocks. */
const SURVEYED_IMAGES = 1000;

export class ParameterSurvey {
  readonly #seen = new Map<number, Set<string>>();
  readonly #surveyed: Uint8Array;

  constructor(sampleCount: number) {
    this.#surveyed = new Uint8Array(sampleCount);
    const images = Math.min(sampleCount, SURVEYED_IMAGES);
    for (let k = 0; k < images; k++) this.#surveyed[Math.floor((k * sampleCount) / images)] = 1;
  }

  covers(index: number): boolean {
    return this.#surveyed[index] === 1;
  }

  /** @param parameters any JSON value */
  record(index: number, parameters: unknown): void {
    let seen = this.#seen.get(index);
    if (seen === undefined) this.#seen.set(index, (seen = new Set()));
    seen.add(JSON.stringify(parameters));
  }

  /** Surveyed images that were served at least once. */
  get images(): number {
    return this.#seen.size;
  }

  meanDistinct(): number {
    let distinct = 0;
    for (const seen of this.#seen.values()) distinct += seen.size;
    return distinct / this.#seen.size;
  }
}
