import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import NumberField from '../../../src/ui/parts/NumberField.svelte';
import { numberProblem, readNumber } from '../../../src/ui/parts/number.ts';

const whole = { min: 1, max: 100, whole: true };
const fraction = { min: 0, max: 2, whole: false };

test.each([
  ['4', whole, 4],
  [' 100 ', whole, 100],
  ['101', whole, null],
  ['0', whole, null],
  ['4.5', whole, null],
  ['0.7', fraction, 0.7],
  ['0,7', fraction, 0.7],
  ['.5', fraction, 0.5],
  ['1e3', fraction, null],
  ['1,000', { min: 1, max: 5000, whole: true }, 1000],
  ['12 000', { min: 1, max: 50000, whole: true }, 12000],
  ['1,5', whole, null],
  ['', fraction, null],
  ['zero', fraction, null],
] as const)('“%s” in %o reads as %s', (typed, range, value) => {
  expect(readNumber(typed, range)).toBe(value);
});

test('the sentence for a wrong number names it, what would do, and what is used meanwhile', () => {
  expect(numberProblem('zero', whole, 4)).toBe(
    '“zero” does not fit here. Type a whole number from 1 to 100; until then 4 is used.',
  );
  expect(numberProblem(' ', fraction, 0.7)).toBe(
    'This is empty. Type a number from 0 to 2; until then 0.7 is used.',
  );
  expect(numberProblem('soon', { ...whole, max: 5000 }, null)).toBe(
    '“soon” does not fit here. Type a whole number from 1 to 5,000, or empty this field; until then there is no bound.',
  );
});

test('a wrong number shows its sentence, stays as typed and is not handed on', async () => {
  const onchange = vi.fn();
  const screen = await render(NumberField, { id: 'n', value: 4, range: whole, onchange });
  const field = screen.getByRole('textbox');
  await field.fill('zero');
  await userEvent.tab();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('“zero” does not fit here.');
  await expect.element(field).toHaveValue('zero');
  await expect.element(field).toHaveAttribute('aria-invalid', 'true');
  expect(onchange).not.toHaveBeenCalled();
});

test('the sentence goes as soon as the number fits, and the number is handed on', async () => {
  const onchange = vi.fn();
  const screen = await render(NumberField, { id: 'n', value: 4, range: whole, onchange });
  await screen.getByRole('textbox').fill('zero');
  await userEvent.tab();
  await screen.getByRole('textbox').fill('8');
  await expect.element(screen.getByRole('alert')).not.toBeInTheDocument();
  await userEvent.tab();
  expect(onchange.mock.calls).toEqual([[8]]);
});

test('an emptied bound is taken away, without a complaint', async () => {
  const props = { id: 'n', value: 4, range: whole, onchange: vi.fn(), onempty: vi.fn() };
  const screen = await render(NumberField, props);
  await screen.getByRole('textbox').fill('');
  await userEvent.tab();
  expect(props.onempty).toHaveBeenCalledOnce();
  expect(props.onchange).not.toHaveBeenCalled();
  await expect.element(screen.getByRole('alert')).not.toBeInTheDocument();
});

test('a bound that is not set is an empty field and takes a number', async () => {
  const props = { id: 'n', value: null, range: whole, onchange: vi.fn(), onempty: vi.fn() };
  const screen = await render(NumberField, props);
  await expect.element(screen.getByRole('textbox')).toHaveValue('');
  await screen.getByRole('textbox').fill('30');
  await userEvent.tab();
  expect(props.onchange.mock.calls).toEqual([[30]]);
  expect(props.onempty).not.toHaveBeenCalled();
});

test('arrow keys step inside the range only', async () => {
  const onchange = vi.fn();
  const screen = await render(NumberField, { id: 'n', value: 1, range: whole, onchange });
  await screen.getByRole('textbox').click();
  await userEvent.keyboard('{ArrowDown}{ArrowUp}');
  expect(onchange.mock.calls).toEqual([[2]]);
});

test('another preset replaces what was typed', async () => {
  const props = { id: 'n', value: 4, range: whole, onchange: vi.fn() };
  const screen = await render(NumberField, props);
  await screen.getByRole('textbox').fill('zero');
  await screen.rerender({ value: 20 });
  await expect.element(screen.getByRole('textbox')).toHaveValue('20');
});
