/**
 * The types that the panels' modules share, for `tsc --checkJs`: nothing of this reaches the browser.
 *
 * The declarations are global, so JSDoc comments name them without an import. A type that only one module uses is
 * defined in that module.
 */

// Streamlit

/** What Streamlit calls a component (v2) with, at every change of its data or of the theme. */
interface ComponentCall<Data> {
  data: Data;
  parentElement: HTMLElement;
  setTriggerValue(name: string, value: unknown): void;
}

/** What every component gets from Python. */
interface PanelData {
  /** The name of the part; its root has the class `hl-<part>`. */
  part: string;
  /** The address of the style sheet. */
  css: string;
}

/** One panel on the page: an object that keeps its root up to date. */
interface PanelPart<Data> {
  readonly root: HTMLElement;
  update(call: ComponentCall<Data>): void;
  destroy(): void;
}

/** Streamlit's theme, as plain values: CSS colours and a font. */
interface Theme {
  background: string;
  text: string;
  muted: string;
  grid: string;
  border: string;
  primary: string;
  font: string;
}

// The live stream

/** The header of a frame (core/messages/frames.py). */
interface FrameHeader {
  seq: number;
  generation: number;
  status: string;
  epoch: number;
  epochs: number;
  ms_per_epoch: number | null;
  learning_rate: number | null;
  message: string;
  /** The name of its pace; may be empty. */
  speed: string;
  first_row: number;
  arrays: { name: string; dtype: string; shape: number[]; bits?: number[]; epoch?: number }[];
}

type FrameNumbers = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** An array of a frame; it is flat, and `shape` says what it holds. */
interface FrameArray {
  data: FrameNumbers;
  shape: number[];
  /** The epoch that it belongs to; null where nobody said. */
  epoch: number | null;
}

type FrameArrays = Record<string, FrameArray | undefined>;

/** What is known of a run. */
interface RunState {
  /** Of the latest frame; null before the first. */
  header: FrameHeader | null;
  /** The columns of the history by name, each with at least `rows` rows. */
  history: Record<string, number[]>;
  rows: number;
  /** The latest of every other array. */
  latest: FrameArrays;
  /** What is drawn: `latest`, or while an earlier epoch is viewed, the arrays of that epoch. */
  arrays: FrameArrays;
  /** The earlier epoch that is viewed, or null. */
  replayed: number | null;
  connection: "live" | "reconnecting" | "gone";
  /** How many frames have come. */
  received: number;
  bytes: number;
}

/** A part's hold on a stream. */
interface WatchedRun {
  readonly url: string;
  readonly state: RunState;
  /** Have all watchers draw an earlier epoch, or follow the run again (null). */
  show(replayed: { epoch: number; arrays: FrameArrays } | null): void;
  release(): void;
}

// Figures

type PlotlyTrace = Record<string, any>;
type PlotlyLayout = Record<string, any>;

interface PlotlyFigure {
  data: PlotlyTrace[];
  layout: PlotlyLayout;
}

/** An element that Plotly has drawn into. */
interface PlotlyElement extends HTMLElement, PlotlyFigure {
  _dragging?: boolean;
  /** The traces with every default, and with their arrays decoded. */
  _fullData?: PlotlyTrace[];
}

/** The functions of Plotly that the panels use. */
interface PlotlyLibrary {
  react(host: HTMLElement, data: PlotlyTrace[], layout: PlotlyLayout, config: object): Promise<unknown>;
  update(host: HTMLElement, trace: object, layout: PlotlyLayout, traces: readonly number[]): Promise<unknown>;
  relayout(host: HTMLElement, layout: PlotlyLayout): Promise<unknown>;
  downloadImage(figure: PlotlyFigure, options: object): Promise<unknown>;
  purge(host: HTMLElement): void;
}

interface Window {
  Plotly?: PlotlyLibrary;
}

/** How an array of the frames changes a figure (core/figures/feeds.py). */
type Feed =
  | { kind: "curve"; trace: number }
  | { kind: "score"; annotation: number; name: string }
  | { kind: "class_image"; image: number; colours: string[] }
  | { kind: "value_image"; image: number; colours: string[] }
  | { kind: "values"; traces: number[]; subtract: (number[] | null)[] }
  | { kind: "matrix"; counts: number; shares: number }
  | { kind: "epoch_mark"; shape: number }
  | { kind: "predictions"; trace: number; true_labels: number[]; right: string[]; wrong: string[] }
  | { kind: "mistakes"; true_trace: number; predicted_trace: number; names: string[]; right: string[]; wrong: string[] }
  | { kind: "pictures"; first_image: number; colours: string[] };

type FeedKind = Feed["kind"];
type FeedOf<Kind extends FeedKind> = Extract<Feed, { kind: Kind }>;

/** What a feed draws: a column of the history, an array, an epoch, or nothing yet. */
type FeedSource = number[] | FrameArray | number | undefined;

/** Changes of a figure: attributes by the number of the trace, and layout values by Plotly's path. */
interface FigureUpdate {
  traces: Record<number, Record<string, unknown>>;
  layout: Record<string, unknown>;
}

/** One button of a switch (core/figures/panel.py). */
interface SwitchOption {
  label: string;
  trace: Record<string, unknown>;
  traces: number[];
  layout: Record<string, unknown>;
}

interface FigureSwitch {
  label: string;
  options: SwitchOption[];
}

interface FigureCard {
  name: string;
  title: string;
  help: string;
  figure: PlotlyFigure;
  feeds: Record<string, Feed>;
  switches: FigureSwitch[];
}

// The inside of a network

/** A layer: the names of its weights, and what it does after the weighted sum. */
interface NetworkLayer {
  name: string;
  normalization: "none" | "batch" | "layer";
  normalizationName: string;
  activation: string;
}

/** A change by hand that is in force. */
interface Edit {
  epoch: number;
  kind: "set" | "silence" | "freeze";
  /** Of "silence" and "freeze": the hidden layer, from 0, and the unit. */
  layer: number;
  unit: number;
  /** Of "set": the name of the tensor and the index in it. */
  name: string;
  index: number[];
}

/** A network, as ui/inside/network_json.py describes it. Only `edits` changes while it trains. */
interface Network {
  /** Units of every level: inputs, hidden layers, output. */
  sizes: number[];
  /** Of every hidden layer and the output layer. */
  layers: NetworkLayer[];
  /** The number of classes; 0 if it predicts a number. */
  classes: number;
  /** Whether its outputs are scores instead of probabilities. */
  hinge: boolean;
  /** Name and shape of every weight, in order. */
  shapes: [string, number[]][];
  /** How frames carry the weights (frame_weights.js). */
  mode: "half" | "byte" | "summary";
  /** Of every level: its title, a short one, and what it consists of. */
  titles: [string, string, string][];
  /** The activation of every layer, as people call it. */
  activations: string[];
  inputs: {
    names: string[];
    /** What the inputs are computed from the two features, or null if they are the features. */
    derived: string[] | null;
    offset: number[];
    factor: number[];
    scaled: boolean;
  };
  /** The plane of two features; null with more or fewer. */
  plane: { low: [number, number]; high: [number, number] } | null;
  /** The rows that are followed through the levels; inputs are float32 as base64, null in a summary. */
  samples: { inputs: string | null; points: [number, number][] | null; labels: number[] };
  classNames: string[];
  classColours: string[];
  valueColours: string[];
  signColours: [string, string];
  /** A numeric target in its own units; null for classes. */
  target: { name: string; low: number; high: number; offset: number; factor: number } | null;
  edits: Edit[];
}

type Tensors = Record<string, Float32Array>;

/** The weights of a frame. `units` has the numbers of the units that the tensors hold, by level; `sizes` their count. */
interface Weights {
  tensors: Tensors;
  units: number[][];
  sizes: number[];
}

/** What a layer computes for some rows, each Float64Array (rows, units). */
interface LayerValues {
  /** Inputs times weights plus bias. */
  sums: Float64Array;
  /** The sums after the normalization. */
  normalized: Float64Array;
  /** The outputs of the activation. */
  outputs: Float64Array;
}

/** What the network computes for one sample. */
interface SampleValues {
  /** From 1. */
  number: number;
  layers: LayerValues[];
  /** What every level gives, inputs first. */
  values: ArrayLike<number>[];
  point: [number, number] | undefined;
}

/** A unit, or with `from` the connection from a unit of the level before; units are places in the tensors. */
interface NetworkTarget {
  level: number;
  unit: number;
  from?: number;
}

/** Units that were changed by hand, each as "level,unit". */
interface EditMarks {
  silenced: Set<string>;
  frozen: Set<string>;
  set: Set<string>;
}

/** A line of text beside an output. */
interface OutputLabel {
  text: string;
  colour?: string;
}

/** All that the drawings of the inside panel show. */
interface Scene {
  network: Network;
  weights: Weights | null;
  /** Places in the tensors of the units that are drawn, by level. */
  shown: number[][];
  maps: import("../inside/panel/unit_maps.js").UnitMaps | null;
  theme: Theme;
  sample: SampleValues | null;
  /** The index of the chosen sample. */
  chosen: number;
  marks: EditMarks;
  selected: NetworkTarget | null;
  /** Where the samples are after every level. */
  spaces: FrameArray | undefined;
  /** How well a linear model does after every level. */
  separable: FrameArray | undefined;
}
