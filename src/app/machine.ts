// What the screens may know of a machine without reaching into the engines' room.
export { slowSync, type Device as Machine } from '../llm/device.ts';
