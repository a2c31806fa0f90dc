import type { Transfer } from '../../app/model-rows.ts';
import { counted, minutesText, sizeText } from './format.ts';

/** A model on its way, into this browser or into memory. */
export type OnItsWay = Pick<Transfer, 'name' | 'progress' | 'mbPerSecond' | 'leftMs'>;

/** What a transfer is doing now, as a line above its bar. */
export function phaseText({ name: named, progress }: OnItsWay): string {
  const name = named || 'the model';
  switch (progress?.phase) {
    case undefined:
      return `Looking for ${name}…`;
    case 'wait':
      return `${name} waits: another model is at work`;
    case 'download':
      return `Downloading ${name}`;
    case 'retry':
      return `The connection broke off. Taking up ${name} again in a moment`;
    case 'check':
      return `Checking the files of ${name}`;
    case 'load':
      return `Loading ${name} into memory`;
    case 'prepare':
      return `Getting ${name} ready to answer`;
  }
}

/** How far it is, 0 to 1; null where nobody knows. */
export function doneShare({ progress }: OnItsWay): number | null {
  if (!progress?.totalMb) return null;
  return Math.min(1, progress.doneMb / progress.totalMb);
}

/** "312 MB of 880 MB · 12.4 MB/s · about 1 minute left", as much of it as is known; empty where nothing is. */
export function transferFigures(transfer: OnItsWay): string {
  const { progress, mbPerSecond, leftMs } = transfer;
  const moving = progress?.phase === 'download';
  const figures = [
    progress && amountText(progress.doneMb, progress.totalMb),
    moving && mbPerSecond !== null && `${speedNumber.format(mbPerSecond * toShown)} MB/s`,
    moving && leftMs !== null && `${leftText(leftMs)} left`,
  ];
  return figures.filter(Boolean).join(' · ');
}

const speedNumber = new Intl.NumberFormat(undefined, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

// A download counts MB of 10⁶ bytes; every size on screen is in MB of 2²⁰.
const toShown = 1e6 / 2 ** 20;
const shown = (mb: number): string => sizeText(mb * toShown);

function amountText(doneMb: number, totalMb: number | null): string {
  if (totalMb === null) return doneMb > 0 ? shown(doneMb) : '';
  return `${shown(doneMb)} of ${shown(totalMb)}`;
}

function leftText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds <= 90) return `about ${counted(Math.max(5, 5 * Math.ceil(seconds / 5)), 'second')}`;
  return minutesText(seconds / 60);
}
