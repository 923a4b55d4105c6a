import { useEffect, useState } from "preact/hooks";

export type Theme = "system" | "light" | "dark";
const KEY = "palimpsest-theme";
const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");

const chosen = (): Theme => {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "system";
};

function apply(theme: Theme): void {
  document.documentElement.dataset.theme = theme === "system" ? (darkSystem.matches ? "dark" : "light") : theme;
}

apply(chosen());

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(chosen());
  useEffect(() => {
    const follow = (): void => apply(chosen());
    darkSystem.addEventListener("change", follow);
    return () => darkSystem.removeEventListener("change", follow);
  }, []);
  return [
    theme,
    (next) => {
      localStorage.setItem(KEY, next);
      setTheme(next);
      apply(next);
    },
  ];
}

/** A colour of the style sheet, as a chart needs it; asked anew whenever the theme changes. */
export const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Calls back when the theme changes. */
export function onTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}
