/** Line icons on a 16-pixel grid, drawn for this console. */
const PATHS = {
  plus: "M8 3v10M3 8h10",
  list: "M3 4h10M3 8h10M3 12h10",
  compare: "M2.5 3h4v10h-4zM9.5 3h4v10h-4z",
  study: "M2.500 2.500v11h11M6 10h.01M8.500 7.500h.01M10 5h.01M12.500 4h.01",
  layers: "M8 2.5l6 3-6 3-6-3zM2 8.2l6 3 6-3M2 11l6 3 6-3",
  letter: "M2 4h12v8.5H2zM2 4.5l6 4.5 6-4.5",
  exit: "M6 3H3v10h3M10 5l3 3-3 3M13 8H6.5",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5",
  system: "M2 3h12v8H2zM6 14h4M8 11v3",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3l8 5-8 5z",
  stop: "M4 4h8v8H4z",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  hidden: "M2 2l12 12M6.5 3.7C11.5 2.5 14.5 8 14.5 8s-.8 1.5-2.3 2.8M9.8 12.2C4.5 13.5 1.5 8 1.5 8s.9-1.7 2.7-3",
  left: "M10 3L5 8l5 5",
  right: "M6 3l5 5-5 5",
  close: "M4 4l8 8M12 4l-8 8",
  report: "M4 1.8h5.5L13 5.3v9H4zM9 2v4h4M6 9h5M6 11.5h5",
  gallery: "M2 3h12v10H2zM2 11l3.5-4 3 3.2L10.500 8 14 11.500M10.500 5.500h.01",
  check: "M3 8.500l3.200 3.200L13 4.500",
  cross: "M4 4l8 8M12 4l-8 8",
  wait: "M8 2.200a5.800 5.800 0 1 0 0 11.600A5.800 5.800 0 0 0 8 2.200M8 5v3.200l2 1.500",
  search: "M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9M10.300 10.300L14 14",
  upload: "M8 11V2.500M4.800 5.500L8 2.300l3.200 3.200M2.500 10.500v3h11v-3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
