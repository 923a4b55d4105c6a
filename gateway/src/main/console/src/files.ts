import type { AuditLine, Ref, Spec } from "./types";
import { api } from "./api";

/** What a person has chosen for what the spec names. */
export interface Chosen {
  /** Files of a backbone's folder, or those of one that is known by its digests. */
  backbone: File[] | Record<string, Ref> | null;
  head: File | null;
  normaliser: File | null;
  members: File | null;
  controls: File | null;
  dataset: File[] | null;
}

export const NOTHING: Chosen = { backbone: null, head: null, normaliser: null, members: null, controls: null, dataset: null };

/** Why this spec cannot be submitted from the page; null when it can. */
export function unsupported(spec: Spec): string | null {
  const train = spec.target.train;
  if (train && (train.preset || /^[a-z0-9]+:/.test(train.dataset) || train.split || train.perClass > 0)) {
    return "This page reads datasets that are a folder with one sub-folder of images a class, all of them, without a split file. Submit this one with the command: palimpsest submit audit.yaml";
  }
  return null;
}

/** What is still missing. */
export function missing(spec: Spec, chosen: Chosen): string[] {
  const wants: [string, boolean][] = [
    ["backbone", chosen.backbone === null],
    ["head", spec.target.head !== null && !chosen.head],
    ["normaliser", spec.target.normaliser !== null && !chosen.normaliser],
    ["members", spec.knowledge?.members != null && !chosen.members],
    ["controls", spec.knowledge?.controls != null && !chosen.controls],
    ["dataset", spec.target.train !== null && !chosen.dataset],
  ];
  return wants.filter(([, is]) => is).map(([name]) => name);
}

async function sha256(content: Blob): Promise<string> {
  if (!globalThis.crypto?.subtle) {
    throw new Error("This browser computes digests only on https or localhost: open the console there, or use palimpsest submit.");
  }
  const digest = await crypto.subtle.digest("SHA-256", await content.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface Image {
  file: string;
  label: string;
  part: "member" | "heldout";
  ref: Ref;
}

/** The images of a folder as the command reads it: sub-folders are classes; of each, in the order of names, every second image is held out. */
export function images(files: File[], classes: string[]): { file: File; path: string; label: string; part: "member" | "heldout" }[] {
  const byClass = new Map<string, { file: File; path: string }[]>();
  for (const file of files) {
    const parts = (file.webkitRelativePath || file.name).split("/").slice(1);
    const label = parts[0];
    if (parts.length === 2 && label && /\.(jpe?g|png|webp|bmp|gif)$/i.test(file.name) && (classes.length === 0 || classes.includes(label))) {
      byClass.set(label, [...(byClass.get(label) ?? []), { file, path: parts.join("/") }]);
    }
  }
  return [...byClass.keys()].sort().flatMap((label) =>
    (byClass.get(label) ?? [])
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
      .map(({ file, path }, i) => ({ file, path, label, part: i % 2 === 0 ? ("member" as const) : ("heldout" as const) })),
  );
}

/** Uploads everything that is not in the store yet and submits; `told` hears how far it has come. */
export async function submit(text: string, spec: Spec, chosen: Chosen, key: string, told: (what: string, done: number, total: number) => void): Promise<Pick<AuditLine, "id">> {
  const one = async (area: string, file: File | null): Promise<Ref | null> => {
    if (!file) {
      return null;
    }
    told(file.name, 0, 1);
    return api.upload(area, file, await sha256(file));
  };
  const backbone: Record<string, Ref> = {};
  if (Array.isArray(chosen.backbone)) {
    for (const file of chosen.backbone.filter((file) => /\.(json|safetensors|txt)$/.test(file.name))) {
      told(file.name, 0, 1);
      backbone[file.name] = await api.upload("backbones", file, await sha256(file));
    }
  } else {
    Object.assign(backbone, chosen.backbone);
  }
  const head = spec.target.head ? await one("targets", chosen.head) : null;
  const normaliser = spec.target.normaliser ? await one("targets", chosen.normaliser) : null;
  const members = spec.knowledge?.members ? await one("knowledge", chosen.members) : null;
  const controls = spec.knowledge?.controls ? await one("knowledge", chosen.controls) : null;
  const sent: Image[] = [];
  if (spec.target.train && chosen.dataset) {
    const all = images(chosen.dataset, spec.target.train.classes);
    for (const { file, path, label, part } of all) {
      told("images", sent.length, all.length);
      sent.push({ file: path, label, part, ref: await api.upload("knowledge", file, await sha256(file)) });
    }
  }
  told("spec", 1, 1);
  return api.submit({ spec: text, backbone, head, normaliser, members, controls, images: sent }, key);
}
