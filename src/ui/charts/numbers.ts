import { numbersIn } from '../../view/numbers.ts';

/** Numbers of charts and tables in the reader's locale. */
export const { score, plain, percent, duration } = numbersIn();
