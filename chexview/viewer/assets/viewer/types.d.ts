/* What chexview/viewer/scene.py sends, and what the modules here hand to each other. */

export interface VoiWindow { name?: string; centre: number; width: number; function: "LINEAR" | "LINEAR_EXACT" | "SIGMOID" }
export interface NamedWindow extends VoiWindow { name: string }
export interface TableData { name: string; first: number; bits: number; values: string }
export interface VoiTable { name: string; first: number; bits: number; table: Uint16Array }
export type Voi = VoiWindow | VoiTable;
export type NamedVoi = NamedWindow | VoiTable;

export interface Box { label: string; by_model: boolean; left: number; top: number; width: number; height: number }
export interface Spacing { row_mm: number; column_mm: number; words: string }
export interface Edges { left: string; right: string; top: string; bottom: string }
export interface Rectangle { top: number; left: number; bottom: number; right: number }

export interface FindingData {
  name: string; title: string; unit: string; score: string; flagged: boolean; total: string; scale: number; maps: string; contributions: string;
}
export interface HeatData {
  rectangle: Rectangle; rows: number; columns: number; colours: string; floor: number; words: string; checkpoint: string;
  findings: FindingData[];
}
export interface PaneData {
  id: string; title: string; alt: string; pixels: string; mask: string | null; coding: "plain" | "delta";
  rows: number; columns: number; display_rows: number; display_columns: number; aspect: number;
  scale: number; offset: number; inverted: boolean; views: (NamedWindow | TableData)[];
  spacing: Spacing | null; edges: Edges; boxes: Box[]; heat: HeatData | null; awaited: boolean;
}
export interface Covered { film: string; left: number; top: number; width: number; height: number; words: Record<string, string> }
export type LayoutName = "one" | "beside" | "pair";
export interface SceneData {
  panes: PaneData[]; chosen: string | null; linked: boolean; layout: LayoutName; painter: "" | "2d" | "webgl"; regions: boolean;
  covered: Covered[]; heat_on: boolean; arrival: string; notice: string;
}

export interface Finding extends Omit<FindingData, "maps" | "contributions"> { maps: Float32Array; contributions: Float32Array }
export interface Heat extends Omit<HeatData, "colours" | "findings"> {
  colours: Uint8Array<ArrayBuffer>; findings: Finding[]; byName: Map<string, Finding>; layer?: { wanted: string; canvas: HTMLCanvasElement };
}
export interface Pane extends Omit<PaneData, "views" | "heat"> { text: string; views: NamedVoi[]; heat: Heat | null }

export interface Level { width: number; height: number; data: Uint16Array; mask: Uint8Array | null }
export interface Film { levels: Level[]; bytes: number; masked: boolean }

export type Point = [number, number];
export type Turn = [number, number, number, number];
export interface Rect { x: number; y: number; width: number; height: number }
/** A pane's place on the screen; a, b, c, d are its turn, s the scale, sx and sy display pixels per stored pixel. */
export interface Placement {
  s: number; a: number; b: number; c: number; d: number; fit: number; sx: number; sy: number; wide: number; tall: number; tx: number; ty: number;
}
export interface View {
  chosen: string; window: VoiWindow | null; invert: boolean; turn: Turn; mode: "fit" | "real" | "free"; zoom: number; centre: Point;
}

export type MarkKind = "length" | "angle" | "ratio" | "region";
export type ToolName = MarkKind | "window" | "pan" | "lens";
export interface Mark { kind: MarkKind; points: Point[]; axis: 0 | 1 }
export interface MarkResult { value: number; unit: string; text: string }
export interface Region { left: number; top: number; width: number; height: number }

export interface Preferences { heat: boolean; opacity: number; threshold: number; grid: boolean; boxes: boolean }
export type Held = "" | "hide" | "original";

export interface Drawing { film: Film; greys: Float32Array; at: Placement; rect: Rect; key: string; fine: boolean }
export interface Painter {
  name: "2d" | "webgl"; begin(): void; draw(drawing: Drawing): void; takes(film: Film): boolean;
  read(rect: Rect): Uint8ClampedArray; flush(): void; release(): void;
}
export interface ComponentArguments<Data> {
  data: Data; parentElement: ShadowRoot | HTMLElement; setTriggerValue(name: string, value: unknown): void;
}
