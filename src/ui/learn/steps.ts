import type { Component } from 'svelte';
import type { Recording } from '../../view/learn/recording.ts';
import BeamStep from './steps/BeamStep.svelte';
import CriteriaStep from './steps/CriteriaStep.svelte';
import EditStep from './steps/EditStep.svelte';
import ExamplesStep from './steps/ExamplesStep.svelte';
import PromptStep from './steps/PromptStep.svelte';
import RatingStep from './steps/RatingStep.svelte';
import VerdictStep from './steps/VerdictStep.svelte';

/** A step of the lesson. Its component shows itself with or without the recorded run. */
export interface LessonStep {
  readonly title: string;
  readonly Step: Component<{ recording: Recording | null; number: number; title: string }>;
}

/** The lesson, in the order it is told. */
export const steps: readonly LessonStep[] = [
  { title: 'A prompt steers a model', Step: PromptStep },
  { title: 'A judge picks what matters', Step: CriteriaStep },
  { title: 'A rating is an expectation', Step: RatingStep },
  { title: 'Examples show the way', Step: ExamplesStep },
  { title: 'An edit answers a criticism', Step: EditStep },
  { title: 'Beam search keeps the best few', Step: BeamStep },
  { title: 'An honest verdict', Step: VerdictStep },
];
