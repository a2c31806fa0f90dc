/** A prompt the app offers to start from. */
export interface StartingPrompt {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

/** How many queries of the app's own data serve each purpose, and how many examples there are. */
export interface DataCounts {
  readonly train: number;
  readonly select: number;
  readonly test: number;
  readonly examples: number;
}
