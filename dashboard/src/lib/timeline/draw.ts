/** Timeline lanes on a canvas. Colours are read from the page at draw time, so a theme needs a redraw only. */
import type { Role } from "../../api/types";
import type { Item, LaneId, TimelineModel } from "./model";

export const LANE_GAP = 4;
export const AXIS_HEIGHT = 20;

type Colours = Record<"customer" | "agent" | "other" | "positive" | "negative" | "category" | "lane" | "silence" | "line" | "muted" | "playhead" | "ink", string>;

const NAMES = ["customer", "agent", "other", "positive", "negative", "category", "lane", "silence", "line", "muted", "playhead", "ink"] as const;

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function readColours(element: Element): Colours {
  const style = getComputedStyle(element);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours;
}

export function timelineHeight(model: TimelineModel): number {
  return model.lanes.reduce((sum, lane) => sum + lane.height + LANE_GAP, 0) + AXIS_HEIGHT;
}

export function laneAt(model: TimelineModel, y: number): LaneId | null {
  let top = 0;
  for (const lane of model.lanes) {
    if (y >= top && y < top + lane.height + LANE_GAP) return lane.id;
    top += lane.height + LANE_GAP;
  }
  return null;
}

/** Size the canvas for the screen's pixels and give its context in CSS pixels. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

export function drawTimeline(canvas: HTMLCanvasElement, model: TimelineModel, width: number): void {
  const context = prepare(canvas, width, timelineHeight(model));
  if (!context) return;
  const colours = readColours(canvas);
  const scale = width / model.duration;
  let y = 0;
  for (const lane of model.lanes) {
    const box = { x: 0, y, width, height: lane.height };
    context.fillStyle = colours.lane;
    context.beginPath();
    context.roundRect(0, y, width, lane.height, 4);
    context.fill();
    drawLane(context, lane.id, model, box, scale, colours);
    y += lane.height + LANE_GAP;
  }
  drawAxis(context, model.duration, y, width, scale, colours);
}

function drawLane(context: CanvasRenderingContext2D, id: LaneId, model: TimelineModel, box: Box, scale: number, colours: Colours): void {
  const items = model.items.filter((one) => one.lane === id);
  switch (id) {
    case "agentWave":
      return drawWave(context, model.agentPeaks, box, colours.agent);
    case "customerWave":
      return drawWave(context, model.customerPeaks, box, colours.customer);
    case "speech":
      return drawSpeech(context, items, box, scale, colours);
    case "messages":
      return drawMessages(context, items, box, scale, colours);
    case "nonTalk":
      return items.forEach((one) => drawHatched(context, bar(one, box, scale, 2), colours.silence, colours.muted));
    case "responses":
      return items.forEach((one) => drawGap(context, one, box, scale, colours));
    case "interruptions":
      return items.forEach((one) => drawInterruption(context, one, box, scale, colours));
    case "categories":
      return items.forEach((one) => fill(context, bar(one, box, scale, 3), colours.category, 3));
    case "sentiment":
      return drawSentiment(context, items, box, scale, colours);
  }
}

const colourOf = (role: Role, colours: Colours): string =>
  role === "CUSTOMER" ? colours.customer : role === "AGENT" ? colours.agent : colours.other;

function bar(item: Item, box: Box, scale: number, inset: number): Box {
  const width = Math.max(3, (item.end - item.begin) * scale);
  return { x: item.begin * scale, y: box.y + inset, width, height: box.height - 2 * inset };
}

function fill(context: CanvasRenderingContext2D, box: Box, colour: string, radius: number): void {
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, Math.min(radius, box.width / 2));
  context.fill();
}

/** One bar of 2 px with 1 px between, as loud as the loudest peak it stands for. */
function drawWave(context: CanvasRenderingContext2D, peaks: number[], box: Box, colour: string): void {
  const bars = Math.floor(box.width / 3);
  const middle = box.y + box.height / 2;
  context.fillStyle = colour;
  for (let index = 0; index < bars; index++) {
    const from = Math.floor((index / bars) * peaks.length);
    const to = Math.max(from + 1, Math.floor(((index + 1) / bars) * peaks.length));
    const peak = Math.max(0, ...peaks.slice(from, to));
    const height = Math.max(1, Math.sqrt(peak) * (box.height - 6));
    context.fillRect(index * 3, middle - height / 2, 2, height);
  }
}

function drawSpeech(context: CanvasRenderingContext2D, items: Item[], box: Box, scale: number, colours: Colours): void {
  const half = box.height / 2;
  for (const one of items) {
    const top = one.role === "AGENT" ? 0 : half;
    fill(context, bar(one, { ...box, y: box.y + top, height: half }, scale, 2), colourOf(one.role, colours), 2);
  }
}

function drawMessages(context: CanvasRenderingContext2D, items: Item[], box: Box, scale: number, colours: Colours): void {
  const row: Partial<Record<Role, number>> = { AGENT: 0, CUSTOMER: 1 };
  for (const one of items) {
    const y = box.y + (((row[one.role] ?? 2) + 0.5) * box.height) / 3;
    context.fillStyle = colourOf(one.role, colours);
    context.beginPath();
    context.arc(one.begin * scale, y, 4, 0, 7);
    context.fill();
  }
}

function drawGap(context: CanvasRenderingContext2D, item: Item, box: Box, scale: number, colours: Colours): void {
  const top = item.role === "AGENT" ? 3 : box.height / 2 + 1;
  const height = box.height / 2 - 4;
  fill(context, bar(item, { ...box, y: box.y + top, height }, scale, 0), colourOf(item.role, colours), 3);
}

/** Silence is hatched: it must not rest on a shade of grey. */
function drawHatched(context: CanvasRenderingContext2D, box: Box, colour: string, stroke: string): void {
  fill(context, box, colour, 3);
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.strokeStyle = stroke;
  context.globalAlpha = 0.5;
  context.beginPath();
  for (let x = box.x - box.height; x < box.x + box.width; x += 5) {
    context.moveTo(x, box.y + box.height);
    context.lineTo(x + box.height, box.y);
  }
  context.stroke();
  context.restore();
}

function drawInterruption(context: CanvasRenderingContext2D, item: Item, box: Box, scale: number, colours: Colours): void {
  const { x, y, width, height } = bar(item, box, scale, 2);
  fill(context, { x, y, width, height }, colours.negative, 2);
  context.fillStyle = colourOf(item.role, colours);
  context.fillRect(x, y, 3, height);
}

function drawSentiment(context: CanvasRenderingContext2D, items: Item[], box: Box, scale: number, colours: Colours): void {
  const middle = box.y + box.height / 2;
  const y = (value: number): number => middle - (value / 5) * (box.height / 2 - 6);
  context.strokeStyle = colours.line;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(box.x, middle);
  context.lineTo(box.x + box.width, middle);
  context.stroke();
  for (const role of ["AGENT", "CUSTOMER"] as const) {
    const points = items
      .filter((one) => one.role === role)
      .map((one) => ({ x: ((one.begin + one.end) / 2) * scale, y: y(one.value ?? 0), value: one.value ?? 0 }));
    context.globalAlpha = role === "AGENT" ? 0.5 : 1;
    drawLine(context, points, colourOf(role, colours), role === "AGENT");
    points.forEach((point) => drawPoint(context, point, role, colours));
    context.globalAlpha = 1;
  }
}

function drawLine(context: CanvasRenderingContext2D, points: { x: number; y: number }[], colour: string, dashed: boolean): void {
  context.strokeStyle = colour;
  context.lineWidth = dashed ? 1.25 : 1.75;
  context.setLineDash(dashed ? [3, 3] : []);
  context.lineJoin = "round";
  context.beginPath();
  points.forEach((point, index) => (index ? context.lineTo(point.x, point.y) : context.moveTo(point.x, point.y)));
  context.stroke();
  context.setLineDash([]);
}

/** Above the middle is positive, below negative: the place says what the colour repeats. */
function drawPoint(context: CanvasRenderingContext2D, point: { x: number; y: number; value: number }, role: Role, colours: Colours): void {
  const strong = Math.abs(point.value) >= 1;
  context.fillStyle = !strong ? colourOf(role, colours) : point.value > 0 ? colours.positive : colours.negative;
  context.beginPath();
  context.arc(point.x, point.y, role === "CUSTOMER" ? 3.25 : 2, 0, 7);
  context.fill();
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

function drawAxis(context: CanvasRenderingContext2D, duration: number, y: number, width: number, scale: number, colours: Colours): void {
  const step = (STEPS.find((seconds) => seconds * 1000 * scale >= 72) ?? 86_400) * 1000;
  context.fillStyle = colours.muted;
  context.strokeStyle = colours.line;
  context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  context.textBaseline = "top";
  for (let ms = 0; ms < duration; ms += step) {
    const x = ms * scale;
    context.beginPath();
    context.moveTo(x + 0.5, y);
    context.lineTo(x + 0.5, y + 5);
    context.stroke();
    if (x < width - 28) context.fillText(clock(ms), x + 4, y + 4);
  }
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number): string => `${value}`.padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${Math.floor((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest.padStart(5, "0")}` : rest;
}

export function drawPlayhead(canvas: HTMLCanvasElement, model: TimelineModel, width: number, ms: number): void {
  const height = timelineHeight(model);
  const context = prepare(canvas, width, height);
  if (!context) return;
  const x = Math.min(width - 1, Math.max(1, (ms / model.duration) * width));
  context.fillStyle = readColours(canvas).playhead;
  context.globalAlpha = 0.05;
  context.fillRect(0, 0, x, height - AXIS_HEIGHT);
  context.globalAlpha = 1;
  context.fillRect(x - 0.75, 0, 1.5, height - AXIS_HEIGHT + 4);
  context.beginPath();
  context.arc(x, height - AXIS_HEIGHT + 4, 4, 0, 7);
  context.fill();
}
