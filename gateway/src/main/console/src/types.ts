/** What the gateway answers; the OpenAPI document of the gateway says what each field means. */

export type Stage = "embed" | "reconstruct" | "select" | "invert";
export const STAGES: readonly Stage[] = ["embed", "reconstruct", "select", "invert"];

export const STATES = ["requested", "embedding", "reconstructing", "selecting", "inverting", "paused", "done", "failed", "cancelled", "erased"] as const;
export type State = (typeof STATES)[number];
export const GRADES = ["A", "B", "C", "D", "E"] as const;

export interface AuditLine {
  id: string;
  name: string;
  state: State;
  requested: string | null;
  updated: string | null;
  grade: string | null;
  pictures: number;
  expectedPictures: number;
  failures: number;
  backbone: string;
}

export interface AuditPage {
  audits: AuditLine[];
  next: string | null;
  total: number;
}

export interface Piece {
  piece: string;
  done: number;
  total: number;
  noun: string;
  state: string;
  text: string;
  figures: Record<string, number>;
  preview: object | null;
}

export interface StageView {
  stage: Stage;
  state: "waiting" | "running" | "done" | "failed";
  pieces: Piece[];
}

export interface Verdict {
  grade: string;
  rule: string;
  members: number;
  controls: number;
  matched: Record<string, number>;
  recoverable: Record<string, number>;
  matchedControls: Record<string, number>;
  nullMaximum: number;
  tprAtFpr1: number;
  tprAtFpr5: number;
  auc: number;
  /** Absent in audits of earlier releases, as what follows. */
  precision?: Record<string, number>;
  withMembers?: { candidates: number; matched: Record<string, number>; matchedControls: Record<string, number>; nullMaximum: number };
}

export interface AuditView {
  id: string;
  name: string;
  state: State;
  version: number;
  requested: string | null;
  updated: string | null;
  stages: StageView[];
  verdict: Verdict | null;
  pictures: { item: string; rank: number; cosine: number; steps: number; nearest: string | null; nearestCosine: number | null; href: string }[];
  expectedPictures: number;
  failures: string[];
  waits: string[];
  backbone: string;
  erasure: { when: string; by: string } | null;
}

export interface Curve {
  stage: Stage;
  piece: string;
  figure: string;
  noun: string;
  done: number[];
  values: number[];
}

/** Numbers behind the plots; of those of the report only what the console draws. */
export interface Plots {
  bins: number[];
  members: number[];
  controls: number[];
  thresholds: number[];
  recovered: number[];
  recoverable: number[];
  chance: number[];
}

export interface Near {
  file: string;
  cosine: number;
  image: string | null;
}

export interface Tile {
  id: string;
  rank: number;
  label: number;
  labelName: string;
  support: number;
  score: number;
  state: "none" | "waiting" | "running" | "done" | "failed";
  item: string | null;
  pictureCosine: number | null;
  steps: number | null;
  picture: string | null;
  nearest: Near | null;
  nearestControl: Near | null;
  aboveNull: boolean;
  upperBound: string | null;
  early: boolean;
}

export interface GalleryPage {
  tiles: Tile[];
  next: string | null;
  total: number;
}

export interface Difference {
  value: number;
  low: number;
  high: number;
}

export interface Comparison {
  audits: { id: string; name: string; state: State; grade: string | null; backbone: string; dataset: string | null; cosines: number[] }[];
  spec: { path: string; values: (string | null)[] }[];
  measures: { name: string; values: (number | null)[]; differences: (Difference | null)[] }[];
  gallery: { name: string; tiles: (Tile | null)[] }[];
}

export interface BackboneLine {
  name: string;
  family: string;
  bytes: number;
  files: { name: string; sha256: string; bytes: number }[];
  audits: number;
  leaking: number;
  lastUsed: string | null;
}

export interface DeadLetter {
  id: string;
  stage: Stage;
  audit: string | null;
  unit: string | null;
  topic: string;
  partition: number;
  offset: number;
  code: string;
  reason: string;
  attempt: number;
  time: string;
  bytes: number;
  state: "open" | "replayed" | "dropped";
  decided: string | null;
}

export interface LetterPage {
  letters: DeadLetter[];
  next: string | null;
  total: number;
}

export interface SpecProblem {
  line: number;
  path: string;
  text: string;
}

/** The spec as it was read, with its defaults; only what the console looks at. */
export interface Spec {
  name: string;
  backbone: string;
  target: {
    head: string | null;
    normaliser: string | null;
    train: { dataset: string; split: string | null; classes: string[]; perClass: number; preset?: string } | null;
  };
  knowledge: { members: string | null; controls: string | null } | null;
}

export interface Lint {
  problems: SpecProblem[];
  spec: Spec | null;
}

export interface Ref {
  key: string;
  sha256: string;
  bytes: number;
}

export const ended = (state: State): boolean => state === "done" || state === "failed" || state === "cancelled" || state === "erased";
