// Cuts chunks of text or UTF-8 into lines, wherever the chunks break.
import { TraceLineError } from './errors.ts';

/** Characters of the longest line. */
export const LONGEST_LINE = 1_048_576;

export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest = '';
  #line = 0;

  /** Lines handed out so far. */
  get line(): number {
    return this.#line;
  }

  /**
   * Hands each line that this chunk completes to `take`, with its number from 1 and without its end of line.
   * @throws TraceLineError for a line longer than 1,048,576 characters
   */
  push(chunk: string | Uint8Array, take: (text: string, line: number) => void): void {
    // Bytes may end inside a character, and the decoder keeps those; a text chunk comes after whole characters.
    const text = typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#hand(this.#rest + text.slice(start, end), take);
      this.#rest = '';
      start = end + 1;
    }
    this.#rest += start === 0 ? text : text.slice(start);
    this.#check(this.#rest);
  }

  /** Hands out the last line if no end of line closed it. */
  end(take: (text: string, line: number) => void): void {
    this.#rest += this.#decoder.decode();
    if (this.#rest !== '') this.#hand(this.#rest, take);
    this.#rest = '';
  }

  #check(text: string): void {
    if (text.length <= LONGEST_LINE) return;
    const limit = LONGEST_LINE.toLocaleString('en-US');
    throw new TraceLineError(this.#line + 1, 'line', `more than ${limit} characters`, `at most ${limit} characters`);
  }

  #hand(raw: string, take: (text: string, line: number) => void): void {
    this.#check(raw);
    let text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (this.#line === 0 && text.startsWith('\uFEFF')) text = text.slice(1);
    take(text, ++this.#line);
  }
}
